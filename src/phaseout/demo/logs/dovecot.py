"""The demo's two IMAP servers: one writes its own log, the other one's goes through syslog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import LAST_DAY, day_number, iso_local, local_day, midnight, syslog_local
from phaseout.demo.clients import imap
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, log_file, moments

_ROTATED: Final = midnight(day_number(LAST_DAY.replace(day=1)))
"""When the logs were last rotated; what is older is compressed."""

_SIGNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

_FIRST_ONLY: Final = 3
"""Of so many phones of Apple's, one says its ID only on the day's first connection."""


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make both servers' logs, each in two parts."""
    found = Written(planted=[_planted(deed) for deed in deeds])
    for system, folder in (("dovecot", "dovecot-imap1"), ("dovecot-syslog", "dovecot-imap2")):
        lines = [line for deed in deeds if deed.member.system == system for line in _lines(deed)]
        lines += _noise(days, chance)
        lines.sort(key=by_time)
        stamped = _own(lines) if system == "dovecot" else _syslog(lines)
        name = f"{folder}/{'dovecot.log' if system == 'dovecot' else 'mail.log'}"
        old = [line for line in stamped if line[0] < _ROTATED]
        for path, part in ((f"{name}.1.gz", old), (name, stamped[len(old) :])):
            if part:
                found.files.append(log_file(path, "dovecot", part))
    return found


def _own(lines: Sequence[Line]) -> list[Line]:
    """Put the stamp of Dovecot's own log before each line."""
    return [(at, f"{iso_local(at)} {text}" if fate != REJECTED else text, fate) for at, text, fate in lines]


def _syslog(lines: Sequence[Line]) -> list[Line]:
    """Put syslog's head before each line; syslog has no level."""
    return [
        (at, f"{syslog_local(at)} imap2 dovecot: {text.replace(': Info: ', ': ', 1)}" if fate != REJECTED else text, fate)
        for at, text, fate in lines
    ]


def _user(deed: Deed) -> str:
    return deed.member.address


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed; a phone that says its ID once a day is known all day by its address."""
    says = imap(deed.device)
    shown = says.pairs and (deed.action != "attempt" or says.before)
    return Planted(deed, "dovecot", _user(deed), "imap", says.tells, {"imap_id": says.text} if shown else {})


def _session(at: int, number: int) -> str:
    """Return a session's name: any, but always the same for a device and an instant."""
    mixed = (at * 1_000_003 + number) * 0x9E3779B97F4A7C15 & (1 << 72) - 1
    return "".join(_SIGNS[mixed >> shift & 63] for shift in range(0, 72, 6)) + "AAAB"


def _lines(deed: Deed) -> Iterator[Line]:
    """Write one deed: each login, what the client says of itself, and the end."""
    says, number = imap(deed.device), deed.device.number
    rare = deed.device.model.banned and number % _FIRST_ONLY == 0
    rip, user = deed.device.address, _user(deed)
    where = f"method=PLAIN, rip={rip}, lip=10.1.1.20"
    last = -1
    for at in deed.at:
        session = _session(at, number)
        pid = at % 30_000 + 700
        if deed.action == "attempt":
            yield from _refused(at, says.text if says.before else "", user, rip, session)
            continue
        says_now = bool(says.pairs) and not (rare and local_day(at) == last)
        last = local_day(at)
        if says_now and says.before:
            yield at, f"imap-login: Info: ID sent: {says.text}: user=<>, rip={rip}, lip=10.1.1.20, session=<{session}>", "ID"
        yield at, f"imap-login: Info: Login: user=<{user}>, {where}, mpid={pid}, TLS, session=<{session}>", ACCESS
        if says_now and not says.before:
            yield at, f"imap({user})<{pid}><{session}>: Info: ID sent: {says.text}", "ID"
        yield (
            at + at % 50,
            f"imap({user})<{pid}><{session}>: Info: Disconnected: Logged out in=120 out=849 deleted=0 expunged=0",
            "after the login",
        )


def _refused(at: int, text: str, user: str, rip: str, session: str) -> Iterator[Line]:
    """Write a login with a wrong password."""
    if text:
        yield at, f"imap-login: Info: ID sent: {text}: user=<>, rip={rip}, lip=10.1.1.20, session=<{session}>", "ID"
    yield at, f"auth: Info: passwd-file({user},{rip},<{session}>): Password mismatch", "the check of a password"
    end = "Disconnected: Aborted login by logging out (auth failed, 1 attempts in 1 secs)"
    yield at, f"imap-login: Info: {end}: user=<{user}>, method=PLAIN, rip={rip}, lip=10.1.1.20, TLS, session=<{session}>", ACCESS


def _noise(days: range, chance: Random) -> Iterator[Line]:
    """Write the lines that are nobody's use, one of them with a password in it, and those that are broken."""
    texts = (
        "imap-login: Info: Disconnected (no auth attempts in 0 secs): user=<>, rip=203.0.113.66, lip=10.1.1.20",
        "master: Info: Dovecot v2.3.19.1 (9b53102964) starting up for imap, pop3 (core dumps disabled)",
        "lmtp(press@example.org)<911><x1x2x3>: Info: msgid=<1@example.org>: saved mail to INBOX",
        "auth: Debug: client in: AUTH\t1\tPLAIN\tservice=imap\tresp=AGFubmEAZGVtby1zZWNyZXQ=",
        "stats: Error: Failed to export event via HTTP POST: 9003",
    )
    for number, at in enumerate(moments(days, 1.5, chance)):
        yield at, texts[number % len(texts)], "the server's own"
    for at in moments(days, 0.05, chance):
        yield at, "in=120 out=849 dele", REJECTED


WRITER: Final = Writer("dovecot", lambda deed: deed.door == "imap" and deed.member.system.startswith("dovecot"), _write)
