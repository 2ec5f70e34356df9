"""One connection to a gate: one question at a time, and nothing is heard that was not asked for."""

from __future__ import annotations

import asyncio
from typing import Final, cast

from phaseout.gate.http import Answer
from phaseout.gate.relay.tongue import Hearing, NoAnswerError, Said, Tongue


class Line(asyncio.Protocol):
    """A connection to a gate.

    Args:
        tongue: the protocol that is spoken on it.
    """

    def __init__(self, tongue: Tongue) -> None:
        """Wait until it is made."""
        self._tongue: Final = tongue
        self._transport: asyncio.Transport | None = None
        self._hearing: Hearing | None = None
        self._said: asyncio.Future[Said] | None = None

    @property
    def is_open(self) -> bool:
        """Whether something can be asked on it."""
        return self._transport is not None

    async def ask(self, words: bytes) -> Answer:
        """Ask, and wait for the answer; who waits no longer closes it, for the answer may come yet.

        Args:
            words: the question.

        Raises:
            NoAnswerError: there is none.
        """
        if self._transport is None:
            message = "it hung up"
            raise NoAnswerError(message)
        self._hearing, self._said = self._tongue.hearing(), asyncio.get_running_loop().create_future()
        self._transport.write(words)
        is_last = True
        try:
            answer, is_last = await self._said
        finally:
            self._hearing = self._said = None
            if is_last:
                self.close()
        return answer

    def close(self) -> None:
        """Close it at once."""
        if self._transport:
            self._transport.abort()
            self._transport = None

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)  # a stream's, by contract; uvloop's is of no class of asyncio's

    def data_received(self, data: bytes) -> None:
        """Hear an answer."""
        if self._hearing is None or self._said is None or self._said.done():
            self.close()  # nothing was asked: the next question would have this for its answer
            return
        try:
            self._hearing.feed(data)
        except NoAnswerError as error:
            self._said.set_exception(error)
        else:
            if self._hearing.said is not None:
                self._said.set_result(self._hearing.said)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Say that no answer will come."""
        self._transport = None
        if self._said is not None and not self._said.done():
            message = "it hung up"
            self._said.set_exception(NoAnswerError(message))
