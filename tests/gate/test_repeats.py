"""What is asked again in the same words is answered as if it were read again: the same bytes mean the same, the time goes on."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.gate import decision_log, repeats
from phaseout.gate.answering import Answering
from phaseout.gate.asked import Asked
from phaseout.gate.caller import CALLERS
from phaseout.gate.decision import Decision, Outcome
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.http import Answer, Connections, Request
from phaseout.gate.metrics import Metrics
from phaseout.gate.repeats import Repeats
from phaseout.gate.settings import Limits, Settings
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device
from phaseout.model.directive import Clause, Scope, StageKind, Strength
from phaseout.model.effect import Effect
from phaseout.model.verdict import Verdict

Keys = Content = Serving = Any  # what conftest gives; tests can't import from it


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    abort = close


class Echo:
    """Answers a request again with what it was answered with first."""

    def __init__(self) -> None:
        self.said = b""
        self.times = 0

    def learn(self, said: bytes) -> None:
        self.said = said

    def again(self) -> bytes:
        self.times += 1
        return self.said


class Bench:
    """A connection to a server that remembers, or not, and what it read."""

    def __init__(self, *, remembers: bool) -> None:
        self.remembers = remembers
        self.echoes: list[Echo] = []
        self.refused: list[str] = []
        self.all = Connections(Limits(), self.handle, self.refused.append)
        self.wire = Wire()
        self.connection = self.all.connection()
        self.connection.connection_made(self.wire)  # type: ignore[arg-type]

    def handle(self, request: Request) -> Answer:
        self.echoes.append(Echo())
        body = f"{request.method} {request.path} {sorted(request.headers.items())} {request.body!r}".encode()
        return Answer(200, body=body, repeat=self.echoes[-1] if self.remembers else None)

    def feed(self, *parts: bytes) -> None:
        for part in parts:
            self.connection.data_received(part)

    @property
    def again(self) -> int:
        return sum(echo.times for echo in self.echoes)


def get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nX-User: anna\r\n{more}\r\n".encode()


def test_from_the_third_time_on_it_is_not_read() -> None:
    bench = Bench(remembers=True)
    bench.feed(*[get("/a")] * 5)
    assert (len(bench.echoes), bench.again) == (2, 3)
    assert len(set(bench.wire.writes)) == 1


PIECES = [
    get("/a"), get("/b"), get("/a", "X-User: boris\r\n"), get("/a", "Connection: close\r\n"), b"HEAD /a HTTP/1.1\r\n\r\n",
    b"POST /p HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n", b"POST /p HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    b"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", b"GET /a HTTP/1.0\r\n\r\n",
    b"POST /p HTTP/1.1\r\nContent-Length: 90\r\n\r\n", b"\r\n", b"\r\n\r\n", b"\r",
    b"GET /a HTTP/1.1\r\nExpect: 100-continue\r\n\r\n",
    b"PUT /a HTTP/1.1\r\nX-User:\r\n\r\n", b"nonsense\r\n\r\n", get("/a") + get("/b"), get("/a")[:20], get("/a")[20:],
]  # fmt: skip


@example([b"POST /p HTTP/1.1\r\nContent-Length: 90\r\n\r\n", get("/a"), get("/a")], [])
@example([get("/a")[:20], get("/a"), get("/a")], [])
@example([get("/a"), get("/a")], [10, 20])
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.lists(st.integers(1, 700), max_size=3))
def test_whoever_remembers_answers_like_who_reads(pieces: list[bytes], cuts: list[int]) -> None:
    # Asked twice beforehand, so that all that can be remembered is.
    forgetful, mindful = Bench(remembers=False), Bench(remembers=True)
    for piece in pieces:
        for _ in range(2):
            other = mindful.all.connection()
            other.connection_made(Wire())  # type: ignore[arg-type]
            other.data_received(piece)
    text = b"".join(pieces)
    ends = sorted({cut for cut in cuts if cut < len(text)})
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)] if ends else pieces
    for bench in (forgetful, mindful):
        bench.refused.clear()
        bench.feed(*parts)
    assert mindful.wire.writes == forgetful.wire.writes
    assert mindful.wire.closed == forgetful.wire.closed
    assert mindful.refused == forgetful.refused


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Repeats()
    monkeypatch.setattr(repeats, "MOST_BYTES", 1000)
    for number in range(20):
        for _ in range(2):
            known.keep(b"%0196d\r\n\r\n" % number, Echo(), b"")
        assert (known.get(b"%0196d\r\n\r\n" % number)) is not None
    assert sum(known.get(b"%0196d\r\n\r\n" % number) is not None for number in range(20)) == 2
    long = b"x" * repeats.LONGEST + b"\r\n\r\n"
    for _ in range(2):
        known.keep(long, Echo(), b"")
    assert known.get(long) is None


def test_lines_are_written_before_answers_and_once_a_turn() -> None:
    told: list[str] = []
    turn: list[Any] = []

    def settle() -> bool:
        told.append("settled")
        return True

    all_ = Connections(Limits(), lambda _: Answer(204), print, turn.append, settle)
    wires = [Wire(), Wire()]
    connections = [all_.connection() for _ in wires]
    for wire, connection in zip(wires, connections, strict=True):
        wire.write = lambda data: told.append(f"{data.count(b'HTTP/1.1 204')} written")  # type: ignore[method-assign]
        connection.connection_made(wire)  # type: ignore[arg-type]
        connection.data_received(get("/a") + get("/b"))
    assert told == []
    (end_of_turn,) = turn
    end_of_turn()
    assert told == ["settled", "2 written", "2 written"]
    connections[0].data_received(get("/a"))
    all_.close()
    assert [wire.closed for wire in wires] == [False, True], "the one has an answer to come"
    turn[1]()
    assert wires[0].closed


def test_answers_that_could_not_be_written_down_are_not_given() -> None:
    wires = [Wire(), Wire()]
    all_ = Connections(Limits(), lambda _: Answer(204), print, settle=lambda: False)
    for wire in wires:
        connection = all_.connection()
        connection.connection_made(wire)  # type: ignore[arg-type]
        connection.data_received(get("/a"))
    assert [wire.closed for wire in wires] == [True, True]
    assert [wire.writes for wire in wires] == [[], []]


# The same through all of the gate.


class Desk:
    """A gate without a network, whose time and bundle can be changed."""

    def __init__(self, serving: Serving, log: Path) -> None:
        self.now = datetime(2020, 10, 25, tzinfo=UTC)
        self.watch = SimpleNamespace(serving=serving, is_there=True, is_refused=False)
        self.log, self.metrics = DecisionLog(log), Metrics()
        callers = {name: CALLERS[name] for name in CALLERS.ids}
        settings = replace(Settings(), answers_without_log=False)
        watch: Any = self.watch
        self.answering = Answering(settings, callers, watch, self.log, self.metrics, lambda: self.now)
        refuse = pytest.fail
        self.all = Connections(settings.limits, self.answering.answer, refuse, settle=self.log.settle)

    def ask(self, question: bytes) -> bytes:
        wire, connection = Wire(), self.all.connection()
        connection.connection_made(wire)  # type: ignore[arg-type]
        connection.data_received(question)
        return b"".join(wire.writes)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.path.read_text("utf-8").splitlines()]


@pytest.fixture
def desk(serving: Serving, tmp_path: Path) -> Desk:
    """Return a gate that was asked often enough to remember Anna's question."""
    made = Desk(serving, tmp_path / "log")
    for _ in range(3):
        assert made.ask(QUESTION).startswith(b"HTTP/1.1 403 ")
    return made


NAME = rb"[0-9A-Z]{6}-[0-9A-F]+"
QUESTION = (
    b"GET /nginx/webmail HTTP/1.1\r\nX-User: anna\r\nX-Original-URI: /mail/\r\nX-Real-IP: 192.0.2.7\r\n"
    b"User-Agent: Apple-iPhone14C2/2001.362\r\n\r\n"
)


def test_every_answer_has_a_name_a_time_and_a_line_of_its_own(desk: Desk) -> None:
    for minute in range(40):
        desk.now += timedelta(minutes=minute, microseconds=minute)
        desk.ask(QUESTION)
    said = desk.ask(QUESTION)
    lines = desk.lines()
    assert len({line["id"] for line in lines}) == len(lines) == 44
    assert said.count(lines[-1]["id"].encode()) == 2, "its name, and behind the reason"
    assert lines[-1]["at"] == desk.now.isoformat().replace("+00:00", "Z")
    for name in ("id", "at", "cost_us"):
        for line in lines:
            del line[name]
    assert all(line == lines[0] for line in lines)
    assert sum(desk.metrics.decisions.values()) == 44
    read_anew = desk.ask(QUESTION + QUESTION)
    assert re.sub(NAME, b"?", read_anew) == re.sub(NAME, b"?", said) * 2


def test_a_date_of_the_order_that_passes_is_minded(desk: Desk) -> None:
    desk.now = datetime(2020, 10, 7, tzinfo=UTC)
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 204 ")
    desk.now = datetime(2020, 10, 25, tzinfo=UTC)
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 403 ")


def test_another_bundle_is_minded(desk: Desk, keys: Keys, content: Content) -> None:
    clauses = tuple(replace(clause, stages=()) for clause in content.directive.clauses)
    desk.watch.serving = keys.served(replace(content, directive=replace(content.directive, clauses=clauses)))
    for _ in range(3):
        assert desk.ask(QUESTION).startswith(b"HTTP/1.1 204 ")
    assert len({line["bundle"] for line in desk.lines()}) == 2


def test_a_bundle_s_end_is_minded(desk: Desk, keys: Keys, content: Content) -> None:
    desk.watch.serving = keys.served(replace(content, expires=desk.now + timedelta(hours=1)))
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 403 ")
    desk.now += timedelta(hours=1)
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 503 ")
    assert desk.metrics.no_opinions == {("nginx", "bundle expired"): 1}
    desk.now -= timedelta(hours=1)
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 403 ")
    desk.watch.serving = None
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 503 ")


def test_a_clock_that_is_before_the_bundle_decides_nothing(desk: Desk, keys: Keys, content: Content) -> None:
    desk.watch.serving = keys.served(replace(content, made_at=desk.now))
    right = desk.now
    for late in (timedelta(), timedelta(minutes=59)):
        desk.now = right - late
        assert desk.ask(QUESTION).startswith(b"HTTP/1.1 403 ")
    desk.now = right - timedelta(days=300)
    for _ in range(3):
        assert desk.ask(QUESTION).startswith(b"HTTP/1.1 503 ")
    assert desk.metrics.no_opinions == {("nginx", "clock before the bundle"): 3}
    desk.now = right
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 403 ")


def test_a_log_that_fails_is_minded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(decision_log.os, "write", full)
        desk.ask(QUESTION)
        assert desk.ask(QUESTION).startswith(b"HTTP/1.1 503 ")
    desk.log.retry()
    assert desk.ask(QUESTION).startswith(b"HTTP/1.1 403 ")
    assert len(desk.lines()) == 5, "what waited is written, and nothing was decided without"


ASKED = Asked("nginx", "webmail", "mail", "anna", (Clue(ClueKind.USER_AGENT, "x"),), address="192.0.2.7", device_id="D1")
CLAUSE = Clause("seat", Strength.MUST, Scope(), (), ("mail",), datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("caller", CALLERS.ids)
@pytest.mark.parametrize("effect", Effect)
def test_a_caller_s_words_for_decisions_alike_differ_in_their_names_alone(caller: str, effect: Effect) -> None:
    outcome = Outcome(effect, Verdict.VIOLATION, CLAUSE, StageKind.BLOCK, None, "Why.", "7", Device())
    said = {
        CALLERS[caller]
        .say(Decision(name, at, ASKED, outcome, "00ff", "Not allowed."))
        .encoded(keep_alive=True)
        .replace(name.encode(), b"")
        for name, at in (("K7Q4MX-2F", CLAUSE.starts), ("M00000-10", CLAUSE.starts + timedelta(days=900)))
    }
    assert len(said) == 1
