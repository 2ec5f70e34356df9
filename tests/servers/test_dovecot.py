"""Dovecot as a mail door: who signs in from what is known, and the log that it writes must say exactly that."""

import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dovecot import PASSWORD, running_dovecot
from phaseout.model.clue import CARRIED
from programs import LONGEST, free_port, short_folder, wait_until

from .conftest import ZONE, account, findings, kind

SETTINGS = """
log_timestamp = "{stamp} "
auth_failure_delay = 0
auth_verbose_passwords = plain
auth_username_chars =
imap_id_log = *
imap_id_retain = yes
"""
STAMPS = ("%b %d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
"""Dovecot's own way to write a time, and two that administrators set."""

MISTYPED = "mistyped-2"
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
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST, source_address=(session.address, 0)) as connection:
        stream = connection.makefile("rwb")
        assert stream.readline().startswith(b"* OK")
        for number, line in enumerate((*session.lines, "LOGOUT")):
            stream.write(f"a{number} {line}\r\n".encode())
            stream.flush()
            while not (said := stream.readline()).startswith(f"a{number} ".encode()):
                assert said, f"{line}: the server went away"
            words.append(said.split()[1].decode())
    return words


@dataclass(frozen=True)
class Written:
    """The log that Dovecot wrote, and when."""

    log: Path
    began: datetime
    ended: datetime


def ended_in(log: Path) -> int:
    """Return how many sessions' ends are logged."""
    return sum(log.read_text("utf-8").count(words) for words in ("Disconnected", "Logged out", "Aborted login", "Login aborted"))


@pytest.fixture(scope="module", params=STAMPS)
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    port, began = free_port(), datetime.now(UTC).replace(microsecond=0)
    with short_folder() as here:
        log = here / "dovecot.log"
        with running_dovecot(here, port, USERS, SETTINGS.format(stamp=request.param), env={"TZ": ZONE}):
            for session in SESSIONS:
                words = say(port, session)
                refused = session.expected is not None and ("outcome", "failure") in session.expected
                assert words == ["OK", "NO", "OK"] if refused else set(words) == {"OK"}, (session, words)
            wait_until(lambda: ended_in(log) >= len(SESSIONS), "all sessions are logged")
        yield Written(log, began, datetime.now(UTC))


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
