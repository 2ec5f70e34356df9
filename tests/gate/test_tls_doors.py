"""Real nginx and Dovecot ask the gate over TLS, with the very files of deploy, and take no answer from anybody else."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from . import nginx_door, test_dovecot
from .authority import Authority

Start = Callable[..., Any]
Known = Any  # what conftest gives

KEY = nginx_door.KEY
TLS = '[tls]\ncertificate = "gate.pem"\nkey = "gate.key"\n'
KEYS = (
    '[callers.nginx]\nkeys = ["api.key"]\n[callers.dovecot]\nkeys = ["api.key"]\n[callers.dovecot_events]\nkeys = ["api.key"]\n'
)
CA = "/etc/nginx/phaseout/gate-ca.pem"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    (tmp_path / "api.key").write_text(KEY, "ascii")
    made = Authority(tmp_path)
    made.sign("gate")
    return made


@contextmanager
def nginx(here: Path, door: str, gate_port: int, way: str, authority: Authority) -> Iterator[nginx_door.Door]:
    """Run nginx with deploy/nginx and one of its ways over TLS; ended by its own process id."""
    program = nginx_door.program("nginx", "nginx-light")
    shutil.copytree(nginx_door.ROOT / "deploy" / "nginx", here / "phaseout")
    for file, placeholder, value in (
        ("gate-upstream.conf", "127.0.0.1:14001", f"127.0.0.1:{gate_port}"),
        ("gate-upstream.conf", "/var/cache/nginx/phaseout", str(here / "cache")),
        ("key.conf", "put-the-key-of-callers.nginx-here", KEY),
        ("way-tls.conf", CA, str(authority.file)),
        ("way-tls-known.conf", "/etc/nginx/phaseout/nginx.pem", str(authority.folder / "nginx.pem")),
        ("way-tls-known.conf", "/etc/nginx/phaseout/nginx.key", str(authority.folder / "nginx.key")),
    ):
        nginx_door.rendered(here / "phaseout" / file, placeholder, value)
    shutil.copy(here / "phaseout" / way, here / "phaseout" / "way.conf")
    port, back = test_dovecot.free_port(), test_dovecot.free_port()
    (here / "nginx.conf").write_text(nginx_door.CONFIG.format(here=here, port=port, back=back, door=door, eas=nginx_door.EAS))
    with (here / "said").open("wb") as out:
        process = subprocess.Popen([program, "-c", here / "nginx.conf", "-e", here / "error.log"], stdout=out, stderr=out)
    try:
        end = time.monotonic() + 20
        while process.poll() is None and not nginx_door.answers(port):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert process.poll() is None, (here / "said").read_text("utf-8")
        yield nginx_door.Door(port, here)
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize(("way", "config"), [("way-tls.conf", ""), ("way-tls-known.conf", 'client_ca = "callers.pem"\n')])
def test_nginx_asks_over_tls(
    way: str, config: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    Authority(tmp_path, "callers").sign("nginx")
    port = test_dovecot.free_port()
    with (
        start_gate(TLS + config + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        nginx(tmp_path / "nginx", "closed", port, way, authority) as door,
    ):
        assert door.ask("/mail/", known.firefox)[::2] == (200, b"mail")
        status, _, page = door.ask("/mail/", known.iphone)
        assert (status, gate.decisions()[-1]["effect"]) == (403, "block")
        assert gate.decisions()[-1]["id"].encode() in page, "the page comes over TLS too"
        assert b"129\0\1\1" in door.ask(nginx_door.IPHONE_SYNC, "x", method="POST")[2]


@pytest.mark.parametrize(
    ("door", "status", "host"), [("closed", 503, ""), ("open", 200, ""), ("closed", 503, "other.example.org")]
)
def test_nginx_takes_no_answer_from_a_gate_that_it_does_not_know(
    door: str, status: int, host: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    signer = authority if host else Authority(tmp_path, "strangers")
    signer.sign("gate", host=host)
    port = test_dovecot.free_port()
    with (
        start_gate(TLS + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        nginx(tmp_path / "nginx", door, port, "way-tls.conf", authority) as asks,
    ):
        assert asks.ask("/mail/", known.iphone)[0] == status
        assert not gate.decisions()
        assert re.search("upstream SSL certificate (verify error|does not match)", (asks.here / "error.log").read_text("utf-8"))


def test_nginx_without_a_certificate_is_not_listened_to(
    start_gate: Start, authority: Authority, tmp_path: Path, known: Known
) -> None:
    Authority(tmp_path, "callers")
    port = test_dovecot.free_port()
    with (
        start_gate(TLS + 'client_ca = "callers.pem"\n' + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        nginx(tmp_path / "nginx", "closed", port, "way-tls.conf", authority) as door,
    ):
        end = time.monotonic() + 20
        # On a machine that does much else nginx may hang up before the handshake comes so far.
        while not gate.figure('phaseout_gate_refused_requests_total{reason="no client certificate"}'):
            assert time.monotonic() < end
            assert door.ask("/mail/", known.firefox)[0] == 503
        assert not gate.decisions()


@pytest.fixture
def short() -> Iterator[Path]:
    """Return a folder with a short name, as Dovecot's sockets need."""
    made = Path(tempfile.mkdtemp(prefix="gate"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def dovecot(short: Path, door: str, gate_port: int, authority: Authority, caller: str = "") -> Iterator[test_dovecot.Door]:
    """Run Dovecot with the files for TLS; as a caller with a certificate, when one is named."""

    def prepare(here: Path) -> None:
        shutil.copy(authority.file, here / "ca.pem")
        test_dovecot.rendered(here / "phaseout-tls.conf", "/etc/dovecot/phaseout-gate-ca.pem", str(here / "ca.pem"))
        for end in ("pem", "key"):
            placeholder, own = f"/etc/dovecot/phaseout-dovecot.{end}", authority.folder / f"{caller}.{end}"
            test_dovecot.rendered(here / "phaseout-tls-known.conf", placeholder, str(own))
        test_dovecot.rendered(here / "phaseout-events.conf", "http://127.0.0.1", "https://127.0.0.1")
        with (here / "phaseout.conf").open("a", encoding="utf-8") as included:
            included.write("!include phaseout-tls.conf\n" + ("!include phaseout-tls-known.conf\n" if caller else ""))

    change = ("http://127.0.0.1", "https://127.0.0.1")
    with test_dovecot.opened(short, door, gate_port, test_dovecot.free_port(), change, prepare) as running:
        yield running


@pytest.mark.parametrize(("caller", "config"), [("", ""), ("dovecot", 'client_ca = "callers.pem"\n')])
def test_dovecot_asks_over_tls(
    caller: str, config: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known, short: Path
) -> None:
    Authority(tmp_path, "callers").sign("dovecot")
    port = test_dovecot.free_port()
    with (
        start_gate(TLS + config + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        dovecot(short, "closed", port, authority, caller) as asks,
    ):
        assert asks.sign_in("boris@example.org", known.iphone_id).startswith("NO [ALERT] Apple")
        assert asks.sign_in("boris@example.org", known.samsung_id).startswith("OK")
        asks.speak_after("boris@example.org", known.iphone_id, until="i OK")
        test_dovecot.wait_until(lambda: len(gate.decisions()) == 4, "the event comes")
        assert [each["caller"] for each in gate.decisions()] == ["dovecot", "dovecot", "dovecot", "dovecot_events"]


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_dovecot_takes_no_answer_from_a_gate_that_it_does_not_know(
    door: str, answer: str, start_gate: Start, authority: Authority, tmp_path: Path, known: Known, short: Path
) -> None:
    Authority(tmp_path, "strangers").sign("gate")
    port = test_dovecot.free_port()
    with (
        start_gate(TLS + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        dovecot(short, door, port, authority) as asks,
    ):
        assert asks.sign_in("boris@example.org", known.iphone_id).startswith(answer)
        if answer == "OK":
            asks.speak_after("boris@example.org", known.iphone_id, until="i OK")
            said = short / "dovecot.log"
            test_dovecot.wait_until(lambda: "stats: Error" in said.read_text("utf-8"), "the event is not sent")
        assert not gate.decisions()


def test_dovecot_takes_no_answer_from_another_host(start_gate: Start, authority: Authority, known: Known, short: Path) -> None:
    authority.sign("gate", host="other.example.org")
    port = test_dovecot.free_port()
    with (
        start_gate(TLS + KEYS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        dovecot(short, "closed", port, authority) as asks,
    ):
        assert asks.sign_in("boris@example.org", known.samsung_id).startswith("NO [AUTHENTICATIONFAILED]")
        assert not gate.decisions()
