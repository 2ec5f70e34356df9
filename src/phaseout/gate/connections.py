"""The open connections of a listening place: counted, timed, and ended in order, whatever is spoken on them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from time import monotonic
from typing import ClassVar, Final, cast

from phaseout.gate.settings import Limits

Soon = Callable[[Callable[[], None]], object]


AT_ONCE: Final = 4096
"""Bytes of one connection that are read in a turn: what comes in one piece may be thousands of questions, and others wait."""

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
        self.soon: Final = soon
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

    def make_room(self) -> None:
        """Let the one that has been idle longest give way where there is no room for another: callers come back by themselves."""
        if self.is_full:
            idle = [each for each in self.open if not each.is_busy]
            if idle:
                longest = min(idle, key=lambda each: each.ends_at)
                self.open.discard(longest)
                longest.hang_up()

    @abstractmethod
    def connection(self) -> OpenConnection:
        """Make one; for the event loop."""

    def speaks(self, connection: OpenConnection) -> None:
        """Hear that a connection has something to write in this turn."""
        self._speaking.append(connection)
        if len(self._speaking) == 1:
            self.soon(self._end_turn)

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


class OpenConnection(asyncio.Protocol, ABC):
    """One connection of a caller; its protocol adds ``take``."""

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
        self._is_stuck = self._is_going_on = False
        self._rest = b""
        self._busy = False
        # Who has asked nothing yet has no longer than a question may take.
        self.ends_at = monotonic() + all_.limits.seconds

    @property
    def is_busy(self) -> bool:
        """Whether a question has begun that is not answered."""
        return self._busy

    @abstractmethod
    def take(self, data: bytes) -> None:
        """Read some of what came; each whole question is answered on the spot."""

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it in, unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # a stream's, by contract; uvloop's is of no class of asyncio's
        self._all.pending.discard(self)
        self._all.make_room()
        if self._all.is_full:
            self._refuse("too many connections", self.too_many)
            return
        self._all.open.add(self)

    def data_received(self, data: bytes) -> None:
        """Read what came: so much of it that nobody else waits long, and the rest in the next turn."""
        if len(data) <= AT_ONCE and not self._rest:
            self.take(data)
            return
        data = self._rest + data
        self._rest = data[AT_ONCE:]
        if self._transport:
            self._transport.pause_reading()
        self.take(data[:AT_ONCE])
        self._read_on()

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
        self._read_on()

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
            elif len(self._out) >= MOST_SAID:
                self._out.clear()
                self._read_on()
        self._out.clear()

    def hang_up(self) -> None:
        """Close at once, without the answers of this turn: what they rest on could not be written down."""
        self._abort()

    def _read_on(self) -> None:
        """Read what came and was left, or what comes next, unless nothing more is taken for now."""
        if self._is_stuck or self._is_last or not self._transport or len(self._out) >= MOST_SAID:
            return
        if not self._rest:
            self._transport.resume_reading()
        elif not self._is_going_on:
            self._is_going_on = True
            self._all.soon(self._go_on)

    def _go_on(self) -> None:
        """Read on in a new turn."""
        self._is_going_on = False
        if self._is_last or self._is_stuck or not self._transport:
            return
        rest, self._rest = self._rest, b""
        self.data_received(rest)
        self._read_on()

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
