"""How a protocol is spoken at both ends of the relay: questions cut out of a door's stream, answers out of a gate's."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from typing import ClassVar, Final, NamedTuple

from phaseout.gate.http import Answer, Request
from phaseout.gate.settings import Limits

AT_ONCE: Final = 65_536
"""Bytes that are read at once."""

LARGEST_ANSWER: Final = 262_144
"""Bytes of a gate's answer at most; the largest is a page of some ten thousand."""


class NoAnswerError(OSError):
    """What a gate said is no answer, or not the whole of one."""


class Inquiry(NamedTuple):
    """One question of a door.

    Attributes:
        request: as its caller reads it.
        words: with which a gate is asked.
        is_last: whether the door asks no more on this connection.
    """

    request: Request
    words: bytes
    is_last: bool = False


class Said(NamedTuple):
    """What a gate said to a question.

    Attributes:
        answer: it.
        is_last: whether the gate closes the connection.
    """

    answer: Answer
    is_last: bool = False


class Hearing(ABC):
    """What has come of a gate's answer to one question.

    Attributes:
        said: the answer; None while it is not whole.
    """

    said: Said | None = None

    @abstractmethod
    def feed(self, data: bytes) -> None:
        """Take what came.

        Raises:
            NoAnswerError: it is no answer, or there is something behind it.
        """


class Tongue(ABC):
    """One protocol.

    Args:
        limits: what a door may take.
    """

    def __init__(self, limits: Limits) -> None:
        """Take the limits."""
        self.limits: Final = limits

    refusal: ClassVar[bytes] = b""
    """What is said to what is no question, before the connection ends."""

    @abstractmethod
    def inquiries(self, stream: asyncio.StreamReader) -> AsyncGenerator[Inquiry]:
        """Give the questions of a connection, until the door has no more.

        Raises:
            NoQuestionError: what came is none, or is too large.
            TimeoutError: one took too long, or none came.
        """

    @abstractmethod
    def hearing(self) -> Hearing:
        """Return what hears the answer of a gate to one question."""

    @abstractmethod
    def told(self, inquiry: Inquiry, answer: Answer, *, is_last: bool) -> bytes:
        """Return what a door is told; empty where an answer is none in its protocol, and the connection ends instead.

        Args:
            inquiry: what it asked.
            answer: to that.
            is_last: whether the connection is closed then.
        """

    async def more(self, stream: asyncio.StreamReader, begun: float | None) -> bytes:
        """Read what a door says next; empty when it has hung up.

        Args:
            stream: the door's.
            begun: when the question began that has not come to its end, by the event loop's clock; None between questions.

        Raises:
            TimeoutError: it took too long.
        """
        limits, now = self.limits, asyncio.get_running_loop().time()
        async with asyncio.timeout_at(now + limits.idle if begun is None else begun + limits.seconds):
            return await stream.read(AT_ONCE)
