"""A relay before a real gate, and a way to ask it as each door does."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from gate import KEY, running_relay
from programs import LONGEST, free_port

Said = tuple[int, dict[str, str], bytes]


@dataclass
class Standing:
    """A relay of its own process.

    Attributes:
        port: where it is asked over HTTP.
        postfix: where Postfix asks it.
        folder: has its files.
        process: its own.
    """

    port: int
    postfix: int
    folder: Path
    process: subprocess.Popen[bytes]

    def ask(self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None, method: str = "") -> Said:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            told = {"X-API-Key": KEY} | (headers or {})
            connection.request(method or ("POST" if body is not None else "GET"), path, body, told)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def envoy(self, login: str, agent: str, target: str = "/mail/", door: str = "webmail", **headers: str) -> Said:
        told = {"X-User": login, "User-Agent": agent, "X-Phaseout-Door": door, "X-Real-IP": "192.0.2.7"}
        return self.ask(f"/envoy{target}", told | {name.replace("_", "-"): value for name, value in headers.items()})

    def imap(self, login: str, device_id: str, **attributes: object) -> tuple[int, dict[str, Any]]:
        told = {"login": login, "device_id": device_id, "protocol": "imap", "remote": "192.0.2.7"} | attributes
        status, _, body = self.ask("/dovecot?command=allow", body=json.dumps(told).encode())
        return status, json.loads(body or b"{}")

    def send(self, login: str, **attributes: str) -> bytes:
        """Ask as Postfix does, and return all that is said before the other end hangs up, or the one answer."""
        told = {"request": "smtpd_access_policy", "sasl_username": login, "client_address": "192.0.2.7", "policy_context": KEY}
        lines = "".join(f"{name}={value}\n" for name, value in (told | attributes).items())
        with socket.create_connection(("127.0.0.1", self.postfix), LONGEST) as wire:
            wire.sendall(f"{lines}\n".encode())
            said = b""
            while not said.endswith(b"\n\n") and (more := wire.recv(65536)):
                said += more
            return said

    def figure(self, name: str) -> float:
        lines = self.ask("/metrics")[2].decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    def said(self) -> str:
        return (self.folder / "said").read_text("utf-8")


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Return a configuration in which each caller has a key."""
    (tmp_path / "api.key").write_text(KEY, "ascii")
    callers = ("dovecot", "dovecot_events", "envoy", "nginx", "postfix", "roundcube", "traefik")
    return "".join(f'[callers.{name}]\nkeys = ["{tmp_path / "api.key"}"]\n' for name in callers)


@pytest.fixture
def start_relay(tmp_path: Path) -> Callable[..., Any]:
    """Return a context that runs a relay before gates at ports for HTTP and for Postfix."""

    @contextmanager
    def started(
        gates: tuple[int, ...], *more: str | Path, postfix: tuple[int, ...] = (), secured: str = ""
    ) -> Iterator[Standing]:
        ports = free_port(), free_port()
        listen = [f"127.0.0.1:{ports[0]}", *([f"postfix=127.0.0.1:{ports[1]}"] if postfix else [])]
        asked = [*(f"{secured}127.0.0.1:{port}" for port in gates), *(f"postfix=127.0.0.1:{port}" for port in postfix)]
        with running_relay(tmp_path / "relay", listen, asked, *more) as process:
            yield Standing(*ports, tmp_path / "relay", process)

    return started


@dataclass
class Pair:
    """A relay and the gate before which it stands."""

    relay: Standing
    gate: Any
    start: Callable[..., Any]
    postfix: int

    def end(self) -> None:
        """Kill the gate."""
        self.gate.process.kill()
        self.gate.process.wait()


@pytest.fixture
def pair(start_gate: Callable[..., Any], start_relay: Callable[..., Any], config: str) -> Iterator[Pair]:
    """Run a gate that is asked over HTTP and by Postfix, and a relay before it."""
    http, postfix = free_port(), free_port()
    listen = (f"postfix=127.0.0.1:{postfix}",)

    def again() -> Any:  # noqa: ANN401 - a context
        return start_gate(config, port=http, listen=listen)

    with ExitStack() as stack:
        gate = stack.enter_context(again())
        yield Pair(stack.enter_context(start_relay((http,), postfix=(postfix,))), gate, again, postfix)
