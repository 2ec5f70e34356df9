"""What clients of a door, and others who stand in the place of a door or a gate, can't bring a relay to do."""

from __future__ import annotations

import json
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from gate import KEY
from programs import wait_until

Known = Pair = Any  # what conftest gives; tests can't import from it


@contextmanager
def saying(port: int, answer: bytes, late: bytes = b"") -> Iterator[None]:
    """Stand in a gate's place, answer whatever comes, and a little later say more that nobody asked for."""

    def serve(wire: socket.socket) -> None:
        with wire, suppress(OSError):
            while wire.recv(65536):
                wire.sendall(answer)
                time.sleep(0.02 if late else 0)
                wire.sendall(late)

    def take() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=server.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as server:
        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("size", [40_000, 60_000])
def test_a_question_that_a_gate_finds_too_large_brings_no_older_decision_back(size: int, pair: Pair, known: Known) -> None:
    assert pair.relay.envoy("anna", known.firefox)[0] == 200
    for _ in range(20):
        assert pair.relay.envoy("anna", known.firefox, Accept_Language="x" * size)[0] == 431
    assert len(pair.gate.decisions()) == 1
    assert pair.relay.figure('phaseout_relay_answers_total{caller="envoy",whose="last known"}') == 0
    pair.end()
    assert pair.relay.envoy("anna", known.firefox)[0] == 200, "that it was too large was not kept"


def test_an_older_answer_in_another_language_does_not_overrule_a_newer_one(pair: Pair) -> None:
    def roundcube(language: str) -> Any:  # noqa: ANN401 - JSON
        question = json.dumps({"login": "anna", "agent": "x", "address": "192.0.2.7"}).encode()
        return json.loads(pair.relay.ask("/roundcube", {"Accept-Language": language}, question)[2])

    pair.end()
    for language, refused in (("en", b"false"), ("ru", b"true ")):
        body = b'{"refused":%s,"decision":"K7Q4MX-2F"}' % refused
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
        with saying(pair.gate.port, head + body):
            assert roundcube(language)["refused"] is (refused != b"false")
    assert roundcube("en")["refused"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/envoy*", None), ("/envoy/mail/", None), ("/nginx/nowhere", None), ("/", None),
        ("/dovecot?command=allow", b"["), ("/roundcube", b"["),
    ],
)  # fmt: skip
def test_whoever_says_yes_to_everything_says_none_to_what_is_no_question(path: str, body: bytes | None, pair: Pair) -> None:
    pair.end()
    told = b'{"status": 0, "msg": "yes"}'
    yes = b"HTTP/1.1 200 OK\r\nX-Gate-Decision: K\r\nX-Gate-Effect: allow\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told)
    with saying(pair.gate.port, yes):
        status, _, said = pair.relay.ask(path, body=body)
    assert (status in {404, 503}, said) == (True, b"")


def test_what_no_gate_decides_needs_none(pair: Pair) -> None:
    pair.end()
    with saying(pair.gate.port, b'HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{"status":-1,"msg":"no"}'):
        sieve = json.dumps({"login": "anna", "protocol": "sieve"}).encode()
        assert pair.relay.ask("/dovecot?command=allow", body=sieve)[::2] == (200, b'{"status":0,"msg":""}')
        assert pair.relay.send("") == b"action=DUNNO\n\n"


def test_what_comes_late_answers_no_other_question(pair: Pair, known: Known) -> None:
    pair.end()

    said = b"HTTP/1.1 200 OK\r\nX-Gate-Decision: %b\r\nX-Gate-Effect: allow\r\nContent-Length: 0\r\n\r\n"
    with saying(pair.gate.port, said % b"asked", late=said % b"late"):
        for login in ("anna", "boris", "vera"):
            assert pair.relay.envoy(login, known.firefox)[1]["x-gate-decision"] == "asked"
            time.sleep(0.1)


def test_a_door_that_hangs_up_while_it_waits_is_no_fault(pair: Pair, known: Known) -> None:
    pair.gate.process.send_signal(signal.SIGSTOP)
    try:
        with socket.create_connection(("127.0.0.1", pair.relay.port)) as door:
            told = f"X-API-Key: {KEY}\r\nX-User: vera\r\nX-Phaseout-Door: webmail\r\n\r\n"
            door.sendall(b"GET /envoy/mail/ HTTP/1.1\r\n" + told.encode())
            time.sleep(0.05)
            door.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # it is told by a reset
        assert pair.relay.envoy("vera", known.firefox)[0] == 503
        wait_until(lambda: "No gate decides" in pair.relay.said(), "both were asked in vain")
    finally:
        pair.gate.process.send_signal(signal.SIGCONT)
    assert "ERROR" not in pair.relay.said()


def test_what_a_client_says_after_its_login_reaches_the_gate_and_is_not_kept(pair: Pair, known: Known) -> None:
    def told(command: str) -> int:
        fields = {"user": "boris@example.org", "remote_ip": "192.0.2.7", "cmd_name": command, "cmd_args": f"({known.iphone_id})"}
        event = json.dumps({"event": "imap_command_finished", "fields": fields}).encode()
        return int(pair.relay.ask(f"/dovecot_events?key={KEY}", body=event)[0])

    assert (told("ID"), told("SELECT")) == (200, 200)
    assert [(each["caller"], each["login"]) for each in pair.gate.decisions()] == [("dovecot_events", "boris@example.org")]
    assert pair.relay.imap("boris@example.org", "")[1]["status"] == -1, "it was heard, and stands for who says nothing"
    pair.end()
    assert (told("ID"), told("SELECT")) == (503, 200)
    assert pair.relay.imap("boris@example.org", "")[1]["status"] == -1


def test_each_command_of_activesync_keeps_its_own_words(pair: Pair) -> None:
    def phone(command: str) -> bytes:
        target = f"/Microsoft-Server-ActiveSync?Cmd={command}&User=anna&DeviceId=1&DeviceType=iPhone"
        status, _, said = pair.relay.envoy("anna", "x", target, "activesync")
        assert status == 403
        return said

    commands = ("FolderSync", "Settings", "Provision")
    first = [phone(command) for command in commands]
    assert [len(each) > 0 for each in first] == [True, False, True]
    pair.end()
    assert [phone(command) for command in commands] == first
