"""Connections to a gate: whatever it does on them, no question ever has another's answer."""

from __future__ import annotations

import asyncio
import random
from time import monotonic

import pytest

from phaseout.gate.place import Place
from phaseout.gate.relay.http_tongue import HttpTongue
from phaseout.gate.relay.upstream import REST, Upstream
from phaseout.gate.settings import Limits

HABITS = ("at once", "late", "twice", "in pieces", "hangs up", "half", "closes")


async def mad_gate(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each question with its own path, in one bad habit or another."""
    dice = random.Random(writer.get_extra_info("peername")[1])  # noqa: S311 - for a test
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1]
            answer = b"HTTP/1.1 200 OK\r\nX-Path: " + path + b"\r\nContent-Length: 4\r\n\r\nmail"
            habit = dice.choice(HABITS)
            if habit in {"late", "in pieces"}:
                writer.write(answer[:20] if habit == "in pieces" else b"")
                await asyncio.sleep(dice.uniform(0, 0.06))
                writer.write(answer[20:] if habit == "in pieces" else answer)
            elif habit == "half":
                writer.write(answer[:-2])
            elif habit != "hangs up":
                writer.write(answer + (answer.replace(path, b"/nobody") if habit == "twice" else b""))
            if habit in {"half", "hangs up", "closes"}:
                break
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def test_no_question_has_another_s_answer() -> None:
    async def run() -> tuple[int, int]:
        server = await asyncio.start_server(mad_gate, "127.0.0.1", 0)
        place = Place("127.0.0.1", server.sockets[0].getsockname()[1])
        gate, right, none = Upstream(place, HttpTongue(Limits()), monotonic), 0, 0

        async def client(number: int) -> None:
            nonlocal right, none
            for turn in range(60):
                path = f"/{number}/{turn}"
                try:
                    answer = await gate.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 0.04)
                except OSError:
                    none += 1
                    continue
                assert dict(answer.headers) == {"X-Path": path}
                right += 1

        async with server:
            await asyncio.gather(*map(client, range(16)))
            gate.close()
        return right, none

    right, none = asyncio.run(run())
    assert right > 100
    assert none > 10


def test_a_gate_that_failed_rests_and_one_question_finds_it_back() -> None:
    now = 100.0

    async def run() -> None:
        nonlocal now
        gate = Upstream(Place("127.0.0.1", 1), HttpTongue(Limits()), lambda: now)
        assert not gate.rests
        assert gate.works
        with pytest.raises(OSError, match=r"."):
            await gate.ask(b"GET / HTTP/1.1\r\n\r\n", 1)
        assert gate.why_not
        assert not gate.works
        assert gate.rests
        now += REST
        assert not gate.rests
        asked = asyncio.create_task(gate.ask(b"GET / HTTP/1.1\r\n\r\n", 1))
        await asyncio.sleep(0)
        assert gate.rests, "no other need find out at the same time"
        with pytest.raises(OSError, match=r"."):
            await asked

    asyncio.run(run())
