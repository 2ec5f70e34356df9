"""The gate asked over TLS: who is let in, what a bad neighbour can do there, and how a certificate is renewed."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from phaseout.gate.certificate import context_of
from phaseout.gate.place import Place
from phaseout.gate.server import Job, _refuse_half_secured, _refuse_open_doors
from phaseout.gate.settings import Settings, Tls
from phaseout.model.fault import FaultsError
from programs import ROOT, free_port, wait_until

from .authority import HOST, Authority

Start = Callable[..., Any]
Known = Any  # what conftest gives

TLS = '[tls]\ncertificate = "gate.pem"\nkey = "gate.key"\n'
KNOWN_ONLY = f'{TLS}client_ca = "callers.pem"\n'
NOW = datetime.now(UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    made.sign("gate")
    return made


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def head(known: Known) -> bytes:
    lines = ("GET /nginx/webmail HTTP/1.1", "X-User: anna", "X-Original-URI: /", f"User-Agent: {known.iphone}", "", "")
    return "\r\n".join(lines).encode()


@contextlib.contextmanager
def wire(port: int, context: ssl.SSLContext | None = None) -> Iterator[socket.socket]:
    """Connect; over TLS when there is something to do it with."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        if context is None:
            yield plain
            return
        with context.wrap_socket(plain, server_hostname=HOST) as secured:
            yield secured


def status(connected: socket.socket, question: bytes) -> bytes:
    connected.sendall(question)
    said = b""
    while b"\r\n\r\n" not in said:
        part = connected.recv(65536)
        assert part, said
        said += part
    return said.split(b" ", 2)[1]


def rest(connected: socket.socket) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while part := connected.recv(65536):
            said += part
    return said


def reasons(gate: Any) -> dict[str, float]:  # noqa: ANN401 - what conftest gives
    """Return how many requests were none, by reason."""
    found = re.findall(r'refused_requests_total\{reason="([^"]+)"\} (\d+)', gate.ask("/metrics")[2].decode())
    return {why: float(count) for why, count in found}


def test_it_is_asked_over_tls_and_in_the_clear_at_once(start_gate: Start, authority: Authority, port: int, head: bytes) -> None:
    with start_gate(TLS, listen=(f"tls:127.0.0.1:{port}",)) as gate:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = authority.client()
            context.minimum_version = context.maximum_version = version
            with wire(port, context) as secured:
                assert [status(secured, head) for _ in range(3)] == [b"403"] * 3
        with wire(gate.port) as plain:
            assert status(plain, head) == b"403"
        library = HTTPSConnection("127.0.0.1", port, timeout=20, context=authority.client())
        library.request("GET", "/readyz")
        assert library.getresponse().read() == b"ready\n"
        library.close()
        old = authority.client()
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionError)), wire(port, old):
            pass
        with wire(port) as plain:
            plain.sendall(head)
            assert b"HTTP" not in rest(plain), "in the clear it says nothing"
        with pytest.raises((ssl.SSLError, ConnectionError)), wire(gate.port, authority.client()):
            pass
        assert reasons(gate) == {"no TLS": 2, "no HTTP": 1}
        assert len(gate.decisions()) == 7
    assert "Traceback" not in gate.said()
    assert "in the clear" not in gate.said(), "nobody else's machine reaches it"


def test_postfix_s_own_protocol_is_spoken_over_tls_too(start_gate: Start, authority: Authority, port: int) -> None:
    question = b"request=smtpd_access_policy\nsasl_username=anna\nhelo_name=x\n\n"
    with start_gate(TLS, listen=(f"postfix=tls:127.0.0.1:{port}",)), wire(port, authority.client()) as secured:
        for _ in range(2):
            secured.sendall(question)
            assert secured.recv(4096) == b"action=DUNNO\n\n"
        secured.sendall(b"no question\n\n")
        assert rest(secured) == b"", "it hangs up"


def test_only_who_shows_a_certificate_is_listened_to(
    start_gate: Start, authority: Authority, port: int, head: bytes, tmp_path: Path
) -> None:
    callers, strangers = Authority(tmp_path, "callers"), Authority(tmp_path, "strangers")
    callers.sign("nginx")
    callers.sign("over", ends=datetime(2021, 1, 1, tzinfo=UTC), begins=datetime(2020, 1, 1, tzinfo=UTC))
    strangers.sign("stranger")
    with start_gate(KNOWN_ONLY, listen=(f"tls:127.0.0.1:{port}",)) as gate:
        for name in ("", "stranger", "over"):
            with contextlib.suppress(ssl.SSLError, ConnectionError), wire(port, authority.client(name)) as secured:
                secured.sendall(head)
                assert rest(secured) == b"", name
        with wire(port, authority.client("nginx")) as secured:
            assert status(secured, head) == b"403"
        assert reasons(gate) == {"no client certificate": 1, "client certificate not trusted": 2}
        assert len(gate.decisions()) == 1


def test_a_new_certificate_is_shown_and_no_connection_dropped(
    start_gate: Start, authority: Authority, port: int, head: bytes, tmp_path: Path
) -> None:
    def serial() -> int:
        with wire(port, authority.client()) as secured:
            assert isinstance(secured, ssl.SSLSocket)
            return x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"").serial_number

    with start_gate(TLS, listen=(f"tls:127.0.0.1:{port}",)) as gate, wire(port, authority.client()) as kept:
        first = serial()
        ends = gate.figure("phaseout_gate_certificate_expires_timestamp_seconds")
        second = authority.sign("new", ends=datetime(2040, 1, 1, tzinfo=UTC))
        (tmp_path / "new.pem").replace(tmp_path / "gate.pem")
        refused = 'phaseout_gate_certificate_refused_total{code="PO543"}'
        wait_until(lambda: gate.figure(refused) == 1, "the other key's certificate is refused")
        assert serial() == first
        (tmp_path / "new.key").replace(tmp_path / "gate.key")
        wait_until(lambda: serial() == second, "the new one is shown")
        assert gate.figure("phaseout_gate_certificate_expires_timestamp_seconds") == 2208988800 != ends
        third = authority.sign("gate")
        gate.process.send_signal(signal.SIGHUP)
        wait_until(lambda: serial() == third, "the next one is shown")
        assert status(kept, head) == b"403", "the first connection goes on"
        assert "gate.key PO543 It is not the key of" in gate.said()


def test_who_never_ends_his_handshake_keeps_nobody_out(start_gate: Start, authority: Authority, port: int, head: bytes) -> None:
    limits = "[limits]\nseconds = 1.5\nconnections = 20\n"
    with (
        start_gate(TLS + limits, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        wire(port, authority.client()) as kept,
        contextlib.ExitStack() as opened,
    ):
        assert status(kept, head) == b"403"
        slow = [opened.enter_context(wire(port)) for _ in range(30)]
        for n, each in enumerate(slow):
            with contextlib.suppress(ConnectionError):
                each.sendall((b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")[n % 3])
        began = time.monotonic()
        assert status(kept, head) == b"403"
        with wire(gate.port) as plain:
            assert status(plain, head) == b"403"
        assert [rest(each) for each in slow] == [b""] * 30
        assert time.monotonic() - began < 10
        with wire(port, authority.client()) as secured:
            assert status(secured, head) == b"403", "there is room again"
        assert reasons(gate) == {"too many connections": 20, "too slow": 10}


def test_floods_and_dribbles_over_tls(start_gate: Start, authority: Authority, port: int, head: bytes) -> None:
    flood = b"POST /dovecot?command=allow HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 3_000_000
    with start_gate(TLS + "[limits]\nseconds = 1.0\n", listen=(f"tls:127.0.0.1:{port}",)) as gate:
        with wire(port, authority.client()) as secured:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                secured.sendall(flood)
            assert rest(secured)[:13] in {b"HTTP/1.1 413 ", b""}
        with wire(port, authority.client()) as secured:
            secured.sendall(head[:-2])
            assert rest(secured).startswith(b"HTTP/1.1 408 ")
        for n in range(20):
            with wire(port) as plain:
                plain.sendall(bytes((22, 3, 1, 0, n)) * n)
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes by a reset
        with wire(port, authority.client()) as secured:
            secured.sendall(head * 500)
            said = b""
            while said.count(b"HTTP/1.1 403 ") < 500:
                part = secured.recv(1 << 20)
                assert part
                said += part
        assert gate.process.poll() is None
    assert "Traceback" not in gate.said()


def test_sigterm_ends_it_in_order_over_tls(start_gate: Start, authority: Authority, port: int, head: bytes) -> None:
    with (
        start_gate(TLS, listen=(f"tls:127.0.0.1:{port}",)) as gate,
        wire(port, authority.client()) as busy,
        wire(port, authority.client()),
        wire(port),
    ):
        busy.sendall(head[:-2])
        time.sleep(0.2)
        gate.process.terminate()
        time.sleep(0.2)
        busy.sendall(b"\r\n")
        said = rest(busy)
        assert gate.process.wait(20) == 0
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"Connection: close" in said
    assert "Traceback" not in gate.said()


def told(folder: Path, at: datetime = NOW, client_ca: str = "") -> list[str]:
    files = Tls(folder / "gate.pem", folder / "gate.key", folder / client_ca if client_ca else None)
    with pytest.raises(FaultsError) as caught:
        context_of(files, at)
    return [str(fault).replace(f"{folder}/", "") for fault in caught.value.faults]


def test_a_certificate_out_of_its_time_is_told_as_the_page_shows(authority: Authority, tmp_path: Path) -> None:
    authority.sign("gate", begins=datetime(2019, 1, 1, tzinfo=UTC), ends=datetime(2020, 1, 1, tzinfo=UTC))
    page = (ROOT / "docs" / "errors" / "PO544.md").read_text("utf-8")
    assert f"```text\n{told(tmp_path)[0]}\n```" in page
    authority.sign("gate", begins=datetime(2039, 1, 1, tzinfo=UTC), ends=datetime(2040, 1, 1, tzinfo=UTC))
    assert " PO544 " in told(tmp_path)[0], "its time is to come"


@pytest.mark.parametrize("broken", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_files_that_are_none_are_told_all_at_once(broken: bytes, authority: Authority, tmp_path: Path) -> None:
    assert authority
    for name in ("gate.pem", "gate.key", "callers.pem"):
        (tmp_path / name).write_bytes(broken)
    said = told(tmp_path, client_ca="callers.pem")
    assert [line.split()[1] for line in said] == ["PO545", "PO542", "PO541"]
    assert all("in PEM form" in line for line in said)


def test_a_locked_key_asks_nobody(authority: Authority, tmp_path: Path) -> None:
    authority.sign("gate", password=b"word")
    assert ["locked with a password" in line for line in told(tmp_path)] == [True]


def test_without_keys_only_callers_with_certificates_may_be_elsewhere(tmp_path: Path) -> None:
    def refused(place: str, tls: Tls | None, check: Callable[[Job], None]) -> str:
        places = (Place.read("127.0.0.1:1"), Place.read(place))
        job = Job(tmp_path, places, tmp_path, Settings(tls=tls), allow_older=False, clock=lambda: NOW)
        try:
            check(job)
        except FaultsError as error:
            return error.faults[0].code
        return ""

    plain, known = Tls(tmp_path, tmp_path), Tls(tmp_path, tmp_path, tmp_path)
    assert refused("0.0.0.0:2", None, _refuse_open_doors) == "PO524"
    assert refused("tls:0.0.0.0:2", plain, _refuse_open_doors) == "PO524", "TLS does not say who asks"
    assert refused("0.0.0.0:2", known, _refuse_open_doors) == "PO524", "in the clear nobody shows a certificate"
    assert refused("tls:0.0.0.0:2", known, _refuse_open_doors) == ""
    assert refused("tls:0.0.0.0:2", None, _refuse_half_secured) == "PO540"
    assert refused("0.0.0.0:2", known, _refuse_half_secured) == "PO540"
    assert refused("tls:0.0.0.0:2", known, _refuse_half_secured) == ""
