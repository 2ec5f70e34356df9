"""The connections of doors: how many there may be, and what becomes of those that take no answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from phaseout.gate.http import Answer
from phaseout.gate.relay.connections import DoorConnections
from phaseout.gate.relay.http_tongue import HttpTongue
from phaseout.gate.relay.tongue import Inquiry
from phaseout.gate.settings import Limits

QUESTION = b"GET /envoy/mail/ HTTP/1.1\r\n\r\n"

Door = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def served(limits: Limits, size: int, behave: Callable[[int], Awaitable[None]]) -> None:
    """Answer doors with so many bytes while they behave."""

    async def answer(_: Inquiry) -> Answer:
        return Answer(200, body=b"x" * size)

    async def serve() -> None:
        doors = DoorConnections(HttpTongue(limits), answer)
        server = await asyncio.get_running_loop().create_server(doors.connection, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await behave(port)
        server.close()
        await doors.close()

    uvloop.run(asyncio.wait_for(serve(), 20))


async def is_answered(door: Door) -> bool:
    """Ask, and say whether the door was answered; it was hung up on else."""
    try:
        door[1].write(QUESTION)
        return bool(await door[0].read(65536))
    except (OSError, RuntimeError):
        return False


def test_where_there_are_too_many_the_one_that_was_idle_longest_gives_way() -> None:
    async def behave(port: int) -> None:
        first, second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        assert await is_answered(second)
        assert await is_answered(first)
        third = await asyncio.open_connection("127.0.0.1", port)
        assert await is_answered(third)
        assert [await is_answered(each) for each in (first, second, third)] == [True, False, True]
        more = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        assert await is_answered(more[-1])
        for _, writer in (first, second, third, *more):
            writer.close()

    served(Limits(connections=2), 10, behave)


def test_a_door_that_takes_no_answers_is_hung_up_on() -> None:
    async def behave(port: int) -> None:
        def files() -> int:
            return len(list(Path("/proc/self/fd").iterdir()))

        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            before = files()
            door.connect(("127.0.0.1", port))
            door.sendall(QUESTION)
            await asyncio.sleep(0.1)
            assert files() == before + 1
            await asyncio.sleep(0.5)
            assert files() == before, "its end here is closed, though it still does not read"

    served(Limits(seconds=0.2), 8_000_000, behave)
