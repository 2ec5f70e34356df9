"""Real nginx with the very files of deploy/nginx: who gets in, who is told what, and what holds without a gate."""

from __future__ import annotations

import base64
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef"
GATE = '[callers.nginx]\nkeys = ["nginx.key"]\n[texts]\ncontact = "it@example.org"\n'
EAS = "/Microsoft-Server-ActiveSync"
SAMSUNG_SYNC = f"{EAS}?Cmd=Sync&User=anna&DeviceId=SEC1A2B3C4D5E6F7&DeviceType=SamsungDevice"
IPHONE_SYNC = f"{EAS}?Cmd=Sync&User=anna&DeviceId=ApplF2LXQ0ABCD12&DeviceType=iPhone"
IPHONE_PACKED = f"{EAS}?jQkJBBBBcHBsRjJMWFEwQUJDRDEyAAZpUGhvbmU="

CONFIG = """
daemon off;
master_process off;
pid {here}/nginx.pid;
error_log {here}/error.log info;
events {{ }}
http {{
    client_body_temp_path {here}/t1; proxy_temp_path {here}/t2; fastcgi_temp_path {here}/t3; uwsgi_temp_path {here}/t4;
    scgi_temp_path {here}/t5;
    include phaseout/gate-upstream.conf;
    server {{
        listen 127.0.0.1:{port};
        access_log off;
        include phaseout/door-{door}.conf;
        location /mail/ {{
            set $phaseout_door webmail;
            include phaseout/protect.conf;
            add_header X-Work-Device-Notice $phaseout_reason always;
            proxy_pass http://127.0.0.1:{back};
        }}
        location {eas} {{
            set $phaseout_door activesync;
            include phaseout/protect-activesync.conf;
            proxy_pass http://127.0.0.1:{back};
        }}
    }}
    server {{
        listen 127.0.0.1:{back};
        access_log {here}/back.log;
        location / {{ return 200 "mail"; }}
        location /mail/forbidden {{ return 403 "the mail server's own"; }}
    }}
}}
"""

Start = Callable[..., Any]
Known = Gate = Keys = Content = Any  # what conftest gives; tests can't import from it


def program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        why = f"{name} of Debian's package {package} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


@dataclass
class Door:
    """nginx before a mail server."""

    port: int
    here: Path

    def ask(
        self, target: str, agent: str, user: str = "anna", method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        told = {"User-Agent": agent, "Authorization": "Basic " + base64.b64encode(f"{user}:pass-word-1".encode()).decode()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target, body, {**told, **headers})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def reached(self) -> int:
        """How many requests the mail server got."""
        return len((self.here / "back.log").read_text("utf-8").splitlines())


@pytest.fixture
def ports() -> Callable[[], int]:
    def port() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return port


@pytest.fixture
def open_door(tmp_path: Path, ports: Callable[[], int]) -> Start:
    """Return a context that runs nginx with the files of deploy/nginx; ended by its own process id."""

    @contextmanager
    def opened(door: str, gate_port: int) -> Iterator[Door]:
        nginx, here = program("nginx", "nginx-light"), tmp_path / "nginx"
        shutil.copytree(ROOT / "deploy" / "nginx", here / "phaseout")
        rendered(here / "phaseout" / "gate-upstream.conf", "127.0.0.1:14001", f"127.0.0.1:{gate_port}")
        rendered(here / "phaseout" / "gate-upstream.conf", "/var/cache/nginx/phaseout", str(here / "cache"))
        rendered(here / "phaseout" / "key.conf", "put-the-key-of-callers.nginx-here", KEY)
        port, back = ports(), ports()
        (here / "nginx.conf").write_text(CONFIG.format(here=here, port=port, back=back, door=door, eas=EAS), "utf-8")
        with (here / "said").open("wb") as out:
            process = subprocess.Popen([nginx, "-c", here / "nginx.conf", "-e", here / "error.log"], stdout=out, stderr=out)
        try:
            end = time.monotonic() + 20
            while process.poll() is None and not answers(port):
                assert time.monotonic() < end
                time.sleep(0.02)
            assert process.poll() is None, (here / "said").read_text("utf-8")
            yield Door(port, here)
        finally:
            process.terminate()
            process.wait(20)

    return opened


def rendered(file: Path, placeholder: str, value: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(placeholder) == 1, f"{file.name} has {placeholder} not once"
    file.write_text(text.replace(placeholder, value), "utf-8")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


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


@pytest.mark.parametrize(("door", "status"), [("closed", 503), ("open", 200), ("last-known", 503)])
def test_without_a_gate(door: str, status: int, open_door: Start, ports: Callable[[], int], known: Known) -> None:
    with open_door(door, ports()) as nginx:
        said = nginx.ask("/mail/", known.iphone)
        assert said[0] == status
        if status == 503:
            assert said[1]["retry-after"] == "30"
            assert said[2].startswith(b"Work mail can't be opened at the moment.")
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


def test_a_thousand_requests_through_nginx_and_through_the_judge_agree(
    gate: Gate, open_door: Start, known: Known, keys: Keys, content: Content
) -> None:
    from random import Random  # noqa: PLC0415 - for this test alone

    from phaseout.gate.decide import decide  # noqa: PLC0415
    from phaseout.gate.policy import DEFAULT  # noqa: PLC0415
    from phaseout.gate.record import record_of  # noqa: PLC0415

    draw, serving = Random(7), keys.served(content)  # noqa: S311 - no secret
    agents = [known.iphone, known.firefox, "Apple-iPhone14C2/2001.362", "Android-SAMSUNG-SM-S901B/101.13", "curl/8", ""]
    with open_door("closed", gate.port) as nginx:
        sent = []
        for _ in range(1000):
            user = draw.choice(["anna", "boris", "vera", "gleb", "stranger", "ANNA@EXAMPLE.ORG"])
            agent = draw.choice(agents)
            sent.append((user, agent, nginx.ask("/mail/", agent, user=user)[0]))
    lines = gate.log.read_bytes().splitlines()
    assert len(lines) == 1000
    effects = set()
    for (user, agent, status), line in zip(sent, lines, strict=True):
        record = record_of(line)
        assert record is not None
        assert (record.login, record.clues.get("user_agent", "")) == (user, agent)
        outcome = decide(serving, DEFAULT, record.asked, record.at)
        assert record.effect == outcome.effect.value
        assert status == (403 if record.effect == "block" else 200)
        effects.add(record.effect)
    assert effects == {"allow", "warn", "block"}
