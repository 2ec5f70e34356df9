"""Many clients at once before a door, who write every answer down; and what listens in the gate's place and is none."""

from __future__ import annotations

import asyncio
import base64
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

CLIENTS: Final = 12
PAUSE: Final = 0.004
"""Seconds that a client waits before it asks again: the machine is small, and other tests run."""

LONGEST: Final = 10.0


@dataclass(frozen=True)
class Ask:
    """One request that clients send again and again.

    Attributes:
        kind: what it is called in the tests.
        target: path and query.
        agent: the client's word of itself; ``%`` stands for a number that no request had before.
        user: who asks; the same.
        method: of it.
    """

    kind: str
    target: str
    agent: str
    user: str = "anna"
    method: str = "GET"


@dataclass(frozen=True)
class Answer:
    """What came of one request; status 0 where the connection ended without an answer."""

    kind: str
    status: int
    body: bytes
    begun: float
    ended: float


@dataclass
class Load:
    """Clients that ask until they are told to stop."""

    port: int
    asks: tuple[Ask, ...]
    answers: list[Answer] = field(default_factory=list)
    _stop: bool = False

    @contextmanager
    def running(self) -> Iterator[Load]:
        """Ask while the block runs."""
        thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        thread.start()
        try:
            yield self
        finally:
            self._stop = True
            thread.join(LONGEST * 2)
        assert not thread.is_alive()

    def between(self, begun: float, ended: float) -> list[Answer]:
        """Return the answers to what was asked after one instant and answered before another."""
        return [each for each in list(self.answers) if begun <= each.begun and each.ended <= ended]

    async def _all(self) -> None:
        numbers = itertools.count()
        await asyncio.gather(*(self._client(place, numbers) for place in range(CLIENTS)))

    async def _client(self, place: int, numbers: Iterator[int]) -> None:
        streams = None
        for ask in itertools.cycle(self.asks[place % len(self.asks) :] + self.asks[: place % len(self.asks)]):
            if self._stop:
                break
            begun, status, body, stays = time.monotonic(), 0, b"", False
            with suppress(OSError, asyncio.IncompleteReadError, ValueError, LookupError):
                streams = streams or await asyncio.open_connection("127.0.0.1", self.port)
                status, body, stays = await asyncio.wait_for(_exchange(*streams, ask, next(numbers)), LONGEST)
            self.answers.append(Answer(ask.kind, status, body, begun, time.monotonic()))
            if streams and not stays:
                streams[1].close()
                streams = None
            await asyncio.sleep(PAUSE)
        if streams:
            streams[1].close()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ask: Ask, number: int) -> tuple[int, bytes, bool]:
    """Send one request and return status and body of the answer, and whether the connection stays open."""
    basic = base64.b64encode(f"{ask.user.replace('%', str(number))}:pass-word-1".encode()).decode()
    head = f"{ask.method} {ask.target} HTTP/1.1\r\nHost: mail.example.org\r\nAuthorization: Basic {basic}\r\n"
    writer.write(f"{head}User-Agent: {ask.agent.replace('%', str(number))}\r\nContent-Length: 0\r\n\r\n".encode())
    told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in told[1:])}
    body = await reader.readexactly(int(headers["content-length"]))
    return int(told[0].split()[1]), body, headers.get("connection") != "close"


def until(load: Load, meaning: Callable[[Answer], str], told: set[tuple[str, str]], patience: float = 2 * LONGEST) -> None:
    """Wait until for a third of a second or more the clients are told nothing but this, and all of it.

    Args:
        load: the clients.
        meaning: says in a word what an answer is.
        told: kinds of requests, and the words.
        patience: seconds that it may take.
    """
    begun, end = time.monotonic(), time.monotonic() + patience
    seen: set[tuple[str, str]] = set()
    while seen != told:
        assert time.monotonic() < end, (seen, told)
        time.sleep(0.35)
        seen = {(each.kind, meaning(each)) for each in load.between(begun, time.monotonic())}
        if not seen <= told:
            begun = time.monotonic()


@contextmanager
def impostor(port: int, *says: bytes | None) -> Iterator[None]:
    """Listen where a gate did, and answer requests with these in turn, each time hanging up; None never answers."""
    turn, ends = itertools.cycle(says), threading.Event()
    with socket.create_server(("127.0.0.1", port), backlog=256) as server:
        server.settimeout(0.05)

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(LONGEST)
                while not ends.is_set() and connection.recv(65536):
                    said = next(turn)
                    if said is None:
                        ends.wait(LONGEST)
                    else:
                        connection.sendall(said)
                        return

        def accept() -> None:
            threads = []
            while not ends.is_set():
                with suppress(TimeoutError):
                    threads.append(threading.Thread(target=serve, args=(server.accept()[0],)))
                    threads[-1].start()
            for each in threads:
                each.join(LONGEST)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield
        finally:
            ends.set()
            thread.join(LONGEST)
