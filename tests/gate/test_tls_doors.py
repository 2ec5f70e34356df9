"""Real nginx and Dovecot ask the gate over TLS, with the very files of deploy, and take no answer from anybody else."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from gate import KEY
from programs import free_port, rendered, wait_until

from . import dovecot_door, nginx_door
from .authority import Authority
from .web_door import IPHONE_SYNC

Start = Callable[..., Any]
Known = Any  # what conftest gives

TLS = '[tls]\ncertificate = "gate.pem"\nkey = "gate.key"\n'
KEYS = (
    '[callers.nginx]\nkeys = ["api.key"]\n[callers.dovecot]\nkeys = ["api.key"]\n[callers.dovecot_events]\nkeys = ["api.key"]\n'
)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "api.key").write_text(KEY, "ascii")
    made = Authority(tmp_path)
    made.sign("gate")
    return made


def nginx(
    folder: Path, door: str, gate_port: int, way: str, authority: Authority
) -> AbstractContextManager[nginx_door.NginxDoor]:
    """Run nginx with deploy/nginx and one of its ways over TLS."""

    def prepare(files: Path) -> None:
        for file, placeholder, value in (
            ("way-tls.conf", "/etc/nginx/phaseout/gate-ca.pem", authority.file),
            ("way-tls-known.conf", "/etc/nginx/phaseout/nginx.pem", authority.folder / "nginx.pem"),
            ("way-tls-known.conf", "/etc/nginx/phaseout/nginx.key", authority.folder / "nginx.key"),
        ):
            rendered(files / file, placeholder, str(value))
        shutil.copy(files / way, files / "way.conf")

    return nginx_door.opened(folder, door, gate_port, prepare=prepare)


@pytest.mark.parametrize(("way", "config"), [("way-tls.conf", ""), ("way-tls-known.conf", 'client_ca = "callers.pem"\n')])
def test_nginx_asks_over_tls(
    way: str, config: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    Authority(tmp_path, "callers").sign("nginx")
    port = free_port()
    with (
        start_gate(TLS + config + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        nginx(tmp_path, "closed", port, way, authority) as door,
    ):
        assert door.ask("/mail/", known.firefox)[::2] == (200, b"mail")
        status, _, page = door.ask("/mail/", known.iphone)
        assert (status, gate.decisions()[-1]["effect"]) == (403, "block")
        assert gate.decisions()[-1]["id"].encode() in page, "the page comes over TLS too"
        assert b"129\0\1\1" in door.ask(IPHONE_SYNC, "x", method="POST")[2]


@pytest.mark.parametrize(
    ("door", "status", "host"), [("closed", 503, ""), ("open", 200, ""), ("closed", 503, "other.example.org")]
)
def test_nginx_takes_no_answer_from_a_gate_that_it_does_not_know(
    door: str, status: int, host: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    signer = authority if host else Authority(tmp_path, "strangers")
    signer.sign("gate", host=host)
    port = free_port()
    with (
        start_gate(TLS + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        nginx(tmp_path, door, port, "way-tls.conf", authority) as asks,
    ):
        assert asks.ask("/mail/", known.iphone)[0] == status
        assert not gate.decisions()
        assert re.search("upstream SSL certificate (verify error|does not match)", (asks.here / "error.log").read_text("utf-8"))


def test_nginx_without_a_certificate_is_not_listened_to(
    start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    Authority(tmp_path, "callers")
    port = free_port()
    with (
        start_gate(TLS + 'client_ca = "callers.pem"\n' + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        nginx(tmp_path, "closed", port, "way-tls.conf", authority) as door,
    ):
        end = time.monotonic() + 20
        # On a machine that does much else nginx may hang up before the handshake comes so far.
        while not gate.figure('phaseout_gate_refused_requests_total{reason="no client certificate"}'):
            assert time.monotonic() < end
            assert door.ask("/mail/", known.firefox)[0] == 503
        assert not gate.decisions()


def dovecot(
    door: str, gate_port: int, authority: Authority, caller: str = ""
) -> AbstractContextManager[dovecot_door.DovecotDoor]:
    """Run Dovecot with the files for TLS; as a caller with a certificate, when one is named."""

    def prepare(here: Path) -> None:
        shutil.copy(authority.file, here / "ca.pem")
        rendered(here / "phaseout-tls.conf", "/etc/dovecot/phaseout-gate-ca.pem", str(here / "ca.pem"))
        for end in ("pem", "key"):
            placeholder, own = f"/etc/dovecot/phaseout-dovecot.{end}", authority.folder / f"{caller}.{end}"
            rendered(here / "phaseout-tls-known.conf", placeholder, str(own))
        for name in (f"phaseout-{door}.conf", "phaseout-events.key"):
            rendered(here / name, "http://127.0.0.1", "https://127.0.0.1")
        with (here / "phaseout.conf").open("a", encoding="utf-8") as included:
            included.write("!include phaseout-tls.conf\n" + ("!include phaseout-tls-known.conf\n" if caller else ""))

    return dovecot_door.opened(door, gate_port, prepare)


@pytest.mark.parametrize(("caller", "config"), [("", ""), ("dovecot", 'client_ca = "callers.pem"\n')])
def test_dovecot_asks_over_tls(
    caller: str, config: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    Authority(tmp_path, "callers").sign("dovecot")
    port = free_port()
    with (
        start_gate(TLS + config + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        dovecot("closed", port, authority, caller) as asks,
    ):
        assert asks.sign_in("boris@example.org", known.iphone_id).startswith("NO [ALERT] Apple")
        assert asks.sign_in("boris@example.org", known.samsung_id).startswith("OK")
        asks.speak_after("boris@example.org", known.iphone_id, until="i OK")
        wait_until(lambda: len(gate.decisions()) == 4, "the event comes")
        assert [each["caller"] for each in gate.decisions()] == ["dovecot", "dovecot", "dovecot", "dovecot_events"]


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_dovecot_takes_no_answer_from_a_gate_that_it_does_not_know(
    door: str, answer: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    Authority(tmp_path, "strangers").sign("gate")
    port = free_port()
    with (
        start_gate(TLS + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        dovecot(door, port, authority) as asks,
    ):
        assert asks.sign_in("boris@example.org", known.iphone_id).startswith(answer)
        if answer == "OK":
            asks.speak_after("boris@example.org", known.iphone_id, until="i OK")
            said = asks.here / "dovecot.log"
            wait_until(lambda: "stats: Error" in said.read_text("utf-8"), "the event is not sent")
        assert not gate.decisions()


def test_dovecot_takes_no_answer_from_another_host(start_gate: Start, authority: Authority, known: Known) -> None:
    authority.sign("gate", host="other.example.org")
    port = free_port()
    with (
        start_gate(TLS + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        dovecot("closed", port, authority) as asks,
    ):
        assert asks.sign_in("boris@example.org", known.samsung_id).startswith("NO [AUTHENTICATIONFAILED]")
        assert not gate.decisions()
