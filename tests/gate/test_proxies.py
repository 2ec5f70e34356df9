"""Real Traefik and real Envoy with the very files of deploy: who gets in, who is told what, and what holds without a gate."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from misspelt import misspelt

from .proxy_door import Back, asked_at, config, mail_server
from .proxy_door import opened as opened_in
from .web_door import EAS, IPHONE_PACKED, IPHONE_SYNC, SAMSUNG_SYNC, WebDoor, signed_in

Start = Callable[..., Any]
Known = Gate = Any  # what conftest gives; tests can't import from it


@pytest.fixture(scope="module")
def back() -> Iterator[Back]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def open_door(tmp_path_factory: pytest.TempPathFactory, back: Back) -> Start:
    """Return a context that runs a proxy with the files of deploy."""

    def door(proxy: str, door: str, *asked: int) -> AbstractContextManager[WebDoor]:
        return opened_in(tmp_path_factory.mktemp("proxy"), proxy, door, back.port, *asked)

    return door


@pytest.fixture(scope="module", params=["traefik", "envoy"])
def proxy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["closed", "open", "last-known"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def gate(start_gate_in: Start, tmp_path_factory: pytest.TempPathFactory, proxy: str) -> Iterator[Gate]:
    folder = tmp_path_factory.mktemp("gate")
    with start_gate_in(folder, config(proxy, folder)) as running:
        yield running


@pytest.fixture(scope="module")
def opened(open_door: Start, proxy: str, door: str, gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDoor]:
    with asked_at(door, tmp_path_factory.mktemp("asked"), gate.port) as port, open_door(proxy, door, port) as running:
        yield running


@pytest.fixture
def mail(opened: WebDoor, back: Back) -> WebDoor:
    back.seen.clear()
    return opened


def test_who_gets_in_and_who_is_told_what(mail: WebDoor, gate: Gate, known: Known, back: Back) -> None:
    assert mail.ask("/mail/?_task=mail", known.firefox)[::2] == (200, b"mail")
    assert back.seen[0][2]["x-gate-effect"] == "allow"
    status, headers, body = mail.ask("/mail/?_task=mail", known.iphone, **{"Accept-Language": "ru"})
    page, decision = body.decode(), gate.decisions()[-1]
    assert (status, headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "No Apple phones for work." in page
    assert '<html lang="ru">' in page
    assert (decision["id"] in page, decision["effect"], decision["login"]) == (True, "block", "anna")
    assert decision["address"] == "127.0.0.1"
    assert mail.ask("/mail/", known.iphone, user="vera")[::2] == (200, b"mail")
    assert unquote(back.seen[-1][2]["x-gate-reason"]).startswith("Apple phones and tablets: advised against since")
    assert len(back.seen) == 2, "the refused request did not reach the mail server"
    assert "pass-word-1" not in gate.log.read_text("utf-8")


def test_activesync(mail: WebDoor, gate: Gate, back: Back) -> None:
    before = len(gate.decisions())
    post = {"method": "POST", "body": b"\x03\x01j\0", "Content-Type": "application/vnd.ms-sync.wbxml"}
    assert mail.ask(SAMSUNG_SYNC, "Android-SAMSUNG-SM-S901B/101.13", **post)[::2] == (200, b"mail")
    assert back.seen[0][3] == b"\x03\x01j\0", "the body reaches the mail server whole"
    for target in (IPHONE_SYNC, IPHONE_PACKED):
        status, headers, body = mail.ask(target, "Apple-iPhone14C2/2001.362", **post)
        assert (status, headers["content-type"]) == (403, "application/vnd.ms-sync.wbxml")
        assert body.endswith(b"129\0\1\1")
    assert mail.ask(EAS, "Apple-iPhone14C2/2001.362", method="OPTIONS")[0] == 403
    assert len(back.seen) == 1
    assert [(each["action"], each["effect"], each.get("device_id")) for each in gate.decisions()[before:]] == [
        ("use", "allow", "SEC1A2B3C4D5E6F7"), ("use", "block", "ApplF2LXQ0ABCD12"), ("set-up", "block", "ApplF2LXQ0ABCD12"),
        ("set-up", "block", None),
    ]  # fmt: skip


FORGED = {
    "X-User": "gleb", "X-Auth-User": "gleb", "X_Auth_User": "gleb", "X-Forwarded-User": "gleb", "X-Original-URI": "/mail/",
    "X-Forwarded-Uri": "/", "X-Forwarded-Method": "OPTIONS", "X-Forwarded-For": "192.0.2.99", "X-Real-IP": "192.0.2.99",
    "X-API-Key": "another-key-0123456789", "X-Phaseout-Door": "caldav", "X-Gate-Effect": "allow", "X-Gate-Decision": "FORGED-1",
    "X-Gate-Reason": "FORGED",
    "Connection": "close, X-Forwarded-Uri, X-Auth-User, X-API-Key",
}  # fmt: skip


def test_what_the_client_says_in_the_proxy_s_headers_counts_for_nothing(
    mail: WebDoor, gate: Gate, known: Known, back: Back
) -> None:
    status, _, body = mail.ask("/mail/x?key=another&person=X-Forwarded-User", known.iphone, **FORGED)
    assert status == 403
    assert b"FORGED" not in body
    assert not back.seen
    decision = gate.decisions()[-1]
    assert (decision["login"], decision["address"], decision["door"]) == ("anna", "127.0.0.1", "webmail")
    assert mail.ask("/mail/", known.firefox, **FORGED)[0] == 200
    assert back.seen[0][2]["x-gate-decision"] == gate.decisions()[-1]["id"]
    assert "x-gate-reason" not in back.seen[0][2], "the gate gave none"


def test_a_password_whose_name_can_t_be_read_lets_nobody_in(
    mail: WebDoor, gate: Gate, known: Known, back: Back, proxy: str
) -> None:
    before = len(gate.decisions())
    crooked = "Basic " + base64.b64encode(b"ann\x01a:pass-word-1").decode()
    for told in (*misspelt(signed_in("anna")), crooked):
        assert mail.ask("/mail/", known.iphone, Authorization=told)[0] in {400, 401}, told
    if proxy == "envoy":  # Traefik itself checks the first
        two = f"GET /mail/ HTTP/1.1\r\nHost: x\r\nUser-Agent: {known.iphone}\r\nAuthorization: {signed_in('vera')}\r\n"
        assert b" 400 " in mail.ask_raw(two.encode()).partition(b"\r\n")[0]
    assert len(gate.decisions()) == before
    assert not back.seen


SOGO = {
    "/SOGo/so/anna/Mail/view": "webmail mail anna", "/SOGo/so/anna/Calendar/view": "webmail calendar anna",
    "/SOGo/so/anna/Contacts": "webmail contacts anna", "/SOGo/dav/anna/Calendar/": "caldav calendar anna",
    "/SOGo/dav/anna/Contacts/": "carddav contacts anna", "/SOGo/so/boris/../anna/Mail/": "webmail mail anna",
    "/SOGo//so/anna/Mail": "webmail mail anna", f"/SOGo{EAS}?User=anna&DeviceType=iPhone": "activesync mail anna",
    f"{EAS}?User=anna&DeviceType=iPhone": "activesync mail anna", "/SOGo/": "webmail mail anna",
    "/SOGo/connect": "webmail mail anna",
}  # fmt: skip
NOWHERE = (
    "/SOGo/anna/Mail/", "/SOGo/so/so/anna/Mail", "/SOGo/so/dav/anna/", "/SOGo/SOGo/anna/", "/SOGo.woa/so/anna/",
    "/SOGoX/so/anna/", f"/SOGo.woa{EAS}?User=anna", f"/SOGo/so{EAS}?User=anna",
    f"/x{EAS}?User=anna", "/SOGo.woa/dav/anna/Calendar/", "/x/so/anna/",
    "/SOGo.woa/WebServerResources/../so/anna/", "/SOGo/SO/so/anna/",
)  # fmt: skip


def test_envoy_s_routes_leave_no_way_around_sogo_s_doors(mail: WebDoor, gate: Gate, known: Known, back: Back, proxy: str) -> None:
    if proxy == "traefik":
        return  # it has no routes of its own in deploy
    for path, told in SOGO.items():
        mail.ask(path, known.iphone)
        decision = gate.decisions()[-1]
        assert f"{decision['door']} {decision['service']} {decision['login']}" == told, path
    assert mail.ask(f"{EAS}?User=vera&DeviceType=SamsungDevice", "x", user="vera")[0] == 200
    assert back.seen[-1][1].startswith(f"/SOGo{EAS}?")
    before, reached = len(gate.decisions()), len(back.seen)
    assert {mail.ask(path, known.firefox)[0] for path in NOWHERE} == {404}
    assert mail.ask("/SOGo/so%2Fanna/Mail/", known.firefox)[0] == 400
    assert (len(gate.decisions()), len(back.seen)) == (before, reached)
    assert mail.ask("/SOGo.woa/WebServerResources/js/x.js", known.iphone)[0] == 200


def test_without_a_sign_in_nobody_is_named(mail: WebDoor, gate: Gate, known: Known, proxy: str) -> None:
    before = len(gate.decisions())
    mail.ask({"traefik": "/bare/", "envoy": "/mail/"}[proxy], known.iphone, **FORGED, Authorization="Bearer YW5uYTp4")
    assert len(gate.decisions()) == before + 1
    assert gate.decisions()[-1].get("login", "") == ""


def test_who_says_nothing_of_itself_is_written_down_so(mail: WebDoor, gate: Gate) -> None:
    before = len(gate.decisions())
    assert b" 200 " in mail.ask_raw(b"GET /mail/ HTTP/1.1\r\nHost: x\r\n").partition(b"\r\n")[0]
    (decision,) = gate.decisions()[before:]
    assert (decision["login"], decision.get("clues")) == ("anna", None)


def test_a_request_that_is_too_long_for_the_gate(mail: WebDoor, proxy: str, door: str, known: Known) -> None:
    said = mail.ask(f"/mail/{'x' * 40_000}", known.iphone)[0]
    assert said == (200 if (proxy, door) == ("traefik", "open") else 431)


@pytest.mark.parametrize(
    ("line", "agent", "decides"),
    [
        ("GET /mail/", "x \xff\xe9", {"traefik", "envoy"}),
        ("GET /mail/\xff?x=\xe9", "x", {"traefik"}),
        ("FOO /mail/", "x", {"traefik"}),
        ("PROPFIND /mail/", "x", {"traefik", "envoy"}),
    ],
)
def test_methods_and_bytes_outside_the_usual(
    mail: WebDoor, gate: Gate, proxy: str, line: str, agent: str, decides: set[str]
) -> None:
    before = len(gate.decisions())
    said = mail.ask_raw(f"{line} HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\n".encode("latin-1"))
    assert len(gate.decisions()) - before == (proxy in decides)
    assert (b" 400 " in said.partition(b"\r\n")[0]) == (proxy not in decides)


def test_without_an_opinion_everybody_gets_in_or_nobody(
    proxy: str, door: str, start_gate: Start, open_door: Start, known: Known, back: Back, tmp_path: Path
) -> None:
    text = config(proxy, tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with asked_at(door, tmp_path, port) as asked, open_door(proxy, door, asked) as mail:
            back.seen.clear()

            def said() -> int:
                asked = [("/mail/", known.iphone), (IPHONE_SYNC, "x"), ("/mail/", known.firefox)]
                return sum(mail.ask(*each)[0] == 200 for each in asked)

            begun = time.monotonic()
            told = [said()]
            assert time.monotonic() - begun < 8, "it never answers"
            silent.close()
            told.append(said())
            with start_gate(text, data=b"damaged", port=port, wait="/healthz"):
                told.append(said())
            (tmp_path / "proxy.key").write_text("another-key-0123456789", "ascii")
            with start_gate(text, port=port) as gate:
                time.sleep(1.2)  # until the proxy has found that it is ready
                told.append(said())
                assert gate.decisions() == []
                assert gate.figure('phaseout_gate_refused_requests_total{reason="wrong key"}') >= 3
    assert told == ([3, 3, 3, 3] if door == "open" else [0, 0, 0, 0])
    assert len(back.seen) == sum(told)


def test_the_last_known_decision_holds_without_a_gate(
    proxy: str, start_gate: Start, open_door: Start, known: Known, back: Back, tmp_path: Path
) -> None:
    asked = [("/mail/", known.iphone), (IPHONE_SYNC, "x"), ("/mail/", known.firefox), (SAMSUNG_SYNC, "y")]
    with (
        start_gate(config(proxy, tmp_path)) as gate,
        asked_at("last-known", tmp_path, gate.port) as port,
        open_door(proxy, "last-known", port) as mail,
    ):
        first = [mail.ask(*each) for each in asked]
        assert [status for status, _, _ in first] == [403, 403, 200, 200]
        decisions = [each["id"] for each in gate.decisions()]
        gate.process.kill()
        gate.process.wait()
        back.seen.clear()
        again = [mail.ask(*each) for each in asked]
        assert [(status, body) for status, _, body in again] == [(status, body) for status, _, body in first]
        assert decisions[-4].encode() in again[0][2], "the number for the help desk is that of the decision"
        assert [seen[2]["x-gate-decision"] for seen in back.seen] == decisions[-2:]
        assert mail.ask("/mail/another", known.firefox)[0] == 200
        assert mail.ask("/mail/", known.firefox, user="vera")[0] == 503
        assert mail.ask("/mail/", f"{known.firefox} x")[0] == 503
        assert len(back.seen) == 3


def test_the_second_gate_takes_over(
    proxy: str, start_gate: Start, open_door: Start, known: Known, tmp_path: Path, back: Back
) -> None:
    text, folder = config(proxy, tmp_path), tmp_path / "second"
    folder.mkdir()
    config(proxy, folder)
    with start_gate(text) as first, start_gate(text, folder=folder) as second:
        with open_door(proxy, "closed", first.port, second.port) as mail:
            assert {mail.ask("/mail/", known.firefox)[0] for _ in range(20)} == {200}
            assert first.decisions()
            assert second.decisions()
            first.process.kill()
            first.process.wait()
            asked = [known.firefox, known.iphone] * 20
            said = [mail.ask("/mail/", agent)[0] for agent in asked]
            right = [status == (200 if agent == known.firefox else 403) for agent, status in zip(asked, said, strict=True)]
            assert {status for status, is_right in zip(said, right, strict=True) if not is_right} <= {502, 503, 504}, said
            assert sum(right) > 32, "without the second gate half of them would notice; a busy machine has its hiccups"
        assert back.seen
