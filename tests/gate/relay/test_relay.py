"""A relay before a real gate: while a gate decides its answers are handed on, and without one the last that was known."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gate import KEY, running_relay
from programs import free_port, wait_until

Start = Callable[..., Any]
Known = Pair = Relay = Any  # what conftest gives; tests can't import from it

EAS = "/Microsoft-Server-ActiveSync?Cmd=Sync&User=anna&DeviceId=1&DeviceType=iPhone"


def asked_by_all(relay: Relay, known: Known) -> dict[str, object]:
    """Ask as each door does about a forbidden and an allowed device, and return what each is told."""
    forwarded = {"X-Forwarded-Uri": "/mail/", "X-Forwarded-For": "192.0.2.7", "X-Auth-User": "anna"}
    told: dict[str, object] = {}
    for name, agent in (("iphone", known.iphone), ("firefox", known.firefox)):
        roundcube = json.dumps({"login": "anna", "agent": agent, "address": "192.0.2.7"}).encode()
        told |= {
            f"envoy {name}": relay.envoy("anna", agent, Accept_Language="ru"),
            f"traefik {name}": relay.ask(
                f"/traefik/webmail?key={KEY}&person=X-Auth-User", {**forwarded, "User-Agent": agent, "Accept-Language": "en"}
            ),
            f"nginx {name}": relay.ask("/nginx/webmail", {"X-Original-URI": "/mail/", "X-User": "anna", "User-Agent": agent}),
            f"roundcube {name}": relay.ask("/roundcube", {"Accept-Language": "ru"}, roundcube),
        }
    for name, device in (("iphone", known.iphone_id), ("thunderbird", known.thunderbird_id)):
        told[f"dovecot {name}"] = relay.imap("boris@example.org", device, session_id=str(time.monotonic()))
    told["activesync"] = relay.envoy("anna", "x", EAS, "activesync")
    told["postfix"] = relay.send("boris@example.org", instance=str(time.monotonic()))
    return told


def test_each_door_keeps_its_last_known_decision(pair: Pair, known: Known) -> None:
    first = asked_by_all(pair.relay, known)
    assert [first[f"{door} iphone"][0] for door in ("envoy", "traefik", "nginx", "roundcube", "dovecot")] == [
        403, 403, 403, 200, 200,
    ]  # type: ignore[index]  # fmt: skip
    assert first["dovecot iphone"][1]["status"] == -1  # type: ignore[index]
    assert first["dovecot thunderbird"] == (200, {"status": 0, "msg": ""})
    assert first["envoy firefox"][1]["x-gate-effect"] == "allow"  # type: ignore[index]
    assert first["activesync"][2].endswith(b"129\0\1\1")  # type: ignore[index]
    assert first["postfix"].startswith(b"action=")  # type: ignore[attr-defined]
    ids = {each["id"] for each in pair.gate.decisions()}
    assert len(ids) == len(first), "each was decided by the gate, none twice"
    assert first["nginx iphone"][1]["x-gate-decision"] in ids  # type: ignore[index]
    pair.end()
    assert asked_by_all(pair.relay, known) == first, "to the letter, the decisions' ids too"
    assert pair.relay.figure('phaseout_relay_answers_total{caller="dovecot",whose="last known"}') == 2
    assert pair.relay.figure('phaseout_relay_answers_total{caller="postfix",whose="gate"}') == 1
    assert pair.relay.figure("phaseout_relay_gate_works") == 0


def test_who_was_not_decided_about_is_answered_as_without_a_gate(pair: Pair, known: Known) -> None:
    asked_by_all(pair.relay, known)
    pair.end()
    relay = pair.relay
    assert relay.envoy("vera", known.firefox)[0] == 503
    assert relay.envoy("anna", f"{known.firefox} x")[0] == 503, "another device"
    assert relay.envoy("anna", known.firefox, X_Real_IP="192.0.2.8")[0] == 503, "another address"
    assert relay.envoy("anna", known.firefox, X_API_Key="another-key-0123456789")[0] == 503, "another key"
    assert relay.envoy("anna", known.firefox, door="caldav")[0] == 503, "another door"
    assert relay.envoy("anna", known.firefox, "/mail/another?page=2")[0] == 200, "another page, and language, is not"
    status, _, page = relay.envoy("anna", known.iphone)
    assert (status, b'<html lang="ru">' in page) == (403, True), "told in the words that are known"
    assert relay.envoy("anna", "x", EAS.replace("Sync", "GetItemEstimate"), "activesync")[0] == 403
    assert relay.imap("boris@example.org", known.samsung_id)[0] == 503
    assert relay.send("anna@example.org") == b"", "Postfix takes the end of the connection for no opinion"
    assert relay.send("", client_address="192.0.2.99") == b"action=DUNNO\n\n", "mail of other servers is not decided about"
    assert relay.ask("/dovecot?command=report", body=b"{}")[0] == 200
    assert relay.figure('phaseout_relay_answers_total{caller="envoy",whose="none"}') == 5
    wait_until(lambda: "No gate decides for envoy" in relay.said(), "it says so")
    assert re.search(
        r"WARNING No gate decides for envoy \(127\.0\.0\.1:\d+: .+\)\. The last known decisions hold\.", relay.said()
    )


def test_a_gate_that_is_back_decides_again(pair: Pair, known: Known) -> None:
    pair.relay.envoy("anna", known.firefox)
    pair.end()
    pair.relay.envoy("anna", known.firefox)
    assert pair.relay.envoy("vera", known.firefox)[0] == 503
    with pair.start() as gate:
        assert pair.relay.envoy("vera", known.firefox)[0] == 200, "who has no known decision need not wait for it"
        wait_until(lambda: "Gates decide for envoy again. " in pair.relay.said(), "it says so")
        assert "with a last known decision: 1, without one: 1." in pair.relay.said()
        asked = [pair.relay.envoy("anna", known.firefox)[1]["x-gate-decision"] for _ in range(3)]
        assert set(asked) <= {each["id"] for each in gate.decisions()}
        assert len(set(asked)) == 3


def test_what_is_kept_outlives_the_relay(pair: Pair, start_relay: Start, known: Known, tmp_path: Path) -> None:
    first = pair.relay.envoy("anna", known.iphone)
    file = tmp_path / "relay" / "kept.db"
    assert {stat.S_IMODE(each.stat().st_mode) for each in file.parent.glob("kept.db*")} == {0o600}
    pair.end()
    pair.relay.process.send_signal(signal.SIGTERM)
    assert pair.relay.process.wait(10) == 0
    with start_relay((pair.gate.port,)) as relay:
        assert relay.envoy("anna", known.iphone) == first
    written = b"".join(each.read_bytes() for each in file.parent.glob("kept.db*"))
    assert b"X-Gate-Decision" in written
    for secret in (b"anna", b"192.0.2.7", b"iPhone OS 17_4", KEY.encode()):
        assert secret not in written
    with start_relay((pair.gate.port,), "--hours", "0.0000001") as relay:
        assert relay.envoy("anna", known.iphone)[0] == 503, "it holds no longer"


def test_a_file_that_is_damaged_is_put_aside(pair: Pair, start_relay: Start, known: Known, tmp_path: Path) -> None:
    pair.relay.process.terminate()
    pair.relay.process.wait()
    file = tmp_path / "relay" / "kept.db"
    file.write_bytes(b"no database at all" * 1000)
    with start_relay((pair.gate.port,)) as relay:
        assert "is damaged" in relay.said()
        assert relay.envoy("anna", known.firefox)[0] == 200
        pair.end()
        assert relay.envoy("anna", known.firefox)[0] == 200
    assert (file.parent / "kept.db.damaged").read_bytes().startswith(b"no database")


def test_without_an_opinion_the_last_known_holds_too(pair: Pair, start_gate: Start, config: str, known: Known) -> None:
    first = asked_by_all(pair.relay, known)
    pair.end()
    with start_gate(
        config, data=b"damaged", port=pair.gate.port, wait="/healthz", listen=(f"postfix=127.0.0.1:{pair.postfix}",)
    ) as gate:
        assert asked_by_all(pair.relay, known) == first
        assert pair.relay.envoy("vera", known.firefox)[0] == 503
        assert gate.figure("phaseout_gate_no_opinion_total") >= len(first)
    (gate.folder / "api.key").write_text("another-key-0123456789", "ascii")
    with pair.start() as gate:
        assert asked_by_all(pair.relay, known) == first
        assert pair.relay.envoy("vera", known.firefox)[0] == 503
        assert len(gate.decisions()) == len(first)


def test_a_gate_that_never_answers_keeps_nobody_waiting(pair: Pair, known: Known) -> None:
    first = asked_by_all(pair.relay, known)
    pair.gate.process.send_signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert asked_by_all(pair.relay, known) == first
        for _ in range(50):
            assert pair.relay.envoy("anna", known.firefox)[0] == 200
        assert time.monotonic() - begun < 5, "one question each two seconds waits for it"
        begun = time.monotonic()
        assert pair.relay.envoy("vera", known.firefox)[0] == 503
        assert time.monotonic() - begun < 2
    finally:
        pair.gate.process.send_signal(signal.SIGCONT)


NO_DECISIONS = (
    (200, b"hello", {}), (200, b'{"status": 0}', {}), (204, b"", {}), (403, b"no", {}), (302, b"", {"Location": "/"}),
    (200, b"x" * 300_000, {"X-Gate-Decision": "FORGED", "X-Gate-Effect": "allow"}),
)  # fmt: skip


@pytest.mark.parametrize(("status", "body", "headers"), NO_DECISIONS)
def test_something_else_in_the_gate_s_place_decides_nothing(
    status: int, body: bytes, headers: dict[str, str], pair: Pair, known: Known
) -> None:
    first = asked_by_all(pair.relay, known)
    pair.end()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", pair.gate.port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            assert asked_by_all(pair.relay, known) == first
            assert pair.relay.envoy("vera", known.firefox)[0] == 503
            assert pair.relay.imap("vera@example.org", known.samsung_id)[0] == 503
        finally:
            server.shutdown()
            thread.join()


def test_the_second_gate_takes_over(start_gate: Start, start_relay: Start, config: str, known: Known, tmp_path: Path) -> None:
    with (
        start_gate(config) as first,
        start_gate(config, folder=tmp_path / "second") as second,
        start_relay((first.port, second.port)) as relay,
    ):
        assert {relay.envoy("anna", known.firefox)[0] for _ in range(20)} == {200}
        assert (len(first.decisions()), len(second.decisions())) == (20, 0), (
            "the first, as long as it answers: it knows what it was told"
        )
        first.process.kill()
        first.process.wait()
        assert {relay.envoy(user, known.firefox)[0] for user in ("anna", "vera", "boris") for _ in range(10)} == {200}
        assert len(second.decisions()) == 30
        assert relay.figure("phaseout_relay_gate_works") == 1
        assert relay.figure('phaseout_relay_answers_total{caller="envoy",whose="gate"}') == 50


def test_a_question_for_the_head_alone(pair: Pair, known: Known) -> None:
    told = {"X-User": "anna", "User-Agent": known.iphone, "X-Phaseout-Door": "webmail"}
    for _ in range(2):
        status, headers, body = pair.relay.ask("/envoy/mail/", told, method="HEAD")
        assert (status, body) == (403, b"")
        assert int(headers["content-length"]) > 500
        if pair.gate.process.poll() is None:
            pair.end()


def test_what_is_no_question_is_answered_by_the_gate(pair: Pair, known: Known) -> None:
    assert pair.relay.envoy("anna", known.iphone, door="nowhere")[0] == 400
    assert pair.relay.ask("/dovecot?command=allow", body=b"[")[0] == 400
    assert pair.relay.ask("/nowhere")[0] == 404
    assert pair.relay.envoy("anna", known.iphone, X_API_Key="another-key-0123456789")[0] == 503
    status, _, page = pair.relay.ask("/denied/webmail", {"X-Gate-Decision": "K7Q4MX-2F", "X-Gate-Clause": "seat"})
    assert (status, b"No Apple phones for work." in page) == (403, True)
    assert not pair.gate.decisions()
    pair.end()
    assert pair.relay.envoy("anna", known.iphone, door="nowhere")[0] == 503
    assert pair.relay.ask("/denied/webmail")[0] == 503
    assert pair.relay.ask("/healthz")[::2] == (200, b"alive\n")


@pytest.mark.parametrize(
    ("sent", "begins"),
    [
        (b"GET / HTTP/1.1\r\nHost x\r\n\r\n", b"HTTP/1.1 400 "),
        (b"\x16\x03\x01\x00\x05hello", b"HTTP/1.1 400 "),
        (b"GET /envoy/" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n", b"HTTP/1.1 400 "),
        (b"POST /dovecot?command=allow HTTP/1.1\r\nContent-Length: 900000\r\n\r\n" + b"x" * 900_000, b"HTTP/1.1 400 "),
        (b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", b"HTTP/1.1 400 "),
        (b"GET /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", b"HTTP/1.1 200 OK\r\n"),
    ],
)
def test_garbage_ends_the_connection(sent: bytes, begins: bytes, pair: Pair) -> None:
    with socket.create_connection(("127.0.0.1", pair.relay.port), 20) as wire:
        said = b""
        try:
            wire.sendall(sent)
            while more := wire.recv(65536):
                said += more
        except ConnectionError:
            pass  # it hung up while we were still talking
    assert said.startswith(begins) or (len(sent) > 100_000 and not said)
    if said:
        assert said.count(b"HTTP/1.1") == max(1, sent.count(b"/healthz"))
    assert "ERROR" not in pair.relay.said()


def test_it_ends_in_order(pair: Pair, known: Known) -> None:
    with socket.create_connection(("127.0.0.1", pair.relay.port), 20) as idle:
        pair.relay.envoy("anna", known.firefox)
        pair.relay.process.send_signal(signal.SIGHUP)
        assert pair.relay.envoy("anna", known.firefox)[0] == 200, "which ends it not"
        begun = time.monotonic()
        pair.relay.process.terminate()
        assert pair.relay.process.wait(10) == 0
        assert time.monotonic() - begun < 2
        assert idle.recv(1) == b""
    assert pair.relay.said().endswith("INFO Ended.\n")
    assert "WARNING" not in pair.relay.said()


def test_two_relays_before_one_gate_do_not_share_a_place(pair: Pair, tmp_path: Path) -> None:
    listen = [f"127.0.0.1:{pair.relay.port}"]
    with (
        pytest.raises(pytest.fail.Exception, match="PO530"),
        running_relay(tmp_path / "other", listen, [f"127.0.0.1:{free_port()}"]),
    ):
        pass
