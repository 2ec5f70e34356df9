"""The open connections of a listening place: counted, timed, and ended in order, whatever is spoken on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import ClassVar, Final, cast

from phaseout.gate.settings import Limits


class OpenConnections:
    """The open connections; those that dawdle are closed.

    Args:
        limits: what a caller may take.
        refused: is told why a request was none.
    """

    def __init__(self, limits: Limits, refused: Callable[[str], None]) -> None:
        """Begin without any."""
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

    def connection(self) -> OpenConnection:
        """Make one; for the event loop."""
        raise NotImplementedError

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
        if self._transport:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        if self._transport:
            self._transport.resume_reading()

    # What the sweep and the end call.

    def time_is_up(self) -> None:
        """Close it: at once when a request dawdles, quietly when there is none."""
        if self._busy:
            self._refuse("too slow", self.too_slow)
        elif self._transport:
            # One that does not take its answers would keep a mere close waiting for ever.
            self._transport.abort()

    def close_when_idle(self) -> None:
        """Close it now, or after the request that it is in the middle of."""
        if not self._busy and self._transport:
            self._transport.close()

    # What the protocol calls.

    def _refuse(self, why: str, words: bytes) -> None:
        """Count what was no question, say the protocol's words for that, and close."""
        self._all.refused(why)
        if self._transport and not self._transport.is_closing():
            if words:
                self._transport.write(words)
            self._transport.close()
