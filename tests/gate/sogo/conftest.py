"""SOGo with ActiveSync on PostgreSQL, with its memcached and a Dovecot, all of Debian's packages; before it nginx and the gate.

SOGo reads ``/etc/sogo/sogo.conf`` alone, whatever it is told; but its arguments count more than the file. So the machine's file
stays as it is, and SOGo runs as the account that may read it.
"""

from __future__ import annotations

import base64
import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
KEY = "0123456789abcdef0123456789abcdef"
GATE = '[callers.nginx]\nkeys = ["nginx.key"]\n[texts]\ncontact = "it@example.org"\n'
PASSWORD = "right-1"  # noqa: S105 - of invented people
PEOPLE = ("anna", "boris", "vera", "gleb")
LONGEST = 30.0
"""Seconds that a server may take to start; the machine may be busy."""

DOVECOT = """
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{here}/mail/%n
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={here}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""

NGINX = """
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
        access_log {here}/access.log;
        include phaseout/door-closed.conf;
        include phaseout/sogo.conf;
    }}
}}
"""

Start = Callable[..., Any]


def needed(found: object, why: str) -> None:
    """Skip with the reason where something is missing; fail where nothing may be."""
    if not found:
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)


def program(name: str, package: str) -> str:
    """Return where a program is; PostgreSQL's are in a folder of their own version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    found = shutil.which(name, path=":".join([os.environ.get("PATH", ""), "/usr/sbin", *map(str, versions[-1:])]))
    needed(found, f"{name} of Debian's package {package} is not installed")
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running(
    command: list[str], log: Path, ready: Callable[[], bool], user: str = "", ends: signal.Signals = signal.SIGTERM
) -> Iterator[None]:
    """Run a server in the foreground as an account until the block ends; it is ended by its own process id."""
    as_user: dict[str, Any] = {}
    if user:
        as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    with log.open("wb") as out:
        server = subprocess.Popen(
            command, stdout=out, stderr=out, cwd="/", env={**os.environ, "HOME": str(log.parent), "TZ": "UTC"},
            start_new_session=True, **as_user,
        )  # fmt: skip
    try:
        end = time.monotonic() + LONGEST
        while server.poll() is None and not ready():
            assert time.monotonic() < end, log.read_text("utf-8", "replace")[-3000:]
            time.sleep(0.05)
        assert server.poll() is None, log.read_text("utf-8", "replace")[-3000:]
        yield
    finally:
        # With its children, which sogod would wait half a minute for; they have a session of their own.
        os.killpg(server.pid, ends)
        try:
            server.wait(LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


@contextmanager
def database(here: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own with the staff in it, and give its address."""
    folder, port = here / "pg", free_port()
    folder.mkdir()
    shutil.chown(folder, "postgres")
    making = [program("initdb", "postgresql"), "-D", folder, "-A", "trust", "-N", "-U", "sogo", "--locale=C.UTF-8"]
    subprocess.run(
        making, check=True, stdout=subprocess.DEVNULL, cwd="/",
        user="postgres", group=pwd.getpwnam("postgres").pw_gid, extra_groups=[],
    )  # fmt: skip
    server = [program("postgres", "postgresql"), "-D", str(folder), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
              "-c", "unix_socket_directories=", "-c", "fsync=off"]  # fmt: skip
    psql = [program("psql", "postgresql"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "sogo", "-d", "postgres", "-c"]

    def ready() -> bool:
        return subprocess.run([*psql, "SELECT 1"], capture_output=True, check=False).returncode == 0

    people = ", ".join(
        f"('{each}@example.org', '{each}@example.org', '{PASSWORD}', '{each}', '{each}@example.org')" for each in PEOPLE
    )
    with running(server, here / "pg.log", ready, user="postgres"):
        subprocess.run(
            [*psql, "CREATE TABLE people (c_uid text, c_name text, c_password text, c_cn text, mail text)"], check=True
        )
        subprocess.run([*psql, f"INSERT INTO people VALUES {people}"], check=True)  # noqa: S608 - invented people
        yield f"postgresql://sogo@127.0.0.1:{port}/postgres"


@contextmanager
def imap_server(here: Path) -> Iterator[int]:
    """Run a Dovecot in which everybody has a mailbox."""
    port = free_port()
    (here / "mail").mkdir()
    shutil.chown(here / "mail", "nobody", "nogroup")
    (here / "dovecot.conf").write_text(DOVECOT.format(here=here, port=port, password=PASSWORD), "utf-8")
    command = [program("dovecot", "dovecot-imapd"), "-F", "-c", str(here / "dovecot.conf")]
    with running(command, here / "dovecot.said", lambda: listens(port)):
        yield port


@contextmanager
def groupware(here: Path, store: str, imap: int) -> Iterator[int]:
    """Run SOGo."""
    port, cache, folder = free_port(), free_port(), here / "sogo"
    folder.mkdir()
    shutil.chown(folder, "sogo")
    people = f'{{type = sql; id = people; viewURL = "{store}/people"; canAuthenticate = YES; userPasswordAlgorithm = plain;}}'
    told = {
        "WOPort": f"127.0.0.1:{port}", "WOWorkersCount": "2", "WOLogFile": "-", "WOPidFile": f"{folder}/pid",
        "SOGoProfileURL": f"{store}/profile", "OCSFolderInfoURL": f"{store}/folders", "OCSSessionsFolderURL": f"{store}/sessions",
        "OCSEMailAlarmsFolderURL": f"{store}/alarms", "SOGoMemcachedHost": f"127.0.0.1:{cache}", "SOGoTimeZone": "UTC",
        "SOGoIMAPServer": f"imap://127.0.0.1:{imap}", "SOGoMailDomain": "example.org", "SOGoMailSpoolPath": str(folder),
        "SOGoUserSources": f"({people})", "SOGoMaximumPingInterval": "5", "SOGoMaximumSyncInterval": "5",
        "SOGoInternalSyncInterval": "2", "SxVMemLimit": "768",
    }  # fmt: skip
    command = [
        program("sogod", "sogo"),
        "-WONoDetach",
        "YES",
        *(part for key, value in told.items() for part in (f"-{key}", value)),
    ]
    remembers = [program("memcached", "memcached"), "-l", "127.0.0.1", "-p", str(cache), "-U", "0", "-m", "16"]
    log = here / "sogo.log"
    with running(remembers, here / "memcached.log", lambda: listens(cache), user="nobody"):
        ready = "notified the watchdog that we are ready"
        with running(command, log, lambda: ready in log.read_text("utf-8", "replace"), user="sogo", ends=signal.SIGKILL):
            yield port


@dataclass
class Mail:
    """nginx before SOGo."""

    port: int
    here: Path
    imap: int
    password: str = PASSWORD

    def ask(
        self, method: str, target: str, agent: str, body: bytes | None = None, user: str = "anna@example.org", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        told = {"User-Agent": agent}
        if user:
            told["Authorization"] = "Basic " + base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body, {**told, **headers})
            answer = connection.getresponse()
            names = {name.lower() for name, _ in answer.getheaders()}
            return answer.status, {name: ", ".join(answer.msg.get_all(name, [])) for name in names}, answer.read()
        finally:
            connection.close()

    def deliver(self, user: str, name: str, text: str) -> None:
        """Put a message into somebody's inbox, as a delivery agent does."""
        inbox = self.here / "mail" / user
        for folder in (inbox, inbox / "new", inbox / "cur", inbox / "tmp"):
            folder.mkdir(exist_ok=True)
            shutil.chown(folder, "nobody", "nogroup")
        (inbox / "tmp" / name).write_text(text, "utf-8")
        shutil.chown(inbox / "tmp" / name, "nobody", "nogroup")
        (inbox / "tmp" / name).rename(inbox / "new" / name)

    def reached(self) -> str:
        """What SOGo says that reached it."""
        return (self.here / "sogo.log").read_text("utf-8", "replace")


@contextmanager
def web_server(here: Path, gate: int, sogo: int) -> Iterator[int]:
    """Run nginx with the files of deploy/nginx."""
    files, port = here / "phaseout", free_port()
    shutil.copytree(ROOT / "deploy" / "nginx", files)
    for name, placeholder, value in (
        ("gate-upstream.conf", "127.0.0.1:14001", f"127.0.0.1:{gate}"),
        ("gate-upstream.conf", "/var/cache/nginx/phaseout", str(here / "cache")),
        ("key.conf", "put-the-key-of-callers.nginx-here", KEY),
        ("sogo.conf", "127.0.0.1:20000", f"127.0.0.1:{sogo}"),
    ):
        text = (files / name).read_text("utf-8")
        assert placeholder in text
        (files / name).write_text(text.replace(placeholder, value), "utf-8")
    (here / "nginx.conf").write_text(NGINX.format(here=here, port=port), "utf-8")
    command = [program("nginx", "nginx-light"), "-c", str(here / "nginx.conf"), "-e", str(here / "error.log")]
    with running(command, here / "nginx.said", lambda: listens(port)):
        yield port


@pytest.fixture(scope="module")
def gate(start_gate_in: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("gate")
    (folder / "nginx.key").write_text(KEY, "ascii")
    with start_gate_in(folder, GATE) as running_gate:
        yield running_gate


@pytest.fixture(scope="module")
def mail(gate: Any) -> Iterator[Mail]:  # noqa: ANN401 - the outer conftest's
    """Return the whole of it, running."""
    needed(os.getuid() == 0, "only root can start SOGo and PostgreSQL as the accounts that they insist on")
    needed(Path("/usr/lib/GNUstep/SOGo/ActiveSync.SOGo").exists(), "Debian's package sogo-activesync is not installed")
    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sogo")))  # sockets' paths must be short
        here.chmod(0o755)
        store = stack.enter_context(database(here))
        imap = stack.enter_context(imap_server(here))
        sogo = stack.enter_context(groupware(here, store, imap))
        yield Mail(stack.enter_context(web_server(here, gate.port, sogo)), here, imap)
