"""Where a relay is asked and where it asks: Unix sockets, TLS, and what it does not take for a gate there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gate import KEY, running_relay
from phaseout.cli.gate import COMMAND
from programs import free_port, short_folder, wait_until

from ..authority import Authority  # noqa: TID252 - a neighbour of the folder above

Start = Callable[..., Any]
Known = Any  # what conftest gives

TLS = '[tls]\ncertificate = "gate.pem"\nkey = "gate.key"\n'


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    made.sign("gate")
    return made


@pytest.mark.parametrize(("caller", "more"), [("", ""), ("relay", 'client_ca = "callers.pem"\n')])
def test_a_gate_on_another_machine_is_asked_over_tls(
    caller: str, more: str, start_gate: Start, start_relay: Start, config: str, known: Known, authority: Authority, tmp_path: Path
) -> None:
    Authority(tmp_path, "callers").sign("relay")
    port = free_port()
    shown = ("--certificate", tmp_path / "relay.pem", "--key", tmp_path / "relay.key") if caller else ()
    with (
        start_gate(TLS + more + config, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        start_relay((port,), "--ca", authority.file, *shown, "--seconds", "2", secured="tls:") as relay,
    ):
        first = [relay.envoy("anna", agent) for agent in (known.firefox, known.iphone)]
        assert [each[0] for each in first] == [200, 403]
        assert len(gate.decisions()) == 2
        gate.process.kill()
        gate.process.wait()
        assert [relay.envoy("anna", agent) for agent in (known.firefox, known.iphone)] == first


def test_certificates_that_are_renewed_are_used(
    start_gate: Start, start_relay: Start, config: str, known: Known, authority: Authority, tmp_path: Path
) -> None:
    callers, strangers = Authority(tmp_path, "callers"), Authority(tmp_path, "strangers")
    strangers.sign("relay")
    port = free_port()
    shown = ("--certificate", tmp_path / "relay.pem", "--key", tmp_path / "relay.key")
    with (
        start_gate(TLS + 'client_ca = "callers.pem"\n' + config, listen=(f"tls:127.0.0.1:{port}",)),
        start_relay((port,), "--ca", authority.file, *shown, "--seconds", "2", secured="tls:") as relay,
    ):
        assert relay.envoy("anna", known.firefox)[0] == 503
        key = (tmp_path / "relay.key").read_bytes()
        callers.sign("relay")
        new = (tmp_path / "relay.key").read_bytes()
        (tmp_path / "relay.key").write_bytes(key)
        wait_until(lambda: "PO543" in relay.said(), "it says that the key is another's")
        (tmp_path / "relay.key").write_bytes(new)
        wait_until(lambda: "Gates are asked with the new certificates." in relay.said(), "it says so")
        assert relay.envoy("anna", known.firefox)[0] == 200


@pytest.mark.parametrize("host", ["other.example.org", ""])
def test_a_gate_that_it_does_not_know_decides_nothing(
    host: str, start_gate: Start, start_relay: Start, config: str, known: Known, authority: Authority, tmp_path: Path
) -> None:
    trusted = authority if host else Authority(tmp_path, "strangers")
    authority.sign("gate", host=host)
    port = free_port()
    with (
        start_gate(TLS + config, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        start_relay((port,), "--ca", trusted.file, "--seconds", "2", secured="tls:") as relay,
    ):
        assert relay.envoy("anna", known.firefox)[0] == 503
        assert not gate.decisions()


def test_sockets(start_gate: Start, config: str) -> None:
    with short_folder() as here:
        gate, door = f"postfix=unix:{here}/gate.sock", here / "relay.sock"
        with start_gate(config, listen=(gate,)) as running, running_relay(here / "r", [f"postfix=unix:{door}"], [gate]):
            said = asked(door)
            assert said.startswith(b"action=")
            assert running.decisions()[-1]["login"] == "anna@example.org"
        assert not (here / "r" / "kept.db-wal").exists(), "it ended in order"
        with running_relay(here / "r", [f"postfix=unix:{door}"], [gate]):
            assert asked(door) == said


def asked(door: Path) -> bytes:
    lines = f"request=smtpd_access_policy\nsasl_username=anna@example.org\nclient_address=192.0.2.7\npolicy_context={KEY}\n\n"
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(20)
        wire.connect(str(door))
        wire.sendall(lines.encode())
        return wire.recv(65536)


HTTP = ("--listen", "127.0.0.1:0", "--gate", "127.0.0.1:14001", "--kept", "kept.db")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--listen", "192.0.2.7:14011", "--gate", "127.0.0.1:14001", "--kept", "kept.db"), "doors on other machines"),
        (("--listen", "tls:127.0.0.1:0", "--gate", "127.0.0.1:14001", "--kept", "kept.db"), "doors on other machines"),
        ((*HTTP, "--listen", "postfix=127.0.0.1:0"), "Name one with --gate postfix=PLACE."),
        ((*HTTP, "--gate", "postfix=127.0.0.1:14002"), "Name one with --listen postfix=PLACE."),
        (("--listen", "127.0.0.1:14001", *HTTP), "a relay is no gate of its own"),
        ((*HTTP, "--gate", "gate.example.org:x"), '"x" is no port'),
        ((*HTTP, "--gate", "192.0.2:1"), "'192.0.2' does not appear to be an IPv4 or IPv6 address"),
        ((*HTTP, "--key", "gate.key"), "--certificate and --key belong together."),
        ((*HTTP, "--hours", "0"), "0.0 is not in the range"),
        (HTTP[:4], "Missing option '--kept'"),
    ],
)
def test_what_can_t_be_meant_is_told(words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(COMMAND, ["relay", *words])
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())
