"""The doors' connections: counted, each question answered in its turn, and ended in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from typing import Final

from phaseout.gate.caller import NoQuestionError
from phaseout.gate.http import LAST_WORDS, Answer
from phaseout.gate.relay.tongue import Inquiry, Tongue

LOG: Final = logging.getLogger("phaseout.gate")

Answering = Callable[[Inquiry], Coroutine[None, None, Answer]]

FAREWELL: Final = 2.0
"""Seconds that questions have to be answered when the relay is told to end."""


class DoorConnections:
    """The connections of doors that speak one protocol.

    Args:
        tongue: the protocol.
        answer: answers a question.
    """

    def __init__(self, tongue: Tongue, answer: Answering) -> None:
        """Begin without any."""
        self._tongue: Final = tongue
        self._answer: Final = answer
        self._open: Final[set[asyncio.Task[None]]] = set()
        self._idle: Final[dict[asyncio.StreamWriter, None]] = {}
        """Those that wait for a question; the one that has waited longest is the first."""
        self._is_closing = False

    def connection(self) -> asyncio.StreamReaderProtocol:
        """Make one; for the event loop."""
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._taken)

    async def close(self) -> None:
        """Let each question that has come be answered, and close all."""
        self._is_closing = True
        for writer in list(self._idle):
            writer.transport.abort()  # its task sees the end of what it reads
        if self._open:
            await asyncio.wait(set(self._open), timeout=FAREWELL)
        for connection in list(self._open):
            connection.cancel()

    def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection in a task of its own; where there are too many, the one that has been idle longest gives way."""
        if len(self._open) >= self._tongue.limits.connections and self._idle:
            longest = next(iter(self._idle))
            del self._idle[longest]
            longest.transport.abort()
        elif len(self._open) >= self._tongue.limits.connections or self._is_closing:
            writer.transport.abort()  # its door takes that for no opinion
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._open.discard(task)
        if not task.cancelled() and (error := task.exception()):
            LOG.error("A question could not be answered.", exc_info=error)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._idle[writer] = None
        try:
            async with aclosing(self._tongue.inquiries(reader)) as inquiries:
                async for inquiry in inquiries:
                    self._idle.pop(writer, None)
                    if not await self._answered(inquiry, writer):
                        break
                    self._idle[writer] = None
        except NoQuestionError:
            if not writer.is_closing():
                writer.write(self._tongue.refusal)
        except OSError:  # too slow, or the door has hung up
            writer.transport.abort()
        finally:
            self._idle.pop(writer, None)
            await self._hang_up(writer)

    async def _answered(self, inquiry: Inquiry, writer: asyncio.StreamWriter) -> bool:
        """Answer a question; say whether the next may come."""
        answer = await self._answer(inquiry)
        is_last = inquiry.is_last or self._is_closing or answer.status in LAST_WORDS
        told = self._tongue.told(inquiry, answer, is_last=is_last)
        if writer.is_closing():
            raise ConnectionResetError
        writer.write(told)
        async with asyncio.timeout(self._tongue.limits.seconds):  # for a door that does not take its answers
            await writer.drain()
        return bool(told) and not is_last

    async def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        """Close a connection; it counts as an open one until its door has taken the last that it was told."""
        try:
            writer.close()
            async with asyncio.timeout(self._tongue.limits.seconds):
                await writer.wait_closed()
        except OSError:
            pass
        finally:
            writer.transport.abort()
