"""Traefik and Envoy with the very files of deploy, before a mail server, and what they ask."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gate import KEY, running_relay
from programs import ROOT, free_port, missing, rendered, running

from .web_door import WebDoor

HASHED = "$apr1$phaseout$.Oh4mXIe2aakXvzh63pbH0"
"""Of pass-word-1, as htpasswd writes it."""

STATIC = """
entryPoints:
  web: {address: "127.0.0.1:PORT"}
global: {checkNewVersion: false, sendAnonymousUsage: false}
"""

ROUTERS = """
http:
  routers:
    mail:
      rule: "PathPrefix(`/mail/`)"
      entryPoints: [web]
      middlewares: [phaseout-nobody, sign-in, phaseout-webmail]
      service: mail
    eas:
      rule: "PathPrefix(`/Microsoft-Server-ActiveSync`)"
      entryPoints: [web]
      middlewares: [phaseout-nobody, sign-in, phaseout-activesync]
      service: mail
    # As one has it that names no entry point; it stands at that of forwardAuth, too.
    rest:
      rule: "PathPrefix(`/`) && !PathPrefix(`/mail/`) && !PathPrefix(`/bare/`) && !PathPrefix(`/Microsoft-Server-ActiveSync`)"
      middlewares: [phaseout-nobody, phaseout-webmail]
      service: mail
    bare: {rule: "PathPrefix(`/bare/`)", entryPoints: [web], middlewares: [phaseout-nobody, phaseout-webmail], service: mail}
  middlewares:
    sign-in: {basicAuth: {headerField: X-Auth-User, users: [USERS]}}
  services:
    mail: {loadBalancer: {servers: [{url: "http://127.0.0.1:BACK"}]}}
"""


def of_a_wheel(name: str) -> Path:
    """Return where a program of a wheel is: the tests' own environment has it."""
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        missing(f"{name} is not in {found.parent}; requirements/all.txt has it for Linux on x86-64")
    return found


@dataclass
class Back:
    """A mail server that writes down what reaches it."""

    port: int
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[Back]:
    """Run one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.seen.append((self.command, self.path, headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"mail")

        do_GET = do_POST = do_OPTIONS = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Back(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def traefik(here: Path, door: str, port: int, back: int, gates: list[int]) -> list[str | Path]:
    """Lay Traefik's files out and return its command."""
    dynamic, way = here / "dynamic", str(free_port())
    shutil.copytree(ROOT / "deploy" / "traefik", dynamic)
    for other in {"open", "closed", "last-known"} - {door}:
        (dynamic / f"door-{other}.yaml").unlink()
    static = (dynamic / "traefik.yaml").rename(here / "traefik.yaml")
    (dynamic / "README.md").unlink()
    parts = STATIC.replace("PORT", str(port)).removeprefix("\nentryPoints:\n")
    text = static.read_text("utf-8").replace("entryPoints:\n", f"entryPoints:\n{parts.partition('global:')[0]}", 1)
    static.write_text(text + "\nglobal:" + parts.partition("global:")[2], "utf-8")
    rendered(static, "127.0.0.1:14080", f"127.0.0.1:{way}")
    rendered(static, "/etc/traefik/dynamic", str(dynamic))
    second = (("# - url", "- url"), ("127.0.0.1:14002", f"127.0.0.1:{gates[1]}")) if len(gates) > 1 else ()
    for placeholder, value in (
        ("127.0.0.1:14080", f"127.0.0.1:{way}"),
        ("127.0.0.1:14001", f"127.0.0.1:{0 if door == 'last-known' else gates[0]}"),
        ('$person := ""', '$person := "X-Auth-User"'),
        ("put-the-key-of-callers.traefik-here", KEY),
        *second,
    ):
        rendered(dynamic / "phaseout.yaml", placeholder, value)
    if door == "last-known":
        rendered(dynamic / "door-last-known.yaml", "127.0.0.1:14011", f"127.0.0.1:{gates[0]}")
    users = ", ".join(f'"{name}:{HASHED}"' for name in ("anna", "boris", "vera", "gleb"))
    (dynamic / "mail.yaml").write_text(ROUTERS.replace("USERS", users).replace("BACK", str(back)), "utf-8")
    return [of_a_wheel("traefik"), f"--configFile={static}"]


def envoy(here: Path, door: str, port: int, back: int, gates: list[int]) -> list[str | Path]:
    """Lay Envoy's files out and return its command."""
    shutil.copytree(ROOT / "deploy" / "envoy", here)
    second = (("# - endpoint", "- endpoint"), ("port_value: 14002", f"port_value: {gates[1]}")) if len(gates) > 1 else ()
    for placeholder, value in (
        ("/etc/envoy/phaseout/person-basic.yaml", f"{here}/person-basic.yaml"),
        ("/etc/envoy/phaseout/phaseout-closed.yaml", f"{here}/phaseout-{door}.yaml"),
        ("port_value: 8443", f"port_value: {port}"),
        ("port_value: 20000", f"port_value: {back}"),
        (f"port_value: {14011 if door == 'last-known' else 14001}", f"port_value: {gates[0]}"),
        *second,
    ):
        rendered(here / "envoy.yaml", placeholder, value)
    rendered(here / f"phaseout-{door}.yaml", "put-the-key-of-callers.envoy-here", KEY)
    return [of_a_wheel("envoy"), "-c", str(here / "envoy.yaml"), "--use-dynamic-base-id", "--concurrency", "1"]


@contextmanager
def opened(folder: Path, proxy: str, door: str, back: int, *asked: int) -> Iterator[WebDoor]:
    """Run a proxy with the files of deploy until the block ends.

    Args:
        folder: takes its files.
        proxy: traefik or envoy.
        door: open, closed or last-known.
        back: the mail server's port.
        asked: the gates' ports, or the relay's.
    """
    port, here = free_port(), folder / "proxy"
    command = {"traefik": traefik, "envoy": envoy}[proxy](here, door, port, back, list(asked))
    with running(command, folder / "said", lambda: has_its_routes(port), cwd=folder):
        yield WebDoor(port)


def has_its_routes(port: int) -> bool:
    """Whether the proxy has taken its routes over: one that it does not have is told by itself."""
    try:
        return WebDoor(port).ask("/mail/", "probe", user="nobody")[0] != 404
    except OSError:
        return False


def config(proxy: str, folder: Path) -> str:
    (folder / "proxy.key").write_text(KEY, "ascii")
    return f'[callers.{proxy}]\nkeys = ["proxy.key"]\n[texts]\ncontact = "it@example.org"\n'


@contextmanager
def asked_at(door: str, folder: Path, gate_port: int) -> Iterator[int]:
    """Give the port at which a door asks: a gate's, or that of the relay before it, which remembers."""
    if door != "last-known":
        yield gate_port
        return
    port = free_port()
    with running_relay(folder / "relay", [f"127.0.0.1:{port}"], [f"127.0.0.1:{gate_port}"]):
        yield port
