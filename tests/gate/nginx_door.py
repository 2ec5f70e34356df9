"""nginx with the very files of deploy/nginx before a mail server, for the tests that stand in front of it."""

from __future__ import annotations

import base64
import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def opened(folder: Path, door: str, *gates: int) -> Iterator[Door]:
    """Run nginx until the block ends; it is ended by its own process id."""
    nginx, here = program("nginx", "nginx-light"), folder / "nginx"
    shutil.copytree(ROOT / "deploy" / "nginx", here / "phaseout")
    rendered(here / "phaseout" / "gate-upstream.conf", "127.0.0.1:14001", f"127.0.0.1:{gates[0]}")
    for second in gates[1:]:
        rendered(here / "phaseout" / "gate-upstream.conf", "# server 127.0.0.1:14002", f"server 127.0.0.1:{second}")
    rendered(here / "phaseout" / "gate-upstream.conf", "/var/cache/nginx/phaseout", str(here / "cache"))
    rendered(here / "phaseout" / "key.conf", "put-the-key-of-callers.nginx-here", KEY)
    port, back = free_port(), free_port()
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
