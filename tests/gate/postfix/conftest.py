"""Real Postfix with the very files of deploy/postfix, and real Dovecot, which knows the passwords."""

from __future__ import annotations

import datetime as dt
import grp
import os
import pwd
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
PASSWORD = "right-1"  # noqa: S105 - of invented people
USERS = ("anna@example.org", "boris@example.org", "vera@example.org")
LONGEST = 20.0
"""Seconds that a server may take to start or to answer."""

DOVECOT = """
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{here}/mail/%n
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {here}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={here}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener {here}/queue/private/auth {{
    mode = 0666
  }}
}}
"""

MAIN = """
compatibility_level = 3.6
queue_directory = {here}/queue
data_directory = {here}/data
maillog_file = {here}/postfix.log
maillog_file_prefixes = {here}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.1/32
myhostname = mail.example.org
mydestination = example.org
local_recipient_maps =
alias_maps =
alias_database =
local_transport = discard:
default_transport = discard:
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = {here}/server.pem
smtpd_tls_key_file = {here}/server.pem
smtpd_tls_CAfile = {here}/ca.pem
smtpd_tls_ask_ccert = yes
smtpd_tls_session_cache_database =
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
{submission}
127.0.0.1:{inbound} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")


@dataclass
class Mail:
    """Postfix and Dovecot.

    Attributes:
        here: their folder.
        port: where people hand in mail; Postfix asks the gate there.
        inbound: where other servers hand in mail.
        imap: of Dovecot.
        gate: the port at which Postfix asks.
        web: the port at which Dovecot asks, where it is told to.
    """

    here: Path
    port: int
    inbound: int
    imap: int
    gate: int
    web: int

    def send(
        self, user: str = "", *, address: str = "127.0.0.2", ehlo: str = "smtpclient.apple", to: Sequence[str] = (),
        certificate: str = "", chunked: bool = False, inbound: bool = False,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Hand in a mail, and return what is said to that in the end."""
        port = self.inbound if inbound else self.port
        with smtplib.SMTP("127.0.0.1", port, ehlo, timeout=LONGEST, source_address=(address, 0)) as client:
            client.ehlo()
            if certificate:
                client.starttls(context=self.tls(certificate))
            if user:
                client.login(user, PASSWORD)
            client.mail(user or "somebody@example.net")
            for each in to or ("boris@example.org",):
                client.rcpt(each)
            text = b"Subject: x\r\n\r\nHello.\r\n"
            if chunked:
                client.send(b"BDAT %d LAST\r\n" % len(text) + text)
                return client.getreply()
            try:
                return client.data(text)
            except smtplib.SMTPDataError as error:
                return error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()

    def tls(self, certificate: str) -> ssl.SSLContext:
        """Return what shows a certificate of the client."""
        context = ssl.create_default_context(cafile=str(self.here / "ca.pem"))
        context.check_hostname = False
        context.load_cert_chain(self.here / f"{certificate}.pem")
        return context

    def sign_in(self, user: str, imap_id: str, address: str = "127.0.0.2") -> str:
        """Say an ID to Dovecot, sign in, and return what it says to that."""
        with socket.create_connection(("127.0.0.1", self.imap), timeout=LONGEST, source_address=(address, 0)) as wire:
            stream, said = wire.makefile("rwb"), ""
            assert stream.readline().startswith(b"* OK")
            for tag, line in (("i", f"ID ({imap_id})"), ("l", f'LOGIN "{user}" "{PASSWORD}"')):
                stream.write(f"{tag} {line}\r\n".encode())
                stream.flush()
                while not (said := stream.readline().decode()).startswith(f"{tag} "):
                    assert said, "the server went away"
            return said.removeprefix("l ").strip()

    def log(self) -> str:
        return (self.here / "postfix.log").read_text("utf-8", "replace")

    def held(self) -> list[str]:
        return sorted(path.name for path in (self.here / "queue" / "hold").iterdir())


def why_not() -> str:
    """Say why Postfix can't be started here; empty when it can."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    for name, package in (("postconf", "postfix"), ("dovecot", "dovecot-imapd")):
        if shutil.which(name, path=places) is None:
            return f"{name} of Debian's package {package} is not installed"
    return "" if os.getuid() == 0 else "Postfix can be started by root alone"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rendered(name: str, *changes: tuple[str, str]) -> str:
    """Return a file of deploy with nothing but these changes."""
    text = (DEPLOY / name).read_text("utf-8")
    for placeholder, value in changes:
        assert text.count(placeholder) == 1, f"{name} has {placeholder} not once"
        text = text.replace(placeholder, value)
    return text


@contextmanager
def running(command: list[str | Path], port: int, said: Path) -> Iterator[None]:
    """Run a server until the block ends; it is ended by its own process id."""
    with said.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        end = time.monotonic() + LONGEST
        while process.poll() is None and not answers(port):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert process.poll() is None, said.read_text("utf-8", "replace")
        yield
    finally:
        process.terminate()
        try:
            process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def opened(door: str, change: tuple[str, str] = ("", ""), *, asked_by_dovecot: bool = False) -> Iterator[Mail]:
    """Run both servers.

    Args:
        door: open or closed.
        change: another place of the gate, and what is written behind its options.
        asked_by_dovecot: whether Dovecot asks the gate, too, with the files of deploy/dovecot.
    """
    if why := why_not():
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    here = Path(tempfile.mkdtemp(prefix="post"))  # sockets' paths must be short
    here.chmod(0o755)
    mail = Mail(here, *(free_port() for _ in range(5)))
    place = f"inet:127.0.0.1:{mail.gate}"
    place, more = (change[0].format(here=here) or place), change[1]
    try:
        folders(here)
        certificates(here)
        written = rendered(
            f"postfix/phaseout-{door}.cf", ("inet:127.0.0.1:14002", place), ("max_idle=60s", f"max_idle=60s{more}")
        )
        (here / "main.cf").write_text(MAIN.format(here=here) + written, "utf-8")
        submission = rendered("postfix/submission.cf")
        (here / "master.cf").write_text(MASTER.format(port=mail.port, inbound=mail.inbound, submission=submission), "utf-8")
        dovecot(mail, asked=asked_by_dovecot)
        daemons = subprocess.run(["/usr/sbin/postconf", "-h", "daemon_directory"], capture_output=True, text=True, check=True)
        with ExitStack() as servers:
            found = shutil.which("dovecot", path="/usr/sbin:/usr/bin:/sbin") or "dovecot"
            servers.enter_context(running([found, "-F", "-c", here / "dovecot.conf"], mail.imap, here / "said"))
            master: list[str | Path] = [Path(daemons.stdout.strip()) / "master", "-s", "-c", here]
            servers.enter_context(running(master, mail.port, here / "postfix.said"))
            yield mail
    finally:
        shutil.rmtree(here, ignore_errors=True)


def folders(here: Path) -> None:
    """Make Postfix's folders, each with the owner that it wants."""
    owner, dropping = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    for name, group, mode in (*((f"queue/{name}", 0, 0o700) for name in QUEUES), ("data", 0, 0o700),
                              ("queue/maildrop", dropping, 0o730), ("queue/public", dropping, 0o710)):  # fmt: skip
        (here / name).mkdir(parents=True)
        os.chown(here / name, owner, group)
        (here / name).chmod(mode)
    (here / "queue" / "pid").mkdir()


def dovecot(mail: Mail, *, asked: bool) -> None:
    """Write Dovecot's configuration."""
    here, nobody = mail.here, pwd.getpwnam("nobody")
    (here / "users").write_text("".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in USERS), "utf-8")
    (here / "mail").mkdir()
    os.chown(here / "mail", nobody.pw_uid, nobody.pw_gid)
    text = DOVECOT.format(here=here, imap=mail.imap, uid=nobody.pw_uid, gid=nobody.pw_gid)
    if asked:
        text += rendered("dovecot/phaseout.conf", ("127.0.0.1:14001", f"127.0.0.1:{mail.web}"))
        text += rendered("dovecot/phaseout-open.conf")
    (here / "dovecot.conf").write_text(text, "utf-8")


def certificates(here: Path) -> None:
    """Make an authority, what it signed for the server and a client, and a client's own that nobody signed."""
    authority = ec.generate_private_key(ec.SECP256R1())
    for file, name, signer in (
        ("ca", "Example CA", authority), ("server", "mail.example.org", authority),
        ("known", "Laptop 42+1, Bürö", authority), ("unknown", "Laptop 42+1, Bürö", None),
    ):  # fmt: skip
        key = authority if file == "ca" else ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example")]
        )
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA"), *list(subject)[1:]]) if signer else subject
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=file == "ca", path_length=None), critical=True)
            .sign(signer or key, hashes.SHA256())
        )  # fmt: skip
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )  # fmt: skip
        (here / f"{file}.pem").write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))


Open = Callable[..., Any]


@pytest.fixture
def open_mail() -> Open:
    """Return what runs both servers for one test."""
    return opened


@pytest.fixture(scope="module")
def closed() -> Iterator[Mail]:
    """Run both servers for a module's tests, with the closed door."""
    with opened("closed") as found:
        yield found


@pytest.fixture(scope="module")
def open_() -> Iterator[Mail]:
    """Run both servers for a module's tests, with the open door."""
    with opened("open") as found:
        yield found


@pytest.fixture(params=["open_", "closed"])
def door(request: pytest.FixtureRequest) -> tuple[str, Mail]:
    """Return each door in turn, and which it is."""
    return request.param.strip("_"), request.getfixturevalue(request.param)
