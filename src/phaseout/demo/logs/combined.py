"""The demo's web servers: nginx before Roundcube, Apache with virtual hosts before Nextcloud, and nginx before SOGo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo import sogo_requests
from phaseout.demo.calendar import LAST_DAY, bracketed, day_number, midnight
from phaseout.demo.clients import Client, activesync, dav, web
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, log_file, moments

_ROTATED: Final = midnight(day_number(LAST_DAY.replace(month=9, day=15)))
"""When the web servers' logs were last rotated; what is older is compressed."""


_ASKED_EVERY: Final = 30
"""Before each so many-th request of a device the server asks for the password."""


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make the logs of the three servers, each in two parts."""
    servers: dict[str, list[Line]] = {"nginx-roundcube": [], "apache-nextcloud": [], "nginx-sogo": []}
    for deed in deeds:
        servers[server_of(deed)].extend(_lines(deed))
    found = Written(planted=[_planted(deed) for deed in deeds])
    for name, written in servers.items():
        lines = sorted([*written, *_noise(name, days, chance)], key=by_time)
        for path, part in ((f"{name}/access.log.1.gz", _before(lines)), (f"{name}/access.log", _since(lines))):
            if part:
                found.files.append(log_file(path, "combined", part))
    return found


def _before(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line[0] < _ROTATED]


def _since(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line[0] >= _ROTATED]


def server_of(deed: Deed) -> str:
    """Return the folder of the server that a deed reaches."""
    if deed.member.system == "sogo":
        return "nginx-sogo"
    return "nginx-roundcube" if deed.door == "webmail" else "apache-nextcloud"


def client_of(deed: Deed) -> Client:
    """Return what a device says to a web server."""
    if deed.door == "activesync":
        return activesync(deed.device)
    if deed.door in {"caldav", "carddav"}:
        return dav(deed.device.model, account=deed.command == "account")
    return web(deed.device)


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    client = client_of(deed)
    named = deed.door == "activesync" and deed.command != "OPTIONS"
    clues = client.clues if named else {"user_agent": client.agent}
    protocol = "rest" if deed.door == "files" else deed.door
    also = ("sogo",) if deed.member.system == "sogo" and sogo_requests.is_told(deed) else ()
    return Planted(
        deed, "combined", _user(deed), protocol, client.tells, clues, deed.device.device_id if named else "", also_in=also
    )


def _user(deed: Deed) -> str:
    """Return the name that was given to the web server; some give the bare name."""
    return deed.member.user if deed.device.number % 2 else deed.member.address


def target_of(deed: Deed) -> tuple[str, str]:
    """Return the method and the target of a request."""
    if deed.member.system == "sogo":
        return sogo_requests.target_of(deed)
    user = _user(deed).replace("@", "%40")
    if deed.door == "webmail":
        return ("POST", "/webmail/?_task=login") if deed.action == "attempt" else ("GET", "/webmail/?_task=mail&_mbox=INBOX")
    if deed.door == "files":
        return "PROPFIND", f"/remote.php/dav/files/{user}/Papers"
    kind = "calendars" if deed.door == "caldav" else "addressbooks/users"
    return ("OPTIONS" if deed.command == "account" else "REPORT"), f"/remote.php/dav/{kind}/{user}/office/"


def _lines(deed: Deed) -> Iterator[Line]:
    """Write one deed; now and then the server asks for a password before."""
    method, target = target_of(deed)
    agent = client_of(deed).agent
    front = "mail.example.org:443 " if server_of(deed) == "apache-nextcloud" else ""
    status = "401" if deed.action == "attempt" else "207" if method in {"REPORT", "PROPFIND"} else "200"
    head = f"{front}{deed.device.address} - "
    user, asked = f"{_user(deed)} ", "- "
    for number, at in enumerate(deed.at):
        stamp = bracketed(at)
        if number % _ASKED_EVERY == _ASKED_EVERY - 1 and status != "401":
            yield at, f'{head}{asked}[{stamp}] "{method} {target} HTTP/1.1" 401 195 "-" "{agent}"', "asked to sign in"
        yield at, f'{head}{user}[{stamp}] "{method} {target} HTTP/1.1" {status} {at % 9000 + 200} "-" "{agent}"', ACCESS


_FIREFOX: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_NOISE: Final = (
    ("198.51.100.9 - -", "GET /webmail/skins/elastic/styles/styles.min.css?s=1716107245 HTTP/2.0", "200 31022", _FIREFOX, "page"),
    ("198.51.100.66 - -", "GET /.env HTTP/1.1", "404 153", "python-requests/2.31.0", "not work"),
    ("203.0.113.66 - -", "GET /webmail/ HTTP/1.1", "401 179", _FIREFOX, "asked to sign in"),
    ("127.0.0.1 - -", "GET /webmail/healthz HTTP/1.1", "200 2", "check_http/v2.3.3 (monitoring-plugins 2.3.3)", "probe"),
    ("203.0.113.66 - -", r"\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", "400 157", "-", "not work"),
    ("198.51.100.10 - -", "GET /SOGo.woa/WebServerResources/css/styles.css HTTP/2.0", "200 881", _FIREFOX, "not work"),
)  # fmt: skip
"""What every web server logs beside."""


def _noise(name: str, days: range, chance: Random) -> Iterator[Line]:
    """Write the lines that are nobody's use, and those that are broken."""
    front = "mail.example.org:443 " if name == "apache-nextcloud" else ""
    for number, at in enumerate(moments(days, 3.0, chance)):
        who, request, end, agent, fate = _NOISE[number % len(_NOISE)]
        yield at, f'{front}{who} [{bracketed(at)}] "{request}" {end} "-" "{agent}"', fate
    for number, at in enumerate(moments(days, 0.06, chance)):
        yield at, f"{front}192.0.2.99 - - [{bracketed(at)[:9]}" if number % 2 else f"{front}� lost in rotation �", REJECTED


def _takes(deed: Deed) -> bool:
    """Whether a deed goes through a web server whose log is kept."""
    if deed.member.system == "sogo":
        return sogo_requests.is_repeat(deed)
    return deed.member.system in {"dovecot", "dovecot-syslog"} and deed.door != "imap"


WRITER: Final = Writer("combined", _takes, _write)
