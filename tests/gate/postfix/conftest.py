"""Real Postfix with the very files of deploy/postfix, and real Dovecot, which knows the passwords."""

from __future__ import annotations

import datetime as dt
import grp
import os
import pwd
import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dovecot import PASSWORD, running_dovecot, sign_in
from programs import LONGEST, ROOT, free_port, missing, program, rendered, running, short_folder

DEPLOY = ROOT / "deploy"
USERS = ("anna@example.org", "boris@example.org", "vera@example.org")

AUTH = """
service auth {{
  unix_listener {here}/queue/private/auth {{
    mode = 0666
  }}
}}
"""
"""Where Postfix asks Dovecot for passwords."""

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
        gate: the port at which Postfix asks; behind it is the gate, or the relay before it.
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

    def sign_in(self, user: str, imap_id: str) -> str:
        """Say an ID to Dovecot, sign in, and return what it says to that."""
        return sign_in(self.imap, user, imap_id)

    def log(self) -> str:
        return (self.here / "postfix.log").read_text("utf-8", "replace")

    def held(self) -> list[str]:
        return sorted(path.name for path in (self.here / "queue" / "hold").iterdir())


@contextmanager
def opened(door: str, change: tuple[str, str] = ("", ""), *, asked_by_dovecot: bool = False) -> Iterator[Mail]:
    """Run both servers.

    Args:
        door: open, closed or last-known.
        change: another place of the gate, and what is written behind its options.
        asked_by_dovecot: whether Dovecot asks the gate, too, with the files of deploy/dovecot.
    """
    asked = [program("postconf", "postfix"), "-h", "daemon_directory"]
    if os.geteuid() != 0:
        missing("Postfix can be started by root alone")
    daemons = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    with short_folder() as here:
        mail = Mail(here, *(free_port() for _ in range(5)))
        folders(here)
        certificates(here)
        main = shutil.copy(DEPLOY / "postfix" / f"phaseout-{door}.cf", here / "main.cf")
        rendered(
            main,
            f"inet:127.0.0.1:{14012 if door == 'last-known' else 14002}",
            change[0].format(here=here) or f"inet:127.0.0.1:{mail.gate}",
        )
        rendered(main, "max_idle=60s", f"max_idle=60s{change[1]}")
        main.write_text(MAIN.format(here=here) + main.read_text("utf-8"), "utf-8")
        submission = (DEPLOY / "postfix" / "submission.cf").read_text("utf-8")
        (here / "master.cf").write_text(MASTER.format(port=mail.port, inbound=mail.inbound, submission=submission), "utf-8")
        more = AUTH.format(here=here) + (asking(mail) if asked_by_dovecot else "")
        with (
            running_dovecot(here, mail.imap, USERS, more),
            running([daemons / "master", "-s", "-c", here], here / "postfix.said", mail.port),
        ):
            yield mail


def folders(here: Path) -> None:
    """Make Postfix's folders, each with the owner that it wants."""
    owner, dropping = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postdrop").gr_gid
    for name, group, mode in (*((f"queue/{name}", 0, 0o700) for name in QUEUES), ("data", 0, 0o700),
                              ("queue/maildrop", dropping, 0o730), ("queue/public", dropping, 0o710)):  # fmt: skip
        (here / name).mkdir(parents=True)
        os.chown(here / name, owner, group)
        (here / name).chmod(mode)
    (here / "queue" / "pid").mkdir()


def asking(mail: Mail) -> str:
    """Return what has Dovecot ask the gate."""
    for name in ("phaseout.conf", "phaseout-open.conf"):
        shutil.copy(DEPLOY / "dovecot" / name, mail.here)
    rendered(mail.here / "phaseout-open.conf", "127.0.0.1:14001", f"127.0.0.1:{mail.web}")
    return "!include phaseout.conf\n!include phaseout-open.conf\n"


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
