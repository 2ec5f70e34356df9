"""What a listening place bears whose protocol is not HTTP: pipelines, dribbles, floods and nonsense."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from phaseout.gate.callers.postfix import CALLER, cut, request
from phaseout.gate.http import Answer, Request
from phaseout.gate.settings import Limits
from phaseout.gate.wire import Wire, WireConnection, WireConnections

QUESTION = b"request=smtpd_access_policy\nhelo_name=a\n\n"


class Transport(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = self.paused = False

    def write(self, data: bytes) -> None:  # type: ignore[override]
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    abort = close

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def is_closing(self) -> bool:
        return self.closed


class Bench:
    """One connection, what it answered, and why it refused."""

    def __init__(self, **limits: float) -> None:
        self.requests: list[Request] = []
        self.refused: list[str] = []
        wire = CALLER.wire
        assert isinstance(wire, Wire)
        self.all = WireConnections(Limits(**limits), wire, self.handle, self.refused.append)  # type: ignore[arg-type]
        self.transport, self.connection = self.connect()

    def connect(self) -> tuple[Transport, WireConnection]:
        transport, connection = Transport(), self.all.connection()
        connection.connection_made(transport)
        return transport, connection

    def handle(self, asked: Request) -> Answer:
        self.requests.append(asked)
        match asked.headers.get("helo_name"):
            case "bug":
                message = "a bug of ours"
                raise RuntimeError(message)
            case "none":
                return Answer(503)
            case name:
                return Answer(200, body=f"action={name}\n\n".encode())

    def feed(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.data_received(part)


def test_one_question_is_one_write_and_the_connection_stays() -> None:
    bench = Bench()
    bench.feed(QUESTION, QUESTION)
    assert bench.transport.writes == [b"action=a\n\n", b"action=a\n\n"]
    assert not bench.transport.closed


@given(st.lists(st.integers(1, 100), max_size=6))
def test_it_does_not_matter_how_the_bytes_come(cuts: list[int]) -> None:
    text = QUESTION + QUESTION.replace(b"=a", b"=b") + QUESTION
    bench, start = Bench(), 0
    for end in [*sorted(cuts), len(text)]:
        bench.feed(text[start:end])
        start = max(start, end)
    assert [asked.headers["helo_name"] for asked in bench.requests] == ["a", "b", "a"]
    assert not bench.connection._busy


def test_no_answer_is_no_word_and_the_end() -> None:
    bench = Bench()
    bench.feed(QUESTION.replace(b"=a", b"=none") + QUESTION, QUESTION)
    assert bench.transport.writes == []
    assert bench.transport.closed
    assert len(bench.requests) == 1, "what stands behind it is not read any more"
    assert bench.refused == []


@pytest.mark.parametrize("flood", [b"a" * 5000, b"a=b\n" * 5000, b"x" * 3000 + b"\n\n", QUESTION * 3 + b"y" * 5000])
def test_what_is_too_much_is_refused_without_a_word(flood: bytes) -> None:
    bench = Bench(body=2000)
    for start in range(0, len(flood), 700):
        bench.feed(flood[start : start + 700])
    assert bench.transport.closed
    assert bench.refused == ["too large"]
    assert all(len(asked.headers) < 5 for asked in bench.requests)


def test_many_questions_at_once_are_not_too_much() -> None:
    bench = Bench(body=256)
    bench.feed(QUESTION * 500)
    assert len(bench.transport.writes) == 500
    assert not bench.transport.closed


def test_a_hundred_megabytes_leave_no_trace() -> None:
    bench = Bench()
    for _ in range(400):
        bench.feed(b"x" * 262_144)
    assert bench.transport.closed
    assert bench.transport.writes == []
    assert len(bench.connection._came) <= 262_144


def test_one_byte_a_minute_is_cut_off() -> None:
    bench = Bench(seconds=0.0001)
    bench.feed(QUESTION[:5])
    before = bench.connection.ends_at
    bench.feed(QUESTION[5:9])
    assert bench.connection.ends_at == before, "a dribble does not win time"
    bench.connection.ends_at = 0
    bench.all.sweep()
    assert bench.transport.closed
    assert bench.refused == ["too slow"]


def test_an_idle_connection_is_closed_without_a_word() -> None:
    bench = Bench(idle=0)
    bench.feed(QUESTION)
    bench.all.sweep()
    assert bench.transport.closed
    assert bench.refused == []


def test_too_many_connections() -> None:
    bench = Bench(connections=1)
    bench.feed(QUESTION[:5])
    transport, _ = bench.connect()
    assert transport.closed
    assert transport.writes == []
    assert bench.refused == ["too many connections"]


def test_at_the_end_a_question_that_has_begun_is_still_answered() -> None:
    bench = Bench()
    idle, _ = bench.connect()
    bench.feed(QUESTION[:9])
    bench.all.close()
    assert idle.closed
    assert not bench.transport.closed
    bench.feed(QUESTION[9:])
    assert bench.transport.writes == [b"action=a\n\n"]
    assert bench.transport.closed


def test_a_bug_of_ours_ends_the_connection_without_an_answer() -> None:
    said: list[bytes] = []
    complaints: list[str] = []

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(str(context["exception"])))
        server = await loop.create_server(Bench().all.connection, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(QUESTION + QUESTION.replace(b"=a", b"=bug") + QUESTION)
        with contextlib.suppress(ConnectionResetError):
            while part := await asyncio.wait_for(reader.read(4096), 20):
                said.append(part)
        writer.close()
        server.close()

    uvloop.run(ask())
    assert b"".join(said) in {b"action=a\n\n", b""}
    assert complaints == ["a bug of ours"]


@pytest.mark.parametrize(
    ("came", "length"),
    [(b"", 0), (b"a=b\n", 0), (b"a=b\n\n", 5), (b"a=b\n\nc=d\n\n", 5), (b"\n", 1), (b"\n\n", 1), (b"a=b\r\n\r\n", 0)],
)  # fmt: skip
def test_where_a_question_ends(came: bytes, length: int) -> None:
    assert cut(bytearray(came)) == length


@given(
    st.lists(st.binary(max_size=60) | st.sampled_from([b"\n", b"\n\n", b"request=smtpd_access_policy", b"=", b"a=b"]), max_size=9)
)
def test_no_bytes_raise_and_none_are_lost(parts: list[bytes]) -> None:
    bench = Bench()
    bench.feed(*parts)
    came = bytearray(b"".join(parts))
    while length := cut(came):
        asked = request(bytes(came[:length]))
        assert asked.headers["x-api-key"] == asked.headers.get("policy_context", "")
        del came[:length]
    assert bench.transport.closed or bench.connection._came == came
