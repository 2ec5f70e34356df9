"""Real Roundcube with the very plugin of deploy/roundcube: who gets in, what holds without a gate, what the gate is told."""

from __future__ import annotations

import html
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dovecot import PASSWORD
from gate import KEY

from .stack import Stack
from .visitor import Visitor

GATE = '[callers.roundcube]\nkeys = ["roundcube.key"]\n[texts]\ncontact = "it@example.org"\n'
ANNA, VERA = "anna@example.org", "vera@example.org"
GLEB = "gleb@example.org"
"""Speaks Russian: Roundcube speaks to a person as the first browser wished that the person signed in with."""

TITLE = "This device can&#039;t be used for work here"
MAILBOX = 'id="messagelist"'
LATER = "Please try again in a minute."

Start = Callable[..., Any]
Known = Gate = Any  # what the conftest above gives; tests can't import from it


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "roundcube.key"
    file.write_text(KEY, "ascii")
    return file


@pytest.fixture
def gate(start_gate: Start, stack: Stack, key: Path) -> Iterator[Gate]:
    assert key.exists()
    with start_gate(GATE, port=stack.gate) as running:
        yield running


def test_who_gets_in_and_who_is_told_what(gate: Gate, stack: Stack, known: Known) -> None:
    firefox, iphone = Visitor(stack.web, known.firefox), Visitor(stack.web, known.iphone, "ru-RU,ru;q=0.9")
    page = firefox.sign_in(ANNA, PASSWORD)
    assert (page.status, MAILBOX in page.text, "phaseout" in page.text) == (200, True, False)
    before = len(stack.signed_in())
    page = iphone.sign_in(ANNA, PASSWORD)
    decision = gate.decisions()[-1]
    assert (page.status, MAILBOX in page.text) == (403, False)
    assert "Это устройство нельзя использовать здесь для работы" in page.text
    for said in ("No Apple phones for work.", "it@example.org", decision["id"], '<div class="phaseout" role="alert" lang="ru">'):
        assert said in page.text
    assert (decision["login"], decision["address"], decision["effect"]) == (ANNA, "127.0.0.1", "block")
    assert len(stack.signed_in()) == before + 1, "the password was tried, and no mail was opened"
    assert iphone.get("/?_task=mail").status == 403, "the session is over, and still says why"
    assert [each["effect"] for each in gate.decisions()] == ["allow", "block"]


def test_who_signs_in_from_something_else_then_gets_in(gate: Gate, stack: Stack, known: Known) -> None:
    browser = Visitor(stack.web, known.iphone)
    assert TITLE in browser.sign_in(ANNA, PASSWORD).text
    browser.agent = known.firefox
    page = browser.sign_in(ANNA, PASSWORD)
    assert (page.status, MAILBOX in page.text, "phaseout" in page.text) == (200, True, False)
    assert gate.decisions()[-1]["effect"] == "allow"


def test_a_wrong_password_is_told_nothing(gate: Gate, stack: Stack, known: Known) -> None:
    pages = [Visitor(stack.web, agent).sign_in(ANNA, "wrong-1") for agent in (known.iphone, known.firefox)]
    assert [page.status for page in pages] == [401, 401]
    assert all("Login failed." in page.text and "phaseout" not in page.text for page in pages)
    assert gate.log.read_bytes() == b"", "the gate was not even asked"


def test_a_stolen_session_without_its_second_cookie_is_told_nothing(gate: Gate, stack: Stack, known: Known) -> None:
    browser = Visitor(stack.web, known.firefox)
    browser.sign_in(ANNA, PASSWORD)
    thief = Visitor(stack.web, known.iphone, cookies={"roundcube_sessid": browser.cookies["roundcube_sessid"]})
    assert "phaseout" not in thief.get("/?_task=mail").text
    assert len(gate.decisions()) == 1


def test_another_browser_with_the_same_cookies_is_asked_about_at_once(gate: Gate, stack: Stack, known: Known) -> None:
    browser = Visitor(stack.web, known.firefox)
    browser.sign_in(ANNA, PASSWORD)
    for _ in range(3):
        assert browser.call("/?_task=mail&_action=list&_mbox=INBOX").status == 200
    assert len(gate.decisions()) == 1, "known for a minute"
    phone = Visitor(stack.web, known.iphone, cookies=dict(browser.cookies))
    answer = phone.call("/?_task=mail&_action=list&_mbox=INBOX")
    assert "not allowed since 8 October 2020" in answer.text
    assert "session_error" in answer.text
    assert "add_message_row" not in answer.text
    assert MAILBOX not in browser.get("/?_task=mail").text, "the session is over for both"


def test_a_warning_is_said_once_and_passes(gate: Gate, stack: Stack, known: Known) -> None:
    browser = Visitor(stack.web, known.iphone)
    page = browser.sign_in(VERA, PASSWORD)
    warning = "Apple phones and tablets: advised against since"
    assert (page.status, MAILBOX in page.text, page.text.count(warning)) == (200, True, 1)
    assert gate.decisions()[-1]["id"] in page.text
    stack.choose("open", seconds=0)
    assert warning not in browser.get("/?_task=mail").text
    assert len(gate.decisions()) == 2


def test_an_open_session_is_asked_about_again(gate: Gate, stack: Stack, known: Known) -> None:
    stack.choose("open", seconds=0)
    browser = Visitor(stack.web, known.firefox)
    browser.sign_in(ANNA, PASSWORD)
    asked = len(gate.decisions())
    browser.call("/?_task=mail&_action=refresh")
    assert len(gate.decisions()) == asked + 1


@contextmanager
def silent(port: int) -> Iterator[list[bytes]]:
    """Listen where the gate should, take what is said, and answer nothing."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(20)

        def listen() -> None:
            wire = server.accept()[0]
            wire.settimeout(20)
            with wire:
                while more := wire.recv(65536):
                    heard.append(more)

        listener = threading.Thread(target=listen)
        listener.start()
        yield heard
        listener.join(20)


def seen_without_opinion(stack: Stack, browser: Visitor, choice: str) -> None:
    """Hold a login without the gate's opinion to the operator's choice."""
    stack.choose(choice)
    page = browser.sign_in(ANNA, PASSWORD)
    if choice == "open":
        assert (page.status, MAILBOX in page.text) == (200, True)
    else:
        assert (page.status, MAILBOX in page.text, LATER in page.text) == (503, False, True)
        assert page.headers["retry-after"] == "30"
        answer = browser.call("/?_task=mail&_action=list&_mbox=INBOX")
        assert "be opened at the moment" in answer.text
        assert "add_message_row" not in answer.text


@pytest.mark.parametrize("choice", ["open", "closed", "mistyped"])
def test_without_a_gate(choice: str, stack: Stack, known: Known) -> None:
    seen_without_opinion(stack, Visitor(stack.web, known.iphone), choice)
    assert "phaseout: the gate has no opinion: Failed to connect" in stack.errors()


def test_with_a_gate_that_has_no_opinion(start_gate: Start, stack: Stack, known: Known, key: Path) -> None:
    assert key.exists()
    with start_gate(GATE, data=b"damaged", wait="/healthz", port=stack.gate) as gate:
        for choice in ("open", "closed"):
            seen_without_opinion(stack, Visitor(stack.web, known.iphone), choice)
        assert gate.figure('phaseout_gate_no_opinion_total{caller="roundcube",reason="no bundle"}') >= 1


def test_with_a_gate_that_does_not_know_the_key(start_gate: Start, stack: Stack, known: Known, key: Path) -> None:
    key.write_text("another-key-0123456789", "ascii")
    with start_gate(GATE, port=stack.gate):
        for choice in ("open", "closed"):
            seen_without_opinion(stack, Visitor(stack.web, known.iphone), choice)


def test_the_gate_is_told_no_password_and_no_cookie_and_is_not_waited_for(stack: Stack, known: Known) -> None:
    stack.choose("open", milliseconds=300)
    browser = Visitor(stack.web, known.firefox, "ru")
    with silent(stack.gate) as heard:
        page = browser.sign_in(GLEB, PASSWORD)
        assert (page.status, MAILBOX in page.text) == (200, True)
    head, _, body = b"".join(heard).partition(b"\r\n\r\n")
    assert json.loads(body) == {"login": GLEB, "agent": known.firefox, "address": "127.0.0.1"}
    names = {line.partition(b":")[0].lower() for line in head.splitlines()[1:]}
    assert names == {b"host", b"accept", b"content-type", b"content-length", b"accept-language", b"x-api-key"}
    assert b"Accept-Language: ru" in head
    for secret in (PASSWORD, *browser.cookies.values()):
        assert secret.encode() not in head + body
    assert "Operation timed out after 30" in stack.errors()


def test_the_last_known_decision_holds_without_a_gate(start_gate: Start, stack: Stack, known: Known, key: Path) -> None:
    assert key.exists()
    stack.choose("last-known", seconds=0)
    desk, phone = Visitor(stack.web, known.firefox), Visitor(stack.web, known.iphone)
    with start_gate(GATE, port=stack.gate):
        assert MAILBOX in desk.sign_in(ANNA, PASSWORD).text
        assert MAILBOX not in phone.sign_in(ANNA, PASSWORD).text
    assert MAILBOX in desk.get("/?_task=mail").text
    assert MAILBOX in Visitor(stack.web, known.firefox).sign_in(ANNA, PASSWORD).text, "in a new session, too"
    assert Visitor(stack.web, known.iphone).sign_in(ANNA, PASSWORD).status == 503, "refused, and known for no more"
    assert Visitor(stack.web, known.firefox).sign_in(GLEB, PASSWORD).status == 503, "nothing is known of him"
    stack.choose("closed", seconds=0)
    assert desk.get("/?_task=mail").status == 503


def test_who_was_let_in_goes_on_when_the_gate_is_back(start_gate: Start, stack: Stack, known: Known, key: Path) -> None:
    assert key.exists()
    stack.choose("closed", seconds=0)
    browser = Visitor(stack.web, known.firefox)
    with start_gate(GATE, port=stack.gate):
        assert MAILBOX in browser.sign_in(ANNA, PASSWORD).text
    assert browser.get("/?_task=mail").status == 503
    with start_gate(GATE, port=stack.gate):
        page = browser.get("/?_task=mail")
        assert (page.status, MAILBOX in page.text) == (200, True), "without signing in again"


class Saying(BaseHTTPRequestHandler):
    """Says what it was given to say, whatever it is asked."""

    body = b""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing of it."""


@contextmanager
def saying(port: int, body: bytes) -> Iterator[None]:
    """Listen where the gate should, and say that to every question."""
    server = ThreadingHTTPServer(("127.0.0.1", port), type("Fixed", (Saying,), {"body": body}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


EVIL = "<script>alert(1)</script>"


def test_what_the_gate_says_is_never_markup(stack: Stack, known: Known) -> None:
    names = ("language", "title", "reason", "words", "source", "personal", "heading", "questions", "number", "decision")
    letter = dict.fromkeys(names, EVIL) | {"to_do": [EVIL]}
    browser = Visitor(stack.web, known.firefox)
    with saying(stack.gate, json.dumps({"refused": False, "line": EVIL, "clause": "c", "letter": letter}).encode()):
        assert EVIL not in browser.sign_in(ANNA, PASSWORD).text, "in a warning"
    stack.choose("open", seconds=0)
    with saying(stack.gate, json.dumps({"refused": True, "line": EVIL, "letter": letter}).encode()):
        answer = json.loads(browser.call("/?_task=mail&_action=refresh").text)
        assert EVIL not in answer["exec"]
        page = browser.get("/?_task=login").text
    assert EVIL not in page
    assert page.count(html.escape(EVIL)) == len(names) + 1


def test_a_frame_tells_the_page_around_it(stack: Stack, known: Known) -> None:
    stack.choose("open", seconds=0)
    browser = Visitor(stack.web, known.firefox)
    assert MAILBOX in browser.sign_in(ANNA, PASSWORD).text
    with saying(stack.gate, b'{"refused": true, "line": "Not with this one. [K-1]"}'):
        frame = browser.get("/?_task=mail&_action=preview&_uid=1&_mbox=INBOX&_framed=1")
    assert 'parent.rcmail.display_message("Not with this one. [K-1]"' in frame.text
    assert "parent.rcmail.session_error(" in frame.text


@pytest.mark.parametrize("body", [b"", b"[]", b"true", b'{"refused": "no"}', b"{", b'{"refused": null}', b"\xff" * 99])
def test_what_is_no_answer_is_no_opinion(body: bytes, stack: Stack, known: Known) -> None:
    stack.choose("closed")
    with saying(stack.gate, body):
        assert Visitor(stack.web, known.firefox).sign_in(ANNA, PASSWORD).status == 503


@pytest.mark.parametrize("letter", [None, "x", 7, [], ["x"], {"title": [1], "to_do": "x"}, {"to_do": [{"a": 1}]}])
def test_a_refusal_is_one_whatever_its_letter(letter: object, stack: Stack, known: Known) -> None:
    with saying(stack.gate, json.dumps({"refused": True, "letter": letter, "line": 7, "clause": []}).encode()):
        browser = Visitor(stack.web, known.firefox)
        assert MAILBOX not in browser.sign_in(ANNA, PASSWORD).text
        assert MAILBOX not in browser.get("/?_task=mail").text
    assert "PHP Fatal" not in stack.errors()
