"""Real Dovecot with the very files of deploy/dovecot: who signs in, what the refused is told, what holds without a gate."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from dovecot import running_dovecot, sign_in
from gate import KEY, running_relay
from phaseout.bundle.content import Content
from programs import free_port, rendered, short_folder, wait_until

from .dovecot_door import GATE, DovecotDoor, opened
from .dying import dying

Start = Callable[..., Any]
Known = Gate = Keys = Any  # what conftest gives; tests can't import from it


@pytest.fixture
def gate(start_gate: Start, tmp_path: Path) -> Iterator[Gate]:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    with start_gate(GATE) as running:
        yield running


@pytest.fixture
def known_by_relay(gate: Gate, tmp_path: Path) -> Iterator[DovecotDoor]:
    """Give the door that keeps the last known decision: Dovecot, and the relay that it asks before the gate."""
    port = free_port()
    with running_relay(tmp_path / "relay", [f"127.0.0.1:{port}"], [f"127.0.0.1:{gate.port}"]), opened("last-known", port) as door:
        yield door


def test_the_last_known_decision_holds_without_a_gate(known_by_relay: DovecotDoor, gate: Gate, known: Known) -> None:
    asked = [("boris@example.org", known.iphone_id), ("boris@example.org", known.samsung_id), ("anna@example.org", "")]
    said = [known_by_relay.sign_in(*each) for each in asked]
    assert [each.split()[0] for each in said] == ["NO", "OK", "OK"]
    assert said[0].endswith(f"[{gate.decisions()[0]['id']}]")
    assert known_by_relay.sign_in("vera@example.org", known.thunderbird_id, "wrong-1", "127.0.0.3").startswith("NO [AUTH")
    gate.process.kill()
    gate.process.wait()
    assert known_by_relay.sign_in(*asked[0]) == said[0], "to the letter, with the number for the help desk"
    assert [known_by_relay.sign_in(*each).split()[0] for each in asked[1:]] == ["OK", "OK"]
    for stranger in (("vera@example.org", known.thunderbird_id), ("boris@example.org", known.thunderbird_id)):
        assert known_by_relay.sign_in(*stranger).startswith("NO [AUTHENTICATIONFAILED]")
    assert known_by_relay.sign_in("boris@example.org", known.samsung_id, address="127.0.0.4").startswith("NO"), "another address"


def test_a_gate_that_is_back_decides_again(
    known_by_relay: DovecotDoor, gate: Gate, start_gate: Start, known: Known, keys: Keys, content: Content
) -> None:
    assert known_by_relay.sign_in("boris@example.org", known.iphone_id).startswith("NO [ALERT]")
    gate.process.kill()
    gate.process.wait()
    lifted = replace(content, made_at=known.day(2), directive=replace(content.directive, clauses=content.directive.clauses[:1]))
    with start_gate(GATE, data=keys.seal(lifted), port=gate.port):
        wait_until(lambda: known_by_relay.sign_in("boris@example.org", known.iphone_id).startswith("OK"), "the new order holds")


@pytest.mark.parametrize("door", ["open", "closed"])
def test_an_iphone_is_told_why_and_others_get_in(door: str, gate: Gate, known: Known) -> None:
    with opened(door, gate.port) as dovecot:
        said = dovecot.sign_in("boris@example.org", known.iphone_id)
        refused = gate.decisions()[-1]
        assert said == (
            "NO [ALERT] Apple phones and tablets: not allowed since 8 October 2020. Service: work mail. "
            f"order-12, clause pilot. it@example.org [{refused['id']}]"
        )
        assert (refused["login"], refused["address"], refused["effect"]) == ("boris@example.org", "127.0.0.2", "block")
        for device in (known.samsung_id, known.thunderbird_id, ""):
            assert dovecot.sign_in("boris@example.org", device).startswith("OK")
        assert dovecot.sign_in("vera@example.org", known.iphone_id).startswith("OK"), "only advised"
        assert len(gate.decisions()) == 5
        assert "pwhash" not in gate.log.read_text("utf-8")


def test_an_id_that_says_its_name_twice_is_refused_in_any_order_and_case(gate: Gate, known: Known) -> None:
    with opened("open", gate.port) as dovecot:
        for device in (
            '"name" "Thunderbird" "name" "iPhone Mail"', '"NAME" "iPhone Mail" "name" "Thunderbird"', '"NaMe" "iPhone Mail"',
            '"name" "iPhone Mail" "os" NIL', '"name" "a \\"quoted\\" word" "os" "iOS"',
        ):  # fmt: skip
            assert dovecot.sign_in("boris@example.org", device).startswith("NO [ALERT] Apple"), device
        assert known


def test_a_wrong_password_is_told_nothing(gate: Gate, known: Known) -> None:
    with opened("open", gate.port) as dovecot:
        said = [
            dovecot.sign_in(user, device, "wrong-1", address)
            for user, device, address in (
                ("boris@example.org", known.iphone_id, "127.0.0.3"),
                ("boris@example.org", known.thunderbird_id, "127.0.0.4"),
                ("nobody@example.org", known.iphone_id, "127.0.0.5"),
            )
        ]
        assert set(said) == {"NO [AUTHENTICATIONFAILED] Authentication failed."}
        assert gate.log.read_bytes() == b"", "the gate was not even asked"


def test_a_refusal_makes_nobody_else_at_the_address_wait(gate: Gate, known: Known) -> None:
    with opened("open", gate.port) as dovecot:
        assert dovecot.sign_in("boris@example.org", known.iphone_id).startswith("NO [ALERT]")
        begun = time.monotonic()
        assert dovecot.sign_in("anna@example.org", known.thunderbird_id).startswith("OK")
        assert time.monotonic() - begun < 3, "the penalty would be four seconds"


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_without_a_gate(door: str, answer: str, known: Known) -> None:
    with opened(door, free_port()) as dovecot:
        for device in (known.iphone_id, known.thunderbird_id):
            assert dovecot.sign_in("boris@example.org", device).startswith(answer)


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_with_a_gate_that_has_no_opinion(door: str, answer: str, start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    with start_gate(GATE, data=b"damaged", wait="/healthz") as gate, opened(door, gate.port) as dovecot:
        assert dovecot.sign_in("boris@example.org", known.iphone_id).startswith(answer)
        assert gate.figure('phaseout_gate_no_opinion_total{caller="dovecot",reason="no bundle"}') >= 1


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_with_a_gate_that_never_answers(door: str, answer: str, known: Known) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, opened(door, silent.getsockname()[1]) as dovecot:
        assert dovecot.sign_in("boris@example.org", known.iphone_id).startswith(answer)


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_with_a_gate_that_dies_in_the_middle_of_its_answer(door: str, answer: str, known: Known) -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{"status":0,"m'
    with dying(iter([half, half[:-14], half[:30], b""] * 8)) as port, opened(door, port) as dovecot:
        for device in (known.samsung_id, known.iphone_id):
            assert dovecot.sign_in("boris@example.org", device).startswith(answer)


def test_a_strict_door_with_the_webmail_s_address_exempt(start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    strict = '[doors.imap]\ncannot_tell = "block"\nexempt = ["127.0.0.9"]\n'
    with start_gate(GATE + strict) as gate, opened("closed", gate.port) as dovecot:
        assert dovecot.sign_in("boris@example.org").startswith("NO [ALERT] The device was not recognised.")
        assert dovecot.sign_in("boris@example.org", address="127.0.0.9").startswith("OK")
        assert dovecot.sign_in("boris@example.org", known.samsung_id).startswith("OK")


def test_a_password_made_for_one_device_says_which(gate: Gate, known: Known) -> None:
    def prepare(here: Path) -> None:
        rendered(here / "phaseout.conf", "session_id=%{session}", "session_id=%{session} device=%{passdb:device}")

    with opened("closed", gate.port, prepare) as dovecot:
        assert dovecot.sign_in("gleb@example.org", known.iphone_id).startswith("OK")
        (decision,) = gate.decisions()
        assert decision["clues"]["inventory"] == "os=android;maker=Samsung"
        assert decision["grade"] == "managed"
        assert decision["device"]["platform"] == "android"


EVENTS = '[callers.dovecot_events]\nkeys = ["dovecot.key"]\n[doveadm]\nat = "127.0.0.1:{port}"\nkey = "dovecot.key"\n'


def test_a_phone_that_says_what_it_is_after_the_login_is_thrown_out(start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    gate_port = free_port()
    with (
        opened("open", gate_port) as dovecot,
        start_gate(GATE + EVENTS.format(port=dovecot.doveadm), port=gate_port) as gate,
    ):
        padded = f'"x" "{"y" * 5000}" {known.iphone_id}'
        assert b"* BYE" in dovecot.speak_after("boris@example.org", padded, until="BYE", address="127.0.0.4")
        assert b"* BYE" in dovecot.speak_after("boris@example.org", known.iphone_id, until="BYE")
        event = gate.decisions()[-1]
        assert (event["caller"], event["effect"], event["address"]) == ("dovecot_events", "block", "127.0.0.2")
        kicked = 'phaseout_gate_kicks_total{outcome="kicked"}'
        wait_until(lambda: gate.figure(kicked) >= 1, "doveadm has said so")
        said = dovecot.sign_in("boris@example.org")
        assert said.startswith("NO [ALERT] Apple phones and tablets: not allowed"), "it is remembered"
        assert gate.decisions()[-1]["clues"]["imap_id"].startswith('carried: "name" "iPhone Mail"')
        assert gate.decisions()[-1]["grade"] == "weak"
        assert dovecot.sign_in("boris@example.org", address="127.0.0.3").startswith("OK"), "not at another address"
        assert dovecot.sign_in("anna@example.org").startswith("OK"), "not for another person"
        assert dovecot.sign_in("boris@example.org", known.thunderbird_id).startswith("OK")
        assert dovecot.sign_in("boris@example.org").startswith("OK"), "two devices there: neither speaks for the other"


def test_a_device_that_may_be_used_stays(start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    gate_port = free_port()
    with (
        opened("open", gate_port) as dovecot,
        start_gate(GATE + EVENTS.format(port=dovecot.doveadm), port=gate_port) as gate,
    ):
        assert b"* BYE" not in dovecot.speak_after("boris@example.org", known.samsung_id, until="i OK")
        wait_until(lambda: any(each["caller"] == "dovecot_events" for each in gate.decisions()), "the event is decided")
        assert gate.figure("phaseout_gate_kicks_total") == 0
        assert dovecot.sign_in("boris@example.org").startswith("OK")


PROXY = """
imap_id_retain = yes
passdb {
  driver = static
  args = nopassword=y proxy=y host=127.0.0.1 port=PORT
}
"""


def test_behind_a_proxy_that_leaves_the_password_to_it(gate: Gate, known: Known) -> None:
    def trust(here: Path) -> None:
        with (here / "phaseout.conf").open("a", encoding="utf-8") as file:
            file.write("login_trusted_networks = 127.0.0.1\n")

    port = free_port()
    with (
        opened("closed", gate.port, trust) as dovecot,
        short_folder() as here,
        running_dovecot(here, port, (), PROXY.replace("PORT", str(dovecot.port))),
    ):
        assert (
            sign_in(port, "boris@example.org", known.iphone_id, "wrong-1") == "NO [AUTHENTICATIONFAILED] Authentication failed."
        )
        assert not gate.decisions()
        assert sign_in(port, "boris@example.org", known.iphone_id).startswith("NO [ALERT] Apple phones and tablets")
        assert gate.decisions()[-1]["address"] == "127.0.0.2"
        assert sign_in(port, "boris@example.org", known.samsung_id).startswith("OK")
