"""Real Postfix with the very files of deploy/postfix: who may send, what the refused is told, what holds without a gate."""

from __future__ import annotations

import os
import pwd
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gate import KEY, running_relay
from phaseout.bundle.content import Content
from phaseout.model.directive import Stage, StageKind
from programs import free_port

Start = Callable[..., Any]
Known = Gate = Keys = Mail = Any  # what conftest gives; tests can't import from it


@contextmanager
def gate_for(mail: Mail, start_gate: Start, config: str = "", **more: Any) -> Iterator[Gate]:  # noqa: ANN401 - passed on
    with start_gate(config, port=mail.web, listen=(f"postfix=127.0.0.1:{mail.gate}",), **more) as gate:
        yield gate


def said_to_imap(gate: Gate, user: str, device: str) -> None:
    """Let a device say to the gate what it is, as Dovecot passes it on."""
    gate.imap(user, device, remote="127.0.0.2")


def test_an_iphone_may_not_send_and_is_told_why(closed: Mail, start_gate: Start, known: Known) -> None:
    with gate_for(closed, start_gate, '[texts]\ncontact = "it@example.org"\n') as gate:
        said_to_imap(gate, "anna@example.org", known.iphone_id)
        for chunked in (False, True):
            code, text = closed.send("anna@example.org", to=("boris@example.org", "vera@example.org"), chunked=chunked)
            refused = gate.decisions()[-1]
            assert code == 554
            assert text.decode("ascii") == (
                "5.7.1 <DATA>: Data command rejected: Apple phones and tablets: not allowed since 8 October 2020. "
                f"Service: work mail. order-12, clause seat. it@example.org [{refused['id']}]"
            )
            assert (refused["caller"], refused["door"], refused["effect"]) == ("postfix", "smtp", "block")
            assert (refused["login"], refused["person"], refused["address"]) == ("anna@example.org", "1", "127.0.0.2")
            assert refused["clues"] == {"imap_id": f"carried: {known.iphone_id}", "ehlo": "smtpclient.apple"}
        assert len(gate.decisions()) == 3, "one question a mail, however many recipients it has"
        assert closed.send("anna@example.org", address="127.0.0.3")[0] == 250, "not at another address"
        assert closed.send("boris@example.org")[0] == 250, "not for another person"


def test_other_devices_may_send(closed: Mail, start_gate: Start, known: Known) -> None:
    with gate_for(closed, start_gate) as gate:
        assert closed.send("anna@example.org")[0] == 250, "nothing is known of it but the name in its greeting"
        assert gate.decisions()[-1]["verdict"] == "cannot tell"
        said_to_imap(gate, "anna@example.org", known.samsung_id)
        assert closed.send("anna@example.org", ehlo="[192.0.2.7]")[0] == 250
        assert gate.decisions()[-1]["device"]["platform"] == "android"
        assert gate.decisions()[-1]["effect"] == "allow"
        counted = 'phaseout_gate_decisions_total{caller="postfix",door="smtp",verdict="permitted"'
        assert gate.figure(counted) == 1


def test_mail_of_other_servers_is_not_asked_about(closed: Mail, start_gate: Start) -> None:
    with gate_for(closed, start_gate) as gate:
        assert closed.send(ehlo="mx.example.net")[0] == 250
        assert closed.send(ehlo="mx.example.net", inbound=True)[0] == 250
        assert gate.log.read_bytes() == b""


def test_the_last_known_decision_holds_without_a_gate(
    open_mail: Callable[..., Any], start_gate: Start, known: Known, tmp_path: Path
) -> None:
    port = free_port()
    asks = [f"postfix=127.0.0.1:{port}"]
    with open_mail("last-known") as mail, running_relay(tmp_path / "relay", [f"postfix=127.0.0.1:{mail.gate}"], asks):
        with start_gate("", port=mail.web, listen=tuple(asks)) as gate:
            said_to_imap(gate, "anna@example.org", known.iphone_id)
            code, text = mail.send("anna@example.org")
            assert (code, gate.decisions()[-1]["id"].encode() in text) == (554, True)
            assert mail.send("boris@example.org")[0] == 250
        assert mail.send("anna@example.org", to=("vera@example.org",)) == (code, text)
        assert mail.send("boris@example.org")[0] == 250
        code, text = mail.send("vera@example.org")
        assert (code, text.startswith(b"4.3.5 ")) == (451, True), "nothing is known of her"
        assert mail.send("boris@example.org", address="127.0.0.9")[0] == 451
        assert mail.send(inbound=True)[0] == 250
        assert mail.send(ehlo="mx.example.net")[0] == 250, "nobody signed in"


def test_a_warning_stands_in_postfix_s_log(closed: Mail, start_gate: Start, known: Known) -> None:
    with gate_for(closed, start_gate) as gate:
        said_to_imap(gate, "vera@example.org", known.iphone_id)
        assert closed.send("vera@example.org")[0] == 250
        warned = gate.decisions()[-1]
        assert warned["effect"] == "warn"
        assert re.search(rf"warn: DATA from .*: Apple phones .* clause region\. \[{warned['id']}\]; from=", closed.log())


@pytest.mark.parametrize(("config", "held"), [('[doors.smtp]\nquarantine_as = "quarantine"\n', True), ("", False)])
def test_quarantine_holds_the_mail_where_the_operator_says_so(
    config: str, closed: Mail, start_gate: Start, known: Known, keys: Keys, content: Content, *, held: bool
) -> None:
    stages = (Stage("*", StageKind.QUARANTINE, known.day(8)),)
    clauses = tuple(replace(each, stages=stages) if each.id == "seat" else each for each in content.directive.clauses)
    data = keys.seal(replace(content, directive=replace(content.directive, clauses=clauses)))
    with gate_for(closed, start_gate, config, data=data) as gate:
        said_to_imap(gate, "anna@example.org", known.iphone_id)
        before = closed.held()
        code, text = closed.send("anna@example.org")
        assert code == 250
        assert (text.decode().split()[-1] in set(closed.held()) - set(before)) is held


def test_a_refusal_in_russian_is_in_latin_letters(closed: Mail, start_gate: Start, known: Known) -> None:
    with gate_for(closed, start_gate, '[texts]\nlanguage = "ru"\ncontact = "отдел «ИТ» — 1"\n') as gate:
        said_to_imap(gate, "anna@example.org", known.iphone_id)
        text = closed.send("anna@example.org")[1].decode("ascii")
        assert text.endswith(f'order-12, punkt seat. otdel "IT" - 1 [{gate.decisions()[-1]["id"]}]')


def test_a_certificate_counts_only_when_postfix_trusts_it(closed: Mail, start_gate: Start) -> None:
    with gate_for(closed, start_gate) as gate:
        for certificate, clue in (("known", "CN=Laptop 42\\+1\\, Bürö"), ("unknown", None)):
            assert closed.send("anna@example.org", certificate=certificate)[0] == 250
            assert gate.decisions()[-1]["clues"].get("certificate") == clue
            assert gate.decisions()[-1]["grade"] == ("proven" if clue else "weak")


ANSWERS = {
    "open": (250, b"2.0.0 Ok: "),
    "closed": (451, b"4.3.5 <DATA>: Data command rejected: Work mail can not be checked now."),
}


def goes_its_way(door: tuple[str, Mail]) -> None:
    """Hold a door without an opinion to its configuration; mail of other servers passes all the same."""
    name, postfix = door
    begun = time.monotonic()
    code, text = postfix.send("anna@example.org")
    assert (code, text[: len(ANSWERS[name][1])]) == ANSWERS[name]
    assert time.monotonic() - begun < 10
    assert postfix.send(inbound=True)[0] == 250


def test_without_a_gate(door: tuple[str, Mail]) -> None:
    goes_its_way(door)


def test_with_a_gate_that_never_answers(door: tuple[str, Mail]) -> None:
    with socket.create_server(("127.0.0.1", door[1].gate)):
        goes_its_way(door)


def test_with_something_else_in_the_gate_s_place(door: tuple[str, Mail]) -> None:
    def serve() -> None:
        for _ in range(2):
            wire, _ = other.accept()
            with wire:
                wire.recv(65536)
                wire.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", door[1].gate)) as other:
        thread = threading.Thread(target=serve)
        thread.start()
        goes_its_way(door)
        thread.join(20)


def test_with_a_gate_that_has_no_opinion(door: tuple[str, Mail], start_gate: Start) -> None:
    with gate_for(door[1], start_gate, data=b"damaged", wait="/healthz") as gate:
        goes_its_way(door)
        assert gate.figure('phaseout_gate_no_opinion_total{caller="postfix",reason="no bundle"}') == 2, "Postfix asks twice"
        assert gate.log.read_bytes() == b""


def test_a_gate_that_comes_back_is_asked_again_at_once(open_: Mail, start_gate: Start, known: Known, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        with gate_for(open_, start_gate, folder=tmp_path / folder) as gate:
            said_to_imap(gate, "anna@example.org", known.iphone_id)
            assert open_.send("anna@example.org")[0] == 554


def test_a_phone_that_is_refused_at_dovecot_can_t_send_either(start_gate: Start, open_mail: Start, known: Known) -> None:
    with open_mail("open", asked_by_dovecot=True) as mail, gate_for(mail, start_gate) as gate:
        assert mail.sign_in("anna@example.org", known.iphone_id).startswith("NO [ALERT] Apple phones and tablets")
        code, text = mail.send("anna@example.org")
        assert (code, text[:37]) == (554, b"5.7.1 <DATA>: Data command rejected: "), "not 535: that asks for another password"
        asked = [(each["caller"], each["door"], each["effect"]) for each in gate.decisions()]
        assert asked == [("dovecot", "imap", "block"), ("dovecot", "smtp", "allow"), ("postfix", "smtp", "block")]
        assert mail.sign_in("anna@example.org", known.thunderbird_id).startswith("OK")
        assert mail.send("anna@example.org")[0] == 250, "two devices there: neither speaks for the other"


def test_a_unix_socket_and_a_key(start_gate: Start, open_mail: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "postfix.key").write_text(KEY, "ascii")
    config = '[callers.postfix]\nkeys = ["postfix.key"]\n'
    with open_mail("closed", ("unix:{here}/p.sock", f", policy_context={KEY}")) as mail:
        place = mail.here / "p.sock"
        with start_gate(config, listen=(f"postfix=unix:{place}",)) as gate:
            assert place.stat().st_mode & 0o777 == 0o660
            assert mail.send("anna@example.org")[0] == 451, "the socket is for its group alone"
            os.chown(place, -1, pwd.getpwnam("postfix").pw_gid)
            assert mail.send("anna@example.org")[0] == 250
            said_to_imap(gate, "anna@example.org", known.iphone_id)
            assert mail.send("anna@example.org")[0] == 554
        (tmp_path / "postfix.key").write_text(KEY[::-1], "ascii")
        with start_gate(config, listen=(f"postfix=unix:{place}",)) as gate:
            os.chown(place, -1, pwd.getpwnam("postfix").pw_gid)
            assert mail.send("anna@example.org")[0] == 451
            assert gate.figure('phaseout_gate_refused_requests_total{reason="wrong key"}') == 2
