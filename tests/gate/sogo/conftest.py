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
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dovecot import PASSWORD, mail_account, running_dovecot
from gate import KEY
from nginx import deployed, running_nginx
from programs import LONGEST, free_port, missing, program, rendered, running, short_folder

GATE = '[callers.nginx]\nkeys = ["nginx.key"]\n[texts]\ncontact = "it@example.org"\n'
PEOPLE = ("anna@example.org", "boris@example.org", "vera@example.org", "gleb@example.org")

NGINX = """
    include phaseout/gate-upstream.conf;
    server {{
        listen 127.0.0.1:{port};
        include phaseout/door-closed.conf;
        include phaseout/sogo.conf;
    }}
"""

Start = Callable[..., Any]


@contextmanager
def database(here: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own with the staff in it, and give its address."""
    folder, port = here / "pg", free_port()
    folder.mkdir()
    shutil.chown(folder, "postgres")
    making = [program("initdb", "postgresql"), "-D", folder, "-A", "trust", "-N", "-U", "sogo", "--locale=C.UTF-8"]
    subprocess.run(
        making, check=True, stdout=subprocess.DEVNULL, cwd=here,
        user="postgres", group=pwd.getpwnam("postgres").pw_gid, extra_groups=[],
    )  # fmt: skip
    server = [program("postgres", "postgresql"), "-D", str(folder), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
              "-c", "unix_socket_directories=", "-c", "fsync=off"]  # fmt: skip
    psql = [program("psql", "postgresql"), "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "sogo", "-d", "postgres", "-c"]

    def ready() -> bool:
        return subprocess.run([*psql, "SELECT 1"], capture_output=True, check=False).returncode == 0

    people = ", ".join(f"('{each}', '{each}', '{PASSWORD}', '{each.partition('@')[0]}', '{each}')" for each in PEOPLE)
    # Stops without waiting for who is still connected.
    with running(server, here / "pg.log", ready, user="postgres", cwd=here, ends=signal.SIGINT):
        subprocess.run(
            [*psql, "CREATE TABLE people (c_uid text, c_name text, c_password text, c_cn text, mail text)"], check=True
        )
        subprocess.run([*psql, f"INSERT INTO people VALUES {people}"], check=True)  # noqa: S608 - invented people
        yield f"postgresql://sogo@127.0.0.1:{port}/postgres"


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

    def ready() -> bool:
        return "notified the watchdog that we are ready" in log.read_text("utf-8", "replace")

    with (
        running(remembers, here / "memcached.log", cache, user="nobody"),
        # Killed with its children, for which it would wait half a minute.
        running(command, log, ready, user="sogo", env={"HOME": str(here), "TZ": "UTC"}, cwd=here, ends=signal.SIGKILL),
    ):
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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2 * LONGEST)
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
            os.chown(folder, *mail_account())
        (inbox / "tmp" / name).write_text(text, "utf-8")
        os.chown(inbox / "tmp" / name, *mail_account())
        (inbox / "tmp" / name).rename(inbox / "new" / name)

    def reached(self) -> str:
        """What SOGo says that reached it; it writes a request down a little after its answer."""
        said = ""
        for _ in range(50):
            before, said = said, (self.here / "sogo.log").read_text("utf-8", "replace")
            if said == before:
                break
            time.sleep(0.2)
        return said


@pytest.fixture(scope="module")
def gate(start_gate_in: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("gate")
    (folder / "nginx.key").write_text(KEY, "ascii")
    with start_gate_in(folder, GATE) as running_gate:
        yield running_gate


@pytest.fixture(scope="module")
def mail(gate: Any) -> Iterator[Mail]:  # noqa: ANN401 - the outer conftest's
    """Return the whole of it, running."""
    if os.geteuid() != 0:
        missing("only root can start SOGo and PostgreSQL as the accounts that they insist on")
    if not Path("/usr/lib/GNUstep/SOGo/ActiveSync.SOGo").exists():
        missing("Debian's package sogo-activesync is not installed")
    imap, port = free_port(), free_port()
    with (
        short_folder() as here,
        database(here) as store,
        running_dovecot(here, imap, PEOPLE),
        groupware(here, store, imap) as sogo,
    ):
        rendered(deployed(here, gate.port) / "sogo.conf", "127.0.0.1:20000", f"127.0.0.1:{sogo}", times=7)
        with running_nginx(here, port, NGINX.format(port=port)):
            yield Mail(port, here, imap)
