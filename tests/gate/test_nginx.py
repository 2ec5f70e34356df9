"""Real nginx with the very files of deploy/nginx: who gets in, who is told what, and what holds without a gate."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from gate import KEY, running_relay
from misspelt import misspelt
from programs import ROOT, free_port

from .dying import dying
from .nginx_door import GATE, opened
from .web_door import EAS, IPHONE_PACKED, IPHONE_SYNC, SAMSUNG_SYNC, signed_in

Start = Callable[..., Any]
Known = Gate = Any  # what conftest gives; tests can't import from it


@pytest.fixture
def open_door(tmp_path: Path) -> Start:
    """Return a context that runs nginx with the files of deploy/nginx."""
    return lambda door, *gates: opened(tmp_path, door, *gates)


@pytest.fixture
def gate(start_gate: Start, tmp_path: Path) -> Iterator[Any]:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    with start_gate(GATE) as running:
        yield running


@pytest.mark.parametrize("door", ["closed", "open", "last-known"])
def test_who_gets_in_and_who_is_told_what(door: str, gate: Gate, open_door: Start, known: Known) -> None:
    with open_door(door, gate.port) as nginx:
        assert nginx.ask("/mail/?_task=mail", known.firefox)[::2] == (200, b"mail")
        status, headers, body = nginx.ask("/mail/?_task=mail", known.iphone, **{"Accept-Language": "ru"})
        assert status == 403
        assert headers["content-type"] == "text/html; charset=utf-8"
        page = body.decode()
        assert "No Apple phones for work." in page
        assert "it@example.org" in page
        assert '<html lang="ru">' in page
        decisions = gate.decisions()
        assert decisions[-1]["id"] in page
        assert decisions[-1]["effect"] == "block"
        assert decisions[-1]["login"] == "anna"
        assert nginx.reached() == 1
        assert "pass-word-1" not in gate.log.read_text("utf-8")


@pytest.mark.parametrize("contact", ["it-help ", "помощь "])
def test_a_long_reason_lets_nobody_in(contact: str, start_gate: Start, open_door: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    config = GATE.replace("it@example.org", contact * 300)
    with start_gate(config) as gate, open_door("open", gate.port) as nginx:
        assert nginx.ask("/mail/", known.iphone)[0] == 403
        assert nginx.ask("/mail/", known.firefox)[0] == 200


def test_decisions_are_remembered_where_debian_has_a_folder_for_it() -> None:
    (place,) = re.findall(
        r"^proxy_cache_path (\S+) ", (ROOT / "deploy" / "nginx" / "last-known.conf").read_text("utf-8"), re.MULTILINE
    )
    assert Path(place).parent.is_dir(), "nginx makes the last folder of the path, and none above it"


def test_activesync(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("closed", gate.port) as nginx:
        post = {"method": "POST", "body": b"\x03\x01j\0", "Content-Type": "application/vnd.ms-sync.wbxml"}
        assert nginx.ask(SAMSUNG_SYNC, "Android-SAMSUNG-SM-S901B/101.13", **post)[::2] == (200, b"mail")
        for target in (IPHONE_SYNC, IPHONE_PACKED):
            status, headers, body = nginx.ask(target, "Apple-iPhone14C2/2001.362", **post)
            assert (status, headers["content-type"]) == (200, "application/vnd.ms-sync.wbxml")
            assert b"129\0\1\1" in body
        assert nginx.ask(EAS, "Apple-iPhone14C2/2001.362", method="OPTIONS")[0] == 403
        assert nginx.reached() == 1
        assert [(each["action"], each["effect"], each.get("device_id")) for each in gate.decisions()] == [
            ("use", "allow", "SEC1A2B3C4D5E6F7"), ("use", "block", "ApplF2LXQ0ABCD12"), ("set-up", "block", "ApplF2LXQ0ABCD12"),
            ("set-up", "block", None),
        ]  # fmt: skip
        assert known


def test_a_warning_passes_and_is_told(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("closed", gate.port) as nginx:
        status, headers, body = nginx.ask("/mail/", known.iphone, user="vera")
        assert (status, body) == (200, b"mail")
        assert unquote(headers["x-work-device-notice"]).startswith("Apple phones and tablets: advised against since")
        assert "x-work-device-notice" not in nginx.ask("/mail/", known.firefox, user="vera")[1]


def test_the_mail_server_s_own_403_stays_its_own(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("closed", gate.port) as nginx:
        assert nginx.ask("/mail/forbidden", known.firefox)[::2] == (403, b"the mail server's own")


def test_nginx_s_own_403_is_no_refusal_of_the_device(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("closed", gate.port) as nginx:
        status, _, body = nginx.ask("/mail/private/", known.firefox)
        assert status == 403
        assert b"403 Forbidden" in body
        assert b"device" not in body


def test_methods_and_bytes_outside_the_usual_are_decided(gate: Gate, open_door: Start) -> None:
    with open_door("closed", gate.port) as mail:
        for asked in (b"GET /mail/\xff?x=\xe9", b"FOO /mail/", b"GET /mail/"):
            before = len(gate.decisions())
            mail.ask_raw(asked + b" HTTP/1.1\r\nHost: x\r\nUser-Agent: x \xff\xe9\r\n")
            assert len(gate.decisions()) == before + 1, asked


def test_what_the_client_says_in_the_gate_s_headers_counts_for_nothing(gate: Gate, open_door: Start, known: Known) -> None:
    forged = {
        "X-User": "gleb", "X-Original-URI": "/mail/", "X-Client-Cert-Verify": "SUCCESS", "X-Client-Cert-DN": "CN=x",
        "X-Gate-Effect": "allow", "X-Gate-Decision": "FORGED-1", "X-Gate-Clause": "pilot", "X-Real-IP": "192.0.2.99",
    }  # fmt: skip
    with open_door("closed", gate.port) as nginx:
        status, _, body = nginx.ask("/mail/", known.iphone, **forged)
        assert status == 403
        assert b"FORGED" not in body
        assert b"clause seat" in body
        (decision,) = gate.decisions()
        assert (decision["login"], decision["address"]) == ("anna", "127.0.0.1")
        assert "certificate" not in decision["clues"]


BROKEN = ("anna\0", "anna\n", "anna\t", "nobody\r\n\r\nGET /healthz HTTP/1.1", "nobody\r\n\r\nGET /denied/webmail HTTP/1.1")


@pytest.mark.parametrize("door", ["closed", "open", "last-known"])
def test_a_client_can_not_make_the_question_another(door: str, gate: Gate, open_door: Start, known: Known) -> None:
    with open_door(door, gate.port) as nginx:
        for user in BROKEN:
            assert nginx.ask("/mail/", known.iphone, user=user)[0] == 400, user
        for told in misspelt(signed_in("anna")):
            assert nginx.ask("/mail/", known.iphone, Authorization=told)[0] == 400, told
        assert b" 400 " in nginx.ask_raw(b"GET /mail/ HTTP/1.1\r\nHost: x\r\nUser-Agent: x\x01\r\n").partition(b"\r\n")[0]
        assert not gate.decisions()
        asked = b"GET /mail/ HTTP/1.1\r\nHost: x\r\nX-Other: \x01\r\nUser-Agent: " + known.iphone.encode() + b"\r\n"
        assert b" 403 " in nginx.ask_raw(asked).partition(b"\r\n")[0], "what the client says beside it is not passed on"
        assert [decision["login"] for decision in gate.decisions()] == ["anna"]
        assert "wrong key" not in gate.log.read_text()


def test_the_gate_is_asked_of_the_agent_that_the_log_and_the_memory_have(gate: Gate, open_door: Start, known: Known) -> None:
    def both(first: str, second: str) -> bytes:
        head = f"GET /mail/ HTTP/1.1\r\nHost: x\r\nUser-Agent: {first}\r\nUser-Agent: {second}\r\n"
        return nginx.ask_raw(head.encode()).split(b" ", 2)[1]

    with open_door("last-known", gate.port) as nginx:
        assert both(known.firefox, known.iphone) == b"200"
        assert nginx.ask("/mail/", known.firefox)[0] == 200
        assert both(known.iphone, known.firefox) == b"403"
        assert nginx.ask("/mail/", known.iphone)[0] == 403


@pytest.mark.parametrize(("door", "status"), [("closed", 503), ("open", 200), ("last-known", 503)])
def test_without_a_gate(door: str, status: int, open_door: Start, known: Known) -> None:
    with open_door(door, free_port()) as nginx:
        said = nginx.ask("/mail/", known.iphone)
        assert said[0] == status
        if status == 503:
            assert said[1]["retry-after"] == "30"
            assert b"<p>Work mail can't be opened at the moment." in said[2]
            assert "Рабочую почту сейчас открыть нельзя" in said[2].decode()
            assert nginx.ask("/mail/picture.gif", known.iphone)[1]["content-type"] == "text/html; charset=utf-8"
        assert nginx.ask(IPHONE_SYNC, "Apple-iPhone14C2/2001.362", method="POST")[0] == status
        assert nginx.reached() == (2 if status == 200 else 0)


@pytest.mark.parametrize(("door", "status"), [("closed", 503), ("open", 200), ("last-known", 503)])
def test_with_a_gate_that_has_no_opinion(
    door: str, status: int, start_gate: Start, open_door: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    with start_gate(GATE, data=b"damaged", wait="/healthz") as gate, open_door(door, gate.port) as nginx:
        assert nginx.ask("/mail/", known.iphone)[0] == status
        assert gate.figure('phaseout_gate_no_opinion_total{caller="nginx",reason="no bundle"}') >= 1


@pytest.mark.parametrize(("door", "status"), [("closed", 503), ("open", 200)])
def test_with_a_gate_that_does_not_know_the_key(
    door: str, status: int, start_gate: Start, open_door: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "nginx.key").write_text("another-key-0123456789", "ascii")
    with start_gate(GATE) as gate, open_door(door, gate.port) as nginx:
        assert nginx.ask("/mail/", known.firefox)[0] == status


@pytest.mark.parametrize(("door", "status"), [("closed", 503), ("open", 200), ("last-known", 503)])
def test_with_a_gate_that_never_answers(door: str, status: int, open_door: Start, known: Known) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, open_door(door, silent.getsockname()[1]) as nginx:
        begun = time.monotonic()
        assert nginx.ask("/mail/", known.iphone)[0] == status
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(("door", "status"), [("closed", 503), ("open", 200), ("last-known", 503)])
def test_with_a_gate_that_dies_in_the_middle_of_its_answer(door: str, status: int, open_door: Start, known: Known) -> None:
    halves = iter([b"HTTP/1.1 2", b"HTTP/1.1 204 No Content\r\nX-Gate-Eff", b"HTTP/1.1 403 Forbidden\r\n", b""] * 4)
    with dying(halves) as port, open_door(door, port) as nginx:
        assert [nginx.ask("/mail/", known.firefox)[0] for _ in range(4)] == [status] * 4


def test_the_last_known_decision_holds_when_the_gate_is_gone(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("last-known", gate.port) as nginx:
        asked = [("/mail/", known.firefox, "anna"), ("/mail/", known.iphone, "anna"), (SAMSUNG_SYNC, "Android/1", "anna"),
                 (IPHONE_PACKED, "x", "anna")]  # fmt: skip
        before = [nginx.ask(*each)[0] for each in asked]
        assert before == [200, 403, 200, 200], "the last is a refusal in ActiveSync's words"
        gate.process.kill()
        gate.process.wait()
        time.sleep(5.5)
        reached = nginx.reached()
        said = [nginx.ask(*each) for each in asked]
        assert [each[0] for each in said] == [200, 403, 200, 403], "the gate is gone, and with it the words"
        assert re.search(rb"help desk: \S+-\S+", said[1][2])
        assert nginx.reached() == reached + 2
        assert nginx.ask("/mail/", known.firefox, user="boris")[0] == 503, "nothing is known of him"


def test_a_closed_door_may_ask_the_relay(gate: Gate, open_door: Start, known: Known, tmp_path: Path) -> None:
    port = free_port()
    with (
        running_relay(tmp_path / "relay", [f"127.0.0.1:{port}"], [f"127.0.0.1:{gate.port}"]),
        open_door("closed", port) as nginx,
    ):
        asked = [("/mail/", known.firefox, "anna"), ("/mail/", known.iphone, "anna"), (SAMSUNG_SYNC, "Android/1", "anna")]
        before = [nginx.ask(*each) for each in asked]
        assert [status for status, _, _ in before] == [200, 403, 200]
        assert b"No Apple phones for work." in before[1][2], "the page comes by the relay, too"
        gate.process.kill()
        gate.process.wait()
        said = [nginx.ask(*each) for each in asked]
        assert [status for status, _, _ in said] == [200, 403, 200]
        assert re.search(rb"help desk: \S+-\S+", said[1][2])
        assert nginx.ask("/mail/", known.firefox, user="boris")[0] == 503


def test_the_last_known_decision_is_nobody_else_s(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("last-known", gate.port) as nginx:
        assert nginx.ask("/mail/", known.iphone, user="vera")[0] == 200, "she is only advised"
        assert nginx.ask("/mail/", known.iphone, user="anna")[0] == 403
        assert nginx.ask("/mail/", known.firefox, user="anna")[0] == 200
        assert nginx.ask(SAMSUNG_SYNC, "x", user="anna")[0] == 200
        assert b"129" in nginx.ask(IPHONE_SYNC, "x", user="anna", method="POST")[2]
        assert len(gate.decisions()) == 5
        assert nginx.ask("/mail/", known.firefox, user="anna")[0] == 200
        assert len(gate.decisions()) == 5, "known for five seconds"


def test_the_last_known_decision_is_of_the_mailbox_however_its_path_is_written(
    gate: Gate, open_door: Start, known: Known
) -> None:
    anna = (
        "/SOGo/so/anna/Mail",
        "/SOGo.woa/so/anna/Mail",
        "/SOGo/so/boris/../anna/Mail",
        "//SOGo/so/anna/Mail",
        "/SOGo/%73o/anna/Mail",
        "/SOGo/anna/Mail",
        "/SOGo/so/so/anna/Mail",
    )
    boris = tuple(path.replace("boris", "?").replace("anna", "boris").replace("?", "anna") for path in anna)
    with open_door("last-known", gate.port) as nginx:
        for _ in range(2):  # asked, and known
            assert [nginx.ask(path, known.iphone, user="")[0] for path in anna] == [403] * len(anna)
            assert [nginx.ask(path, known.iphone, user="")[0] for path in boris] == [200] * len(boris)
        gate.process.kill()
        gate.process.wait()
        time.sleep(5.5)
        assert [nginx.ask(path, known.iphone, user="")[0] for path in (*anna, *boris)] == [403] * len(anna) + [200] * len(boris)
        assert nginx.ask("/SOGo/so/gleb/../anna/Mail", known.iphone, user="")[0] == 503, "nothing is known of this one"
