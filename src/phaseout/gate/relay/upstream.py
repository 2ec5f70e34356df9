"""One gate as the relay asks it: connections that are kept open, a time limit, and a rest after each failure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from phaseout.gate.http import Answer
from phaseout.gate.place import Place
from phaseout.gate.relay.line import Line
from phaseout.gate.relay.secured import Secured
from phaseout.gate.relay.tongue import NoAnswerError, Tongue

MOST_IDLE: Final = 64
"""Connections that are kept open while nothing is asked."""

REST: Final = 2.0
"""Seconds for which a gate that failed is asked only where there is no other way: who waits for it waits in vain."""


class Upstream:
    """One gate.

    Args:
        place: where it is asked.
        tongue: the protocol there.
        clock: gives seconds that never go backwards.
        secured: what its connections are secured with, or None where they are in the clear.
    """

    def __init__(self, place: Place, tongue: Tongue, clock: Callable[[], float], secured: Secured | None = None) -> None:
        """Connect to nothing yet."""
        self.place: Final = place
        self._tongue: Final = tongue
        self._clock: Final = clock
        self._secured: Final = secured
        self._idle: Final[list[Line]] = []
        self._rests_until = 0.0
        self._has_failed = False
        self.why_not = ""
        """Why it did not decide when it did not last."""

    @property
    def works(self) -> bool:
        """Whether it answered the last question."""
        return not self._has_failed

    @property
    def rests(self) -> bool:
        """Whether it failed; one question after each rest finds out whether it is back."""
        return self._has_failed and self._clock() < self._rests_until

    async def ask(self, words: bytes, seconds: float) -> Answer:
        """Ask it.

        Args:
            words: the question.
            seconds: that this may take.

        Raises:
            OSError: it can't be reached, or what it says is no answer.
            TimeoutError: it does not answer in time.
        """
        self._rests_until = self._clock() + REST  # if it has failed, no other need find out at the same time
        try:
            async with asyncio.timeout(seconds):
                answer = await self._answered(words)
        except OSError as error:  # a timeout is one
            self.why_not = "no answer in time" if isinstance(error, TimeoutError) else error.strerror or str(error)
            self._has_failed = True
            self._rests_until = self._clock() + REST
            raise
        self._has_failed = False
        return answer

    def close(self) -> None:
        """Close the connections that nothing is asked on."""
        while self._idle:
            self._idle.pop().close()

    async def _answered(self, words: bytes) -> Answer:
        while self._idle:
            line = self._idle.pop()
            if line.is_open:
                with suppress(NoAnswerError):  # it closed the connection while nothing was asked
                    return await self._asked(line, words)
        return await self._asked(await self._connected(), words)

    async def _connected(self) -> Line:
        loop, place, line = asyncio.get_running_loop(), self.place, Line(self._tongue)
        if place.socket is not None:
            await loop.create_unix_connection(lambda: line, str(place.socket))
        else:
            secured = self._secured.context if self._secured else None
            await loop.create_connection(lambda: line, place.host, place.port, ssl=secured)
        return line

    async def _asked(self, line: Line, words: bytes) -> Answer:
        answer = await line.ask(words)
        if line.is_open and len(self._idle) < MOST_IDLE:
            self._idle.append(line)
        else:
            line.close()
        return answer
