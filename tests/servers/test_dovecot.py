"""Dovecot as a mail door: who signs in from what is known, and the log that it writes must say exactly that."""

import grp
import os
import pwd
import shutil
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from phaseout.model.clue import CARRIED

from .conftest import account, findings, free_port, kind, program, running, wait_until

CONFIG = """
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/dovecot.log
log_timestamp = "{stamp} "
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_verbose = yes
auth_verbose_passwords = plain
auth_username_chars =
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{here}/mail/%n
imap_id_log = *
imap_id_retain = yes
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {here}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={here}/mail/%n
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
"""
STAMPS = ("%b %d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
"""Dovecot's own way to write a time, and two that administrators set."""

NOBODY = 65534
PASSWORD, MISTYPED = "right-1", "mistyped-2"
USERS = ("anna@example.org", "boris@example.org", "vera@example.org", "gleb@example.org", "dina@example.org", "egor@example.org")
IPHONE = '("name" "iPhone Mail" "version" "22C161" "os" "iOS" "os-version" "18.2.1 (22C161)")'
MAC = '("name" "Mac OS X Mail" "version" "16.0 (3774.600.62)" "os" "Mac OS X" "os-version" "14.5 (23F79)" "vendor" "Apple Inc.")'
GMAIL = '("name" "com.google.android.gm" "os" "android" "os-version" "14; UQ1A.240105.004" "vendor" "Samsung" "AGUID" "XyZ12")'
CYRILLIC = '("name" "Почта" "version" "1.0")'
IPHONE_LOGGED = "name=iPhone Mail, version=22C161, os=iOS, os-version=18.2.1 (22C161)"
MAC_LOGGED = "name=Mac OS X Mail, version=16.0 (3774.600.62), os=Mac OS X, os-version=14.5 (23F79), vendor=Apple Inc."
GMAIL_LOGGED = "name=com.google.android.gm, os=android, os-version=14; UQ1A.240105.004, vendor=Samsung, AGUID=XyZ12"
HOME, AWAY = "127.0.0.2", "127.0.0.3"
"""Addresses of clients; 127.0.0.1 is the server's own, from which nothing is carried over."""


@dataclass(frozen=True)
class Session:
    """One connection: from where, what is said in order, and what a reader should make of it."""

    address: str
    lines: tuple[str, ...]
    expected: frozenset[tuple[str, str]] | None


def login(user: str, password: str = PASSWORD) -> str:
    return f'LOGIN "{user}" "{password}"'


def use(user: str, imap_id: str = "", device_id: str = "", *, fails: bool = False) -> frozenset[tuple[str, str]]:
    told = {name: text for name, text in (("imap_id", imap_id), ("device_id", device_id)) if text}
    ended = {"action": "attempt", "outcome": "failure"} if fails else {"action": "use", "outcome": "success"}
    return kind(login=user, service="mail", protocol="imap", **ended, **told)


ANNA, BORIS, VERA, GLEB, DINA, EGOR = USERS
SESSIONS = (
    # iOS says its ID after the login, and on the first of several connections only.
    Session(HOME, (login(ANNA), f"ID {IPHONE}", "SELECT INBOX"), use(ANNA, IPHONE_LOGGED)),
    Session(HOME, (login(ANNA), "SELECT INBOX"), use(ANNA, CARRIED + IPHONE_LOGGED)),
    Session(AWAY, (login(ANNA), "SELECT INBOX"), use(ANNA)),
    # macOS and Gmail say it before.
    Session(HOME, (f"ID {MAC}", login(BORIS)), use(BORIS, MAC_LOGGED)),
    Session(HOME, (f"ID {GMAIL}", login(VERA), "SELECT INBOX"), use(VERA, GMAIL_LOGGED, "XyZ12")),
    # Two kinds of device at one address: nobody can tell which of them a third connection came from.
    Session(HOME, (login(BORIS), f"ID {IPHONE}"), use(BORIS, IPHONE_LOGGED)),
    Session(HOME, (login(BORIS),), use(BORIS)),
    Session(HOME, (login(GLEB),), use(GLEB)),
    Session(HOME, ("ID NIL", login(GLEB)), use(GLEB)),
    Session(HOME, (login(DINA), f"ID {CYRILLIC}"), use(DINA, "name=Почта, version=1.0")),
    # The webmail on the server itself.
    Session("127.0.0.1", (login(EGOR), f"ID {MAC}"), use(EGOR, MAC_LOGGED)),
    Session("127.0.0.1", (login(EGOR),), use(EGOR)),
    Session(HOME, (f"ID {IPHONE}",), None),
    Session(HOME, (), None),
    # Last, for Dovecot makes an address wait after a wrong password.
    Session(AWAY, (f"ID {GMAIL}", login(VERA, MISTYPED)), use(VERA, GMAIL_LOGGED, "XyZ12", fails=True)),
)


def say(port: int, session: Session) -> list[str]:
    """Say a session's lines, each once the one before is answered; return the answers' words."""
    words = []
    with socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(session.address, 0)) as connection:
        stream = connection.makefile("rwb")
        assert stream.readline().startswith(b"* OK")
        for number, line in enumerate((*session.lines, "LOGOUT")):
            stream.write(f"a{number} {line}\r\n".encode())
            stream.flush()
            while not (said := stream.readline()).startswith(f"a{number} ".encode()):
                assert said, f"{line}: the server went away"
            words.append(said.split()[1].decode())
    return words


def accounts_of(here: Path) -> dict[str, object]:
    """Return as whom the server's parts run: as Debian sets it up when root starts it, else all as who starts it."""
    if os.geteuid() == 0:
        names = {"internal": "dovecot", "group": "dovecot", "login": "dovenull", "uid": NOBODY, "gid": NOBODY, "chroot": ""}
        os.chown(here / "mail", NOBODY, NOBODY)
        return names
    me, mine = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    return {"internal": me, "group": mine, "login": me, "uid": os.geteuid(), "gid": os.getegid(), "chroot": "chroot ="}


@pytest.fixture(scope="module")
def here() -> Iterator[Path]:
    """Return a folder that Dovecot's own accounts can enter, with a name short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@dataclass(frozen=True)
class Written:
    """The log that Dovecot wrote, and when."""

    log: Path
    began: datetime
    ended: datetime


@pytest.fixture(scope="module", params=STAMPS)
def written(here: Path, request: pytest.FixtureRequest) -> Written:
    dovecot, port = program("dovecot", "dovecot-imapd"), free_port()
    here = Path(tempfile.mkdtemp(dir=here))
    here.chmod(0o755)
    (here / "mail").mkdir()
    (here / "users").write_text("".join(f"{user}:{PASSWORD}\n" for user in USERS), "utf-8")
    config, log = here / "dovecot.conf", here / "dovecot.log"
    config.write_text(CONFIG.format(here=here, port=port, stamp=request.param, **accounts_of(here)), "utf-8")
    began = datetime.now(UTC).replace(microsecond=0)
    with running([dovecot, "-F", "-c", str(config)], port, here / "said"):
        for session in SESSIONS:
            words = say(port, session)
            refused = session.expected is not None and ("outcome", "failure") in session.expected
            assert words == ["OK", "NO", "OK"] if refused else set(words) == {"OK"}, (session, words)
        ended = ("Disconnected", "Logged out", "Aborted login", "Login aborted")
        wait_until(lambda: sum(log.read_text("utf-8").count(word) for word in ended) >= len(SESSIONS), "all sessions are logged")
    return Written(log, began, datetime.now(UTC))


def test_the_log_says_who_signed_in_from_what(written: Written) -> None:
    found = account(written.log)
    assert found.format == "dovecot"
    assert found.seen == Counter(session.expected for session in SESSIONS if session.expected is not None)
    assert found.rejected == []
    assert written.began <= found.first <= found.last <= written.ended


def test_every_line_is_accounted_for(written: Written) -> None:
    found = account(written.log)
    assert found.lines == written.log.read_bytes().count(b"\n")
    assert found.ignored["joined to its login"] == sum(len(s.lines) > 1 and "ID (" in "".join(s.lines) for s in SESSIONS)
    assert found.ignored["an ID whose login is not in this file"] == 1
    assert found.ignored["left before signing in"] >= 1


def test_a_password_that_the_log_leaks_comes_out_nowhere(written: Written) -> None:
    assert f"(given password: {MISTYPED})" in written.log.read_text("utf-8")
    found = account(written.log)
    assert not any(MISTYPED in value for each in found.seen for _, value in each)
    assert not any(MISTYPED in line for line in (*found.rejected, *found.ignored))


def test_a_check_names_those_who_use_iphones(written: Written, tmp_path: Path) -> None:
    found = {row["person"]["id"]: row for row in findings(written.log, tmp_path, USERS) if row["verdict"] == "violation"}
    assert {who: (row["device"]["platform"], row["accesses"]) for who, row in found.items()} == {
        ANNA: ("ios", 2),
        BORIS: ("ios", 1),
    }
    evidence = [(clue["value"], each["accesses"]) for each in found[ANNA]["evidence"] for clue in each["clues"]]
    assert sorted(evidence) == [(CARRIED + IPHONE_LOGGED, 1), (IPHONE_LOGGED, 1)], "what was taken over is told apart"
