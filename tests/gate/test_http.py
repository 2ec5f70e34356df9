"""What the HTTP server bears: pipelines, dribbles, floods and nonsense; without a network."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.gate.connections import AT_ONCE, MOST_SAID
from phaseout.gate.http import Answer, Connection, Connections, Request
from phaseout.gate.settings import Limits


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False
        self.paused = False

    def write(self, data: bytes) -> None:  # type: ignore[override]
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Bench:
    """One connection, what it answered, and why it refused."""

    def __init__(self, **limits: float) -> None:
        self.requests: list[Request] = []
        self.refused: list[str] = []
        self.all = Connections(Limits(**limits), self.handle, self.refused.append)  # type: ignore[arg-type]
        self.wire, self.connection = self.connect()

    def connect(self) -> tuple[Wire, Connection]:
        wire, connection = Wire(), self.all.connection()
        connection.connection_made(wire)
        return wire, connection

    def handle(self, request: Request) -> Answer:
        self.requests.append(request)
        if request.path == "/bug":
            message = "a bug of ours"
            raise RuntimeError(message)
        return Answer(200, body=request.path.encode())

    def feed(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.data_received(part)

    @property
    def said(self) -> bytes:
        return b"".join(self.wire.writes)


GET = b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nX-User: anna\r\n\r\n"


def test_one_request_is_one_write() -> None:
    bench = Bench()
    bench.feed(GET)
    (request,) = bench.requests
    assert (request.method, request.path, request.query, request.headers["x-user"]) == ("GET", "/a", "b=1", "anna")
    assert bench.wire.writes == [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/a"]
    assert not bench.wire.closed


@given(st.lists(st.integers(1, 120), max_size=6))
def test_it_does_not_matter_how_the_bytes_come(cuts: list[int]) -> None:
    text = GET + b"POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + GET
    bench, start = Bench(), 0
    for cut in [*sorted(cuts), len(text)]:
        bench.feed(text[start:cut])
        start = max(start, cut)
    assert [request.path for request in bench.requests] == ["/a", "/p", "/a"]
    assert bench.requests[1].body == b"hello"
    assert len(bench.wire.writes) == 3


def test_a_body_in_chunks() -> None:
    bench = Bench()
    bench.feed(b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert bench.requests[0].body == b"abcde"


def test_what_trails_a_body_is_no_header() -> None:
    bench = Bench()
    bench.feed(b"POST /p HTTP/1.1\r\nX-User: anna\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-User: boris\r\n\r\n", GET)
    assert [request.headers["x-user"] for request in bench.requests] == ["anna", "anna"]


def test_who_asks_for_the_head_gets_no_body() -> None:
    bench = Bench()
    bench.feed(b"HEAD /abc HTTP/1.1\r\n\r\n", GET)
    assert bench.wire.writes == [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/a",
    ]


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1\r\nConnection: close"])
def test_who_wants_the_connection_closed_gets_that(version: bytes) -> None:
    bench = Bench()
    bench.feed(b"GET / " + version + b"\r\n\r\n")
    assert b"Connection: close\r\n" in bench.said
    assert bench.wire.closed


@pytest.mark.parametrize(
    ("flood", "status"),
    [
        (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"H%d: x\r\n" % n for n in range(300)) + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 5000, b"431"),
        (b"POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n" + b"a" * 3000, b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nbb8\r\n" + b"a" * 3000, b"413"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", b"400"),
        (b"CONNECT example.org:443 HTTP/1.1\r\n\r\n", b"400"),
    ],
)
def test_what_is_too_much_or_no_http_is_refused_and_closed(flood: bytes, status: bytes) -> None:
    bench = Bench(head=1000, body=2000)
    for start in range(0, len(flood), 700):
        bench.feed(flood[start : start + 700])
    assert bench.said.split(b" ")[1] == status
    assert bench.said.count(b"HTTP/1.1 ") == 1
    assert bench.wire.closed
    assert len(bench.refused) == 1


def test_a_hundred_megabytes_leave_no_trace() -> None:
    bench = Bench()
    for _ in range(400):
        bench.feed(b"x" * 262_144)
    assert bench.wire.closed
    assert len(bench.wire.writes) == 1


def test_one_byte_a_minute_is_cut_off() -> None:
    bench = Bench(seconds=0)
    bench.feed(b"GET / HTTP/1.1\r\n")
    bench.all.sweep()
    assert bench.said.startswith(b"HTTP/1.1 408 ")
    assert bench.wire.closed
    assert bench.refused == ["too slow"]


def test_an_idle_connection_is_closed_without_a_word() -> None:
    bench = Bench(idle=0)
    bench.feed(GET)
    bench.all.sweep()
    assert bench.wire.closed
    assert len(bench.wire.writes) == 1
    assert bench.refused == []


def test_a_connection_in_time_stays_open() -> None:
    bench = Bench()
    bench.feed(b"GET / HTTP/1.1\r\n")
    bench.all.sweep()
    assert not bench.wire.closed


def test_too_many_connections() -> None:
    bench = Bench(connections=1)
    bench.feed(b"GET /")
    wire, _ = bench.connect()
    assert wire.writes[0].startswith(b"HTTP/1.1 503 ")
    assert wire.closed
    assert not bench.wire.closed


def test_who_has_been_idle_longest_gives_way() -> None:
    bench = Bench(connections=3)
    (busy, speaks), (asked, once), (silent, _) = (bench.wire, bench.connection), bench.connect(), bench.connect()
    speaks.data_received(b"GET /")
    once.data_received(GET)
    further, _ = bench.connect()
    assert [each.closed for each in (busy, asked, silent, further)] == [False, False, True, False]
    bench.connect()[1].data_received(b"GET /")
    assert [each.closed for each in (busy, asked, further)] == [False, False, True]
    assert bench.refused == []


def test_who_never_asks_has_no_longer_than_a_question_may_take() -> None:
    bench = Bench(seconds=0, idle=60)
    bench.all.sweep()
    assert bench.wire.closed


def test_who_does_not_take_the_answers_is_asked_nothing_more() -> None:
    bench = Bench()
    bench.connection.pause_writing()
    assert bench.wire.paused
    bench.connection.resume_writing()
    assert not bench.wire.paused


def test_a_bug_of_ours_ends_the_connection_without_an_answer() -> None:
    bench = Bench()
    with pytest.raises(Exception, match="callback error") as caught:
        bench.feed(b"GET /bug HTTP/1.1\r\n\r\n")
    assert isinstance(caught.value.__context__, RuntimeError)
    assert bench.said == b""
    assert bench.wire.closed


def test_at_the_end_open_requests_are_still_answered() -> None:
    bench = Bench()
    wire, _ = bench.connect()
    bench.feed(b"GET /last HTTP/1.1\r\n")
    bench.all.close()
    assert wire.closed, "it was idle"
    assert not bench.wire.closed
    bench.feed(b"\r\n")
    assert b"/last" in bench.said
    assert b"Connection: close" in bench.said
    assert bench.wire.closed


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_bytes_raise(parts: list[bytes]) -> None:
    Bench().feed(*parts)


PARTS = [b"GET ", b"/ ", b"HTTP/1.1", b"\r\n", b"\r\n\r\n", b"X: y", b"Content-Length: 3", b"abc", b"\0"]


@given(st.lists(st.sampled_from(PARTS), max_size=14))
def test_nothing_that_looks_like_http_raises(parts: list[bytes]) -> None:
    Bench().feed(*parts)


def test_who_asks_much_at_once_is_read_on_when_his_answers_are_written() -> None:
    """Else all that he sent would be answered before anybody else is."""
    turn: list[Callable[[], None]] = []
    bench = Bench()
    bench.all = Connections(Limits(), bench.handle, bench.refused.append, turn.append)
    bench.wire, bench.connection = bench.connect()
    for _ in range(2):
        bench.feed(GET * (MOST_SAID - 1))
        assert not bench.wire.paused
        bench.feed(GET * 2)
        assert bench.wire.paused
        turn.pop()()
        assert not bench.wire.paused
    bench.feed(GET * MOST_SAID)
    bench.connection.pause_writing()
    turn.pop()()
    assert bench.wire.paused, "he does not take his answers either"
    bench.connection.resume_writing()
    assert not bench.wire.paused
    assert bench.said.count(b"HTTP/1.1 200") == len(bench.requests) == 2 * (MOST_SAID + 1) + MOST_SAID


def test_what_comes_in_one_piece_is_answered_in_turns() -> None:
    turns: list[Callable[[], None]] = []
    bench = Bench()
    bench.all = Connections(Limits(), bench.handle, bench.refused.append, turns.append)
    bench.wire, bench.connection = bench.connect()
    flood = GET * 2_000
    bench.feed(flood + GET[:10])
    asked, count = [len(bench.requests)], 0
    while turns:
        assert bench.wire.paused or len(bench.requests) == 2_000
        turns.pop(0)()
        count += 1
        asked.append(len(bench.requests))
        if count == 9:
            bench.connection.pause_writing()
            while turns:
                turns.pop(0)()
            asked.append(len(bench.requests))
            bench.connection.resume_writing()
    assert max(after - before for before, after in pairwise(asked)) <= AT_ONCE / len(GET) + 1
    assert len(bench.requests) == 2_000
    assert bench.said.count(b"HTTP/1.1 200") == 2_000
    assert not bench.wire.paused
    bench.feed(GET[10:])
    assert len(bench.requests) == 2_001


@pytest.mark.parametrize("is_made", [True, False])
def test_a_connection_leaves_nothing_for_the_garbage_collector(is_made: bool) -> None:  # noqa: FBT001 - the case
    """It hardly ever looks for old garbage, and strangers whose handshakes over TLS fail make connections that never begin."""
    gc.disable()
    try:
        connection = Bench().all.connection()
        if is_made:
            connection.connection_made(Wire())
            connection.data_received(GET[:20])
            connection.connection_lost(None)
        seen = weakref.ref(connection)
        del connection
        assert seen() is None
    finally:
        gc.enable()
