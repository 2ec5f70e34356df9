"""What a login without a word takes over: one thing, of the same person at the same address, for a short time; and kicks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from phaseout.gate import carried as carried_module
from phaseout.gate import kick as kick_module
from phaseout.gate.asked import Asked
from phaseout.gate.callers import dovecot_events
from phaseout.gate.carried import Carried
from phaseout.gate.http import Answer, Request
from phaseout.gate.kick import Kicker
from phaseout.model.clue import CARRIED, Clue, ClueKind

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
IPHONE, OTHER = '"name" "iPhone Mail"', '"name" "Thunderbird"'


def login(said: str = "", who: str = "anna", address: str | None = "192.0.2.7", *more: Clue) -> Asked:
    clues = (Clue(ClueKind.IMAP_ID, said),) if said else ()
    return Asked("dovecot", "imap", "mail", who, (*clues, *more), address=address)


def said(memory: Carried, asked: Asked, at: datetime, whose: str = "anna") -> list[str]:
    """Return the words that a login takes over."""
    return [each.clues[0].value.removeprefix(CARRIED) for each in memory.completed(asked, whose, at)]


def test_one_word_is_taken_over_for_a_while() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), "anna", AT)
    (taken,) = memory.completed(login(), "anna", AT + 9 * MINUTE)
    assert taken.clues == (Clue(ClueKind.IMAP_ID, CARRIED + IPHONE),)
    assert said(memory, login(), AT + 10 * MINUTE) == []


@pytest.mark.parametrize(
    ("there", "here"), [("192.0.2.7", "::ffff:192.0.2.7"), ("::FFFF:c000:207", "192.0.2.7"), ("2001:DB8::0:1", "2001:db8::1")]
)
def test_an_address_is_the_same_however_it_is_spelt(there: str, here: str) -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE, address=there), "anna", AT)
    assert len(memory.completed(login(address=here), "anna", AT)) == len(memory.spoken_for(mute(address=here), "anna", AT)) == 1


@pytest.mark.parametrize(
    ("asked", "whose"),
    [(login(), "boris"), (login(address="192.0.2.8"), "anna"), (login(address=None), "anna"), (login(OTHER), "anna")],
    ids=str,
)
def test_nobody_else_takes_it_over(asked: Asked, whose: str) -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), "anna", AT)
    assert memory.completed(asked, whose, AT) == ()


def test_of_two_words_each_may_be_true() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), "anna", AT)
    memory.hear(login(OTHER), "anna", AT + MINUTE)
    assert said(memory, login(), AT + 2 * MINUTE) == [IPHONE, OTHER]
    assert said(memory, login(), AT + 10 * MINUTE) == [OTHER], "the first is forgotten by then"


def mute(who: str = "anna", address: str | None = "192.0.2.7") -> Asked:
    return Asked("postfix", "smtp", "mail", who, (Clue(ClueKind.EHLO, "x"),), address=address)


def test_where_no_client_can_speak_one_word_stands_for_all() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), "anna", AT)
    (taken,) = memory.spoken_for(mute(), "anna", AT + 9 * MINUTE)
    assert taken.clues == (Clue(ClueKind.IMAP_ID, CARRIED + IPHONE), Clue(ClueKind.EHLO, "x"))
    for other, whose in ((mute(), "boris"), (mute(address="192.0.2.8"), "anna"), (mute(address=None), "anna")):
        assert memory.spoken_for(other, whose, AT + MINUTE) == ()
    assert memory.spoken_for(mute(), "anna", AT + 10 * MINUTE) == ()


def test_a_computer_that_spoke_hours_ago_is_not_taken_for_the_phone_beside_it() -> None:
    memory, later = Carried(10 * MINUTE), AT + 23 * 60 * MINUTE
    memory.hear(login(OTHER), "anna", AT)
    memory.hear(login(IPHONE), "anna", later)
    assert said(memory, login(), later) == [IPHONE], "an IMAP login could speak"
    assert len(memory.spoken_for(mute(), "anna", later)) == 2, "each may be it"
    memory.hear(login(IPHONE), "anna", AT + 24 * 60 * MINUTE)
    assert len(memory.spoken_for(mute(), "anna", AT + 24 * 60 * MINUTE)) == 1, "a day later it is the phone"


@pytest.mark.parametrize("word", ["", IPHONE])
def test_what_is_known_by_more_than_its_word_speaks_for_nobody(word: str) -> None:
    memory, own = Carried(10 * MINUTE), Clue(ClueKind.INVENTORY, "os=android")
    memory.hear(login(word, "anna", "192.0.2.7", own), "anna", AT)
    assert memory.completed(login(), "anna", AT) == memory.spoken_for(mute(), "anna", AT) == ()
    memory.hear(login(IPHONE), "anna", AT)
    assert memory.completed(login(), "anna", AT) == memory.spoken_for(mute(), "anna", AT) == (), "it may be either"
    assert memory.completed(login("", "anna", "192.0.2.7", own), "anna", AT) == (), "and needs nobody's word"


def test_nothing_is_remembered_where_the_operator_says_so() -> None:
    memory = Carried(timedelta())
    memory.hear(login(IPHONE), "anna", AT)
    assert memory.completed(login(), "anna", AT) == memory.spoken_for(mute(), "anna", AT) == ()


def test_the_memory_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried_module, "MOST_PLACES", 3)
    memory = Carried(10 * MINUTE)
    for number in range(9):
        memory.hear(login(IPHONE), f"user{number}", AT)
        memory.hear(login(f'"name" "{number}"'), "anna", AT)
    assert len(memory._said) == 3
    assert max(map(len, memory._said.values())) <= carried_module.MOST_SAID


def test_the_memory_is_bounded_by_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried_module, "MOST_LENGTH", 4_000)
    memory = Carried(10 * MINUTE)
    for number in range(50):
        memory.hear(login(f'"name" "{number:900}"'), f"user{number % 7}", AT + number * MINUTE)
        held = sum(len(said) for words in memory._said.values() for said in words)
        assert held == memory._length <= 4_000
    assert memory.completed(login(), "user0", AT + 50 * MINUTE)


def event(**fields: object) -> Request:
    told = {"user": "anna", "remote_ip": "192.0.2.7", "cmd_name": "ID", "cmd_args": f"({IPHONE})"} | fields
    body = {"event": "imap_command_finished", "fields": told}
    return Request("POST", "/dovecot_events", "", {}, json.dumps(body).encode())


def test_an_id_after_the_login_is_a_question() -> None:
    found = dovecot_events.read(event())
    assert found == Asked(
        "dovecot_events", "imap", "mail", "anna", (Clue(ClueKind.IMAP_ID, IPHONE),), address="192.0.2.7"
    )  # fmt: skip
    twice = dovecot_events.read(event(cmd_args=f'({OTHER} "NAME" "iPhone Mail")'))
    assert isinstance(twice, Asked)
    assert len(twice.others) == 1


@pytest.mark.parametrize(
    "fields", [{"user": ""}, {"cmd_name": "SELECT"}, {"cmd_args": "NIL"}, {"cmd_args": ""}, {"cmd_args": "()"}], ids=str
)
def test_other_events_are_heard_and_left(fields: dict[str, object]) -> None:
    assert isinstance(dovecot_events.read(event(**fields)), Answer)


@contextmanager
def doveadm(status: int, body: bytes, *, fails: int = 0) -> Iterator[tuple[int, list[tuple[str, bytes]]]]:
    """Run a doveadm of our own that gives one answer to everything, once it has failed so often."""
    heard: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            heard.append((self.headers["Authorization"], self.rfile.read(length)))
            self.send_response(status if len(heard) > fails else 503)
            self.end_headers()
            self.wfile.write(body if len(heard) > fails else b"")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever).start()
    try:
        yield server.server_address[1], heard
    finally:
        server.shutdown()
        server.server_close()


def kicked(port: int, times: int = 1) -> Counter[tuple[str, ...]]:
    outcomes: Counter[tuple[str, ...]] = Counter()

    async def kick() -> None:
        kicker = Kicker("127.0.0.1", port, b"key", outcomes)
        for _ in range(times):
            kicker.kick("anna", "192.0.2.7")
        while kicker._running:  # noqa: ASYNC110 - a test
            await asyncio.sleep(0.01)

    asyncio.run(kick())
    return outcomes


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'[["doveadmResponse",[{"result":"anna"}],"gate"]]', "kicked"),
        (200, b'[["error",{"type":"exitCode","exitCode":68},"gate"]]', "nobody there"),
    ],
)
def test_doveadm_is_asked_to_end_the_sessions(status: int, body: bytes, outcome: str) -> None:
    with doveadm(status, body) as (port, heard):
        assert kicked(port) == {(outcome,): 1}
    assert heard == [("X-Dovecot-API a2V5", b'[["kick",{"mask":["anna","192.0.2.7"]},"gate"]]')]


def test_a_kick_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(kick_module, "TRIES", (0.01, 0.02))
    for fails, outcome in ((2, "kicked"), (3, "failed")):
        caplog.clear()
        with doveadm(200, b"doveadmResponse", fails=fails) as (port, heard):
            assert kicked(port) == {(outcome,): 1}
        assert len(heard) == 3
        told = [record.getMessage() for record in caplog.records]
        assert f"Sessions of anna at 192.0.2.7 were not ended: doveadm at 127.0.0.1:{port}: HTTP/1.0 503" in told[0]
        assert ["go on until" in each for each in told] == [False, True][: len(told)]
        assert len(told) == (2 if outcome == "failed" else 1)


def test_many_sessions_at_once_are_two_kicks() -> None:
    with doveadm(200, b"doveadmResponse") as (port, heard):
        assert kicked(port, times=5).total() == 2
    assert len(heard) == 2


def test_a_doveadm_that_is_gone_or_silent_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket  # noqa: PLC0415 - for this test alone

    monkeypatch.setattr(kick_module, "SECONDS", 0.2)
    monkeypatch.setattr(kick_module, "TRIES", (0.01, 0.01))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert kicked(silent.getsockname()[1]) == {("failed",): 1}
        port = silent.getsockname()[1]
    assert kicked(port) == {("failed",): 1}
