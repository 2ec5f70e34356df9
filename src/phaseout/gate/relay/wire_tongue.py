"""A protocol other than HTTP at both ends of the relay: what its caller says of its form holds for questions and answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Final

from phaseout.gate.caller import NoQuestionError
from phaseout.gate.http import Answer
from phaseout.gate.relay.tongue import LARGEST_ANSWER, Hearing, Inquiry, NoAnswerError, Said, Tongue
from phaseout.gate.settings import Limits
from phaseout.gate.wire import Wire


class WireTongue(Tongue):
    """Questions and answers that end alike, one after the other.

    Args:
        limits: what a door may take.
        wire: the protocol.
    """

    def __init__(self, limits: Limits, wire: Wire) -> None:
        """Take the protocol."""
        super().__init__(limits)
        self._wire: Final = wire

    async def inquiries(self, stream: asyncio.StreamReader) -> AsyncGenerator[Inquiry]:
        """Give the questions of a connection."""
        came, begun = bytearray(), None
        while data := await self.more(stream, begun):
            came += data
            while 0 < (length := self._wire.cut(came)) <= self.limits.body:
                question = bytes(came[:length])
                del came[:length]
                begun = None
                yield Inquiry(self._wire.request(question), question)
            if len(came) > self.limits.body:
                message = "too large"
                raise NoQuestionError(message)
            if not came:
                begun = None
            elif begun is None:
                begun = asyncio.get_running_loop().time()

    def hearing(self) -> Hearing:
        """Return what hears an answer."""
        return _Answered(self._wire)

    def told(self, inquiry: Inquiry, answer: Answer, *, is_last: bool) -> bytes:  # noqa: ARG002 - the connection's end is no part of an answer here
        """Return the answer, or nothing where it is none."""
        return answer.body if answer.status == HTTPStatus.OK else b""


class _Answered(Hearing):
    """What a gate has said, which hangs up when it has no answer."""

    def __init__(self, wire: Wire) -> None:
        self._wire: Final = wire
        self._came: Final = bytearray()

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._came.extend(data)
        length = self._wire.cut(self._came)
        if len(self._came) > (length or LARGEST_ANSWER):
            message = "something behind the answer" if length else "its answer is too large"
            raise NoAnswerError(message)
        if length:
            self.said = Said(Answer(HTTPStatus.OK.value, body=bytes(self._came)))
