"""The open connections of a listening place: counted, timed, and ended in order, whatever is spoken on them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from time import monotonic
from typing import ClassVar, Final, cast

from phaseout.gate.settings import Limits

Soon = Callable[[Callable[[], None]], object]


MOST_SAID: Final = 64
"""Answers after which a connection is read no further in a turn: who asks much at once must not keep others waiting."""


def at_once(call: Callable[[], None]) -> None:
    """Do what should be done soon at once."""
    call()


def nothing() -> bool:
    """Do nothing, and let the answers go."""
    return True


class OpenConnections(ABC):
    """The open connections; those that dawdle are closed.

    Args:
        limits: what a caller may take.
        refused: is told why a request was none.
        soon: calls what it is given at the end of this turn of the event loop, as its ``call_soon`` does.
        settle: is called before the answers of a turn are written, once for all of them, and says whether they may be.
    """

    def __init__(
        self,
        limits: Limits,
        refused: Callable[[str], None],
        soon: Soon = at_once,
        settle: Callable[[], bool] = nothing,
    ) -> None:
        """Begin without any."""
        self._soon: Final = soon
        self._settle: Final = settle
        self._speaking: list[OpenConnection] = []
        self.limits: Final = limits
        self.refused: Final = refused
        self.open: Final[set[OpenConnection]] = set()
        self.pending: Final[set[OpenConnection]] = set()
        """Those whose handshake goes on; they count as open ones."""
        self.closing = False

    @property
    def is_full(self) -> bool:
        """Whether there are as many as may be."""
        return len(self.open) + len(self.pending) >= self.limits.connections

    @property
    def has_pending_enough(self) -> bool:
        """Whether no further handshake may begin: half of the room is for those whom strangers can't keep out."""
        return self.is_full or 2 * len(self.pending) >= self.limits.connections

    @abstractmethod
    def connection(self) -> OpenConnection:
        """Make one; for the event loop."""

    def speaks(self, connection: OpenConnection) -> None:
        """Hear that a connection has something to write in this turn."""
        self._speaking.append(connection)
        if len(self._speaking) == 1:
            self._soon(self._end_turn)

    def _end_turn(self) -> None:
        """Let all that have something to write do it."""
        speaking, self._speaking = self._speaking, []
        may_speak = self._settle()
        for connection in speaking:
            connection.write() if may_speak else connection.hang_up()

    def sweep(self) -> None:
        """Close those whose time is up; called twice a second."""
        now = monotonic()
        for connection in [each for each in self.open if each.ends_at <= now]:
            connection.time_is_up()

    def close(self) -> None:
        """Let each finish what it is doing, and close it."""
        self.closing = True
        for connection in list(self.open):
            connection.close_when_idle()


class OpenConnection(asyncio.Protocol):
    """One connection of a caller; its protocol adds ``data_received``."""

    too_many: ClassVar[bytes] = b""
    """What the protocol says to one connection too many."""

    too_slow: ClassVar[bytes] = b""
    """What it says to a request that dawdles."""

    def __init__(self, all_: OpenConnections) -> None:
        """Wait for the first request."""
        self._all = all_
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._is_last = False
        self._is_stuck = False
        self._busy = False
        self.ends_at = monotonic() + all_.limits.idle

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it in, unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # a stream's, by contract; uvloop's is of no class of asyncio's
        self._all.pending.discard(self)
        if self._all.is_full:
            self._refuse("too many connections", self.too_many)
            return
        self._all.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Count it out."""
        self._all.open.discard(self)
        self._transport = None

    def pause_writing(self) -> None:
        """Read no further question from a caller that does not take its answers."""
        self._is_stuck = True
        if self._transport:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        self._is_stuck = False
        if self._transport:
            self._transport.resume_reading()

    # What the sweep and the end call.

    def time_is_up(self) -> None:
        """Close it: at once when a request dawdles, quietly when there is none."""
        if self._busy:
            self._refuse("too slow", self.too_slow)
        else:
            # One that does not take its answers would keep a mere close waiting for ever.
            self._abort()

    def close_when_idle(self) -> None:
        """Close it now, or after the request that it is in the middle of."""
        if not self._busy:
            self._is_last = True
            if self._transport and not self._out:
                self._transport.close()

    def write(self) -> None:
        """Write what was said in this turn of the event loop, and close when that was the last."""
        if self._transport:
            if words := b"".join(self._out):
                self._transport.write(words)
            if self._is_last:
                self._transport.close()
            elif len(self._out) >= MOST_SAID and not self._is_stuck:
                self._transport.resume_reading()
        self._out.clear()

    def hang_up(self) -> None:
        """Close at once, without the answers of this turn: what they rest on could not be written down."""
        self._abort()

    # What the protocol calls.

    def _say(self, words: bytes, *, is_last: bool = False) -> None:
        """Have something written at the end of this turn; nothing more is heard after the last word, which may be none."""
        self._is_last = is_last
        self._out.append(words)
        if len(self._out) == 1:
            self._all.speaks(self)
        elif len(self._out) == MOST_SAID and self._transport:
            self._transport.pause_reading()

    def _refuse(self, why: str, words: bytes) -> None:
        """Count what was no question, say the protocol's words for that, and close."""
        self._all.refused(why)
        if self._transport and not self._is_last:
            self._say(words, is_last=True)

    def _abort(self) -> None:
        """Close at once, without a further word."""
        self._is_last = True
        self._out.clear()
        if self._transport:
            self._transport.abort()
