"""Protocols other than HTTP: questions cut out of a stream, one write per answer, and no answer where there is none."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from time import monotonic
from typing import Final, NamedTuple

from phaseout.gate.connections import OpenConnection, OpenConnections, Soon, at_once, nothing
from phaseout.gate.http import Handler, Request
from phaseout.gate.settings import Limits


class Wire(NamedTuple):
    """How a protocol that is not HTTP stands on its connection.

    Its questions are put into the form of requests, so that its caller is one like all others. The body of an answer with status
    200 is what is written; any other answer is written as nothing, and ends the connection: such protocols take that for what
    an error is in HTTP.

    Attributes:
        cut: returns the length of the first whole question of what has come, its end included; 0 while it isn't whole.
        request: puts the bytes of one question into the form of a request; never raises.
        begins: with what every answer begins, and nothing else that ends as an answer does.
    """

    cut: Callable[[bytearray], int]
    request: Callable[[bytes], Request]
    begins: bytes


class WireConnections(OpenConnections):
    """The open connections of one protocol's listening places.

    Args:
        limits: what a caller may take; ``body`` holds for a question.
        wire: the protocol.
        handler: answers a request, at once.
        refused: is told why a request was none.
        soon: calls what it is given at the end of this turn of the event loop, as its ``call_soon`` does.
        settle: is called before the answers of a turn are written, once for all of them, and says whether they may be.
    """

    def __init__(
        self,
        limits: Limits,
        wire: Wire,
        handler: Handler,
        refused: Callable[[str], None],
        soon: Soon = at_once,
        settle: Callable[[], bool] = nothing,
    ) -> None:
        """Begin without any."""
        super().__init__(limits, refused, soon, settle)
        self.wire: Final = wire
        self.handler: Final = handler

    def connection(self) -> WireConnection:
        """Make one; for the event loop."""
        return WireConnection(self)


class WireConnection(OpenConnection):
    """One connection of a caller."""

    def __init__(self, all_: WireConnections) -> None:
        """Wait for the first question."""
        super().__init__(all_)
        self._wire = all_.wire
        self._handler = all_.handler
        self._came = bytearray()

    def take(self, data: bytes) -> None:
        """Answer each whole question of what came on the spot. An error of ours is raised, and the loop hangs up."""
        if self._is_last or self._transport is None:
            return
        if not self._busy:
            self._begins()
        self._came += data
        longest = self._all.limits.body
        while length := self._wire.cut(self._came):
            if length > longest:
                break
            question = bytes(self._came[:length])
            del self._came[:length]
            if not self._answered(question):
                return
        if len(self._came) > longest:
            self._refuse("too large", b"")
        elif not self._came:
            self._busy = False
            self.ends_at = monotonic() + self._all.limits.idle

    def _begins(self) -> None:
        """Start the clock of one question."""
        self._busy = True
        self.ends_at = monotonic() + self._all.limits.seconds

    def _answered(self, question: bytes) -> bool:
        """Answer one question; say whether the next may be read. Where there is no answer, that is the end of the connection."""
        self._begins()
        try:
            answer = self._handler(self._wire.request(question))
        except Exception:
            self._abort()
            raise
        has_answer = answer.status == HTTPStatus.OK
        self._say(answer.body if has_answer else b"", is_last=not has_answer or self._all.closing)
        return not self._is_last
