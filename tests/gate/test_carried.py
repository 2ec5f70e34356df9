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


def test_one_word_is_taken_over_for_a_while() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), AT)
    taken = memory.completed(login(), AT + 9 * MINUTE)
    assert taken.clues == (Clue(ClueKind.IMAP_ID, CARRIED + IPHONE),)
    assert memory.completed(login(), AT + 10 * MINUTE).clues == ()


@pytest.mark.parametrize(
    ("there", "here"), [("192.0.2.7", "::ffff:192.0.2.7"), ("::FFFF:c000:207", "192.0.2.7"), ("2001:DB8::0:1", "2001:db8::1")]
)
def test_an_address_is_the_same_however_it_is_spelt(there: str, here: str) -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE, address=there), AT)
    assert memory.completed(login(address=here), AT).clues == memory.spoken_for(login(address=here), AT).clues != ()


@pytest.mark.parametrize(
    "asked", [login(who="boris"), login(address="192.0.2.8"), login(address=None), login(OTHER)], ids=str
)  # fmt: skip
def test_nobody_else_takes_it_over(asked: Asked) -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), AT)
    assert memory.completed(asked, AT) == asked


def test_two_devices_do_not_speak_for_each_other() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), AT)
    memory.hear(login(OTHER), AT + MINUTE)
    assert memory.completed(login(), AT + 2 * MINUTE).clues == ()
    assert memory.completed(login(), AT + 10 * MINUTE).clues[0].value == CARRIED + OTHER, "the first is forgotten by then"


def mute(who: str = "anna", address: str | None = "192.0.2.7") -> Asked:
    return Asked("postfix", "smtp", "mail", who, (Clue(ClueKind.EHLO, "x"),), address=address)


def test_where_no_client_can_speak_one_word_stands_for_all() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(IPHONE), AT)
    said = Clue(ClueKind.IMAP_ID, CARRIED + IPHONE)
    assert memory.spoken_for(mute(), AT + 9 * MINUTE).clues == (said, Clue(ClueKind.EHLO, "x"))
    for other in (mute("boris"), mute(address="192.0.2.8"), mute(address=None)):
        assert memory.spoken_for(other, AT + MINUTE) == other
    assert memory.spoken_for(mute(), AT + 10 * MINUTE) == mute()


def test_a_computer_that_spoke_hours_ago_is_not_taken_for_the_phone_beside_it() -> None:
    memory = Carried(10 * MINUTE)
    memory.hear(login(OTHER), AT)
    memory.hear(login(IPHONE), AT + 23 * 60 * MINUTE)
    assert memory.completed(login(), AT + 23 * 60 * MINUTE).clues[0].value == CARRIED + IPHONE, "an IMAP login could speak"
    assert memory.spoken_for(mute(), AT + 23 * 60 * MINUTE) == mute()
    memory.hear(login(IPHONE), AT + 24 * 60 * MINUTE)
    assert memory.spoken_for(mute(), AT + 24 * 60 * MINUTE).clues[0].value == CARRIED + IPHONE, "a day later it is"


def test_other_evidence_stays_beside_it() -> None:
    memory, own = Carried(10 * MINUTE), Clue(ClueKind.INVENTORY, "os=android")
    memory.hear(login(IPHONE), AT)
    assert memory.completed(login("", "ANNA", "192.0.2.7", own), AT).clues == (Clue(ClueKind.IMAP_ID, CARRIED + IPHONE), own)


def test_nothing_is_remembered_where_the_operator_says_so() -> None:
    memory = Carried(timedelta())
    memory.hear(login(IPHONE), AT)
    assert memory.completed(login(), AT).clues == ()
    assert memory.spoken_for(mute(), AT) == mute()


def test_the_memory_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried_module, "MOST_PLACES", 3)
    memory = Carried(10 * MINUTE)
    for number in range(9):
        memory.hear(login(IPHONE, f"user{number}"), AT)
        memory.hear(login(f'"name" "{number}"'), AT)
    assert len(memory._said) == 3
    assert max(map(len, memory._said.values())) <= carried_module.MOST_SAID


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
def doveadm(status: int, body: bytes) -> Iterator[tuple[int, list[tuple[str, bytes]]]]:
    """Run a doveadm of our own that gives one answer to everything."""
    heard: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            heard.append((self.headers["Authorization"], self.rfile.read(length)))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

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
        (401, b"", "failed"),
    ],
)
def test_doveadm_is_asked_to_end_the_sessions(status: int, body: bytes, outcome: str) -> None:
    with doveadm(status, body) as (port, heard):
        assert kicked(port) == {(outcome,): 1}
    assert heard == [("X-Dovecot-API a2V5", b'[["kick",{"mask":["anna","192.0.2.7"]},"gate"]]')]


def test_many_sessions_at_once_are_two_kicks() -> None:
    with doveadm(200, b"doveadmResponse") as (port, heard):
        assert kicked(port, times=5).total() == 2
    assert len(heard) == 2


def test_a_doveadm_that_is_gone_or_silent_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket  # noqa: PLC0415 - for this test alone

    monkeypatch.setattr(kick_module, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert kicked(silent.getsockname()[1]) == {("failed",): 1}
        port = silent.getsockname()[1]
    assert kicked(port) == {("failed",): 1}
