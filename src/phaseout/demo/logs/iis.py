"""The front-end and back-end web server of the demo's first Exchange: IIS logs, one a day by UTC, some compressed.

At noon of a day in September an administrator adds columns, and from then on the server logs all sites into one file: the back
end's lines (port 444) repeat the front end's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from random import Random
from typing import Final

from phaseout.demo.calendar import A_DAY, day_of, iso_utc, midnight
from phaseout.demo.clients import Client, activesync, browser, desktop, packed_query
from phaseout.demo.life import Deed
from phaseout.demo.writing import (
    ACCESS,
    REJECTED,
    Line,
    LogFile,
    Planted,
    Writer,
    Written,
    by_time,
    guid,
    log_file,
    moments,
    spelt,
)

_OLD: Final = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus "
    "sc-win32-status time-taken"
)
_NEW: Final = (
    "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version "
    "cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken X-Forwarded-For"
)
_BACK_END_DAYS: Final = 12
"""For how many days after the change the back end's site is logged too."""

_ASKED_EVERY: Final = 40
"""Before each so many-th request of a device the server asks for the password."""

_PROTOCOLS: Final = {"activesync": "activesync", "mapi": "mapi", "ews": "ews", "webmail": "webmail"}


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make one log a day."""
    change = midnight(days[len(days) // 3]) + A_DAY // 2
    lines = [line for deed in deeds for line in _lines(deed, change)]
    lines += _noise(days, change, chance)
    lines.sort(key=by_time)
    files = [_file(day, list(part), change) for day, part in groupby(lines, key=lambda line: line[0] // A_DAY)]
    return Written(files, [shown for deed in deeds if (shown := _planted(deed))])


def _file(day: int, lines: list[Line], change: int) -> LogFile:
    """Put the header lines between the others."""
    old = [line for line in lines if line[0] < change]
    new = [line for line in lines if line[0] >= change]
    both = [*_header(old[0][0], _OLD), *old] if old else []
    both += [*_header(new[0][0], _NEW), *new] if new else []
    suffix = ".log.gz" if day % 7 == 0 else ".log"
    return log_file(f"exchange-iis/u_ex{day_of(day):%y%m%d}{suffix}", "iis", both)


def _header(at: int, fields: str) -> list[Line]:
    texts = (
        "#Software: Microsoft Internet Information Services 10.0",
        "#Version: 1.0",
        f"#Date: {iso_utc(at, ' ')}",
        f"#Fields: {fields}",
    )
    return [(at, text, "header") for text in texts]


def client_of(deed: Deed) -> Client:
    """Return what a device says at Exchange's doors."""
    if deed.door == "activesync":
        return activesync(deed.device)
    return browser(deed.device.model) if deed.door == "webmail" else desktop(deed.device.model)


def _planted(deed: Deed) -> Planted | None:
    """Say what the log shows of a deed; a form that refuses a password shows nobody."""
    if deed.door == "webmail" and deed.action == "attempt":
        return None
    client = client_of(deed)
    named = deed.door == "activesync" and deed.command != "OPTIONS"
    clues = client.clues if named else {"user_agent": client.agent}
    protocol = "ews" if deed.command == "autodiscover" else _PROTOCOLS[deed.door]
    return Planted(deed, "iis", spelt(deed), protocol, client.tells, clues, deed.device.device_id if named else "")


def request(deed: Deed) -> tuple[str, str, str]:
    """Return the method, the path and the query of a deed at Exchange's doors."""
    if deed.command == "autodiscover":
        return "POST", "/autodiscover/autodiscover.xml", "-"
    if deed.door == "mapi":
        return "POST", "/mapi/emsmdb/", f"MailboxId={guid(deed.device.number)}@example.org"
    if deed.door == "ews":
        return "POST", "/EWS/Exchange.asmx", "-"
    if deed.door == "webmail":
        return "POST", "/owa/service.svc", "action=FindConversation&UA=0"
    if deed.command == "OPTIONS":
        return "OPTIONS", "/Microsoft-Server-ActiveSync/default.eas", "-"
    return "POST", "/Microsoft-Server-ActiveSync/default.eas", _query(deed)


def _query(deed: Deed) -> str:
    """Return an ActiveSync query, plain or packed; the keys stand in any order and case."""
    device, client = deed.device, activesync(deed.device)
    command = "Sync" if deed.command == "refused" else deed.command
    if device.packed and deed.command != "refused":
        return packed_query(command, device.device_id, client.device_type)
    user = spelt(deed).replace("\\", "%5C")
    if device.number % 4 == 1:
        return f"cmd={command}&user={user}&deviceid={device.device_id}&devicetype={client.device_type}"
    return f"User={user}&DeviceId={device.device_id}&DeviceType={client.device_type}&Cmd={command}"


def _lines(deed: Deed, change: int) -> Iterator[Line]:
    """Write one deed: its lines, the back end's repeats, and now and then the question for a password before."""
    method, path, query = request(deed)
    agent = client_of(deed).agent.replace(" ", "+")
    user, end, fate = spelt(deed), "200 0 0", ACCESS
    if deed.action == "attempt":
        user, end = "-", "401 1 1326"
    if deed.action == "attempt" and deed.door == "webmail":
        method, path, query = "GET", "/owa/auth/logon.aspx", "url=https://mail.example.org/owa&reason=2"
        end, fate = "200 0 0", "nobody"
    packed = deed.door == "activesync" and (deed.device.packed or method == "OPTIONS")
    front = f"{method} {path}", f"443 {user} {deed.device.address}", agent, end
    asked = f"{method} {path}", f"443 - {deed.device.address}", agent, "401 2 5"
    back = f"{method} {path.replace('/default.eas', '/Proxy/default.eas')}", f"444 {user} 10.1.1.5", agent, end
    for number, at in enumerate(deed.at):
        tail = query if packed or query == "-" else f"{query}&CorrelationID=<empty>;&cafeReqId={guid(at)};"
        if number % _ASKED_EVERY == _ASKED_EVERY - 1 and deed.action != "attempt":
            yield at, _line(at, change, asked, tail, deed), "asked to sign in"
        yield at, _line(at, change, front, tail, deed), fate
        if change <= at < change + _BACK_END_DAYS * A_DAY and deed.action != "attempt":
            yield at, _line(at, change, back, tail, deed), "back end"


def _line(at: int, change: int, parts: tuple[str, str, str, str], query: str, deed: Deed) -> str:
    """Write one line in the columns of its time."""
    what, who, agent, end = parts
    stamp = iso_utc(at, " ")
    if at < change:
        return f"{stamp} 10.1.1.5 {what} {query} {who} {agent} {end} {at % 900 + 15}"
    site = "W3SVC2" if who.startswith("444") else "W3SVC1"
    outside = f"{deed.device.address},+10.1.1.9" if site == "W3SVC1" else "-"
    return f"{stamp} {site} MX1 10.1.1.5 {what} {query} {who} HTTP/1.1 {agent} {end} {at % 900 + 15} {outside}"


_WINDOWS: Final = "Mozilla/5.0+(Windows+NT+10.0)"
_PROBE: Final = "AMProbe/Local/ClientAccess"
_MONITOR: Final = "Mozilla/4.0+(compatible;+MSIE+9.0;+Windows+NT+6.1;+MSEXCHMON;+ACTIVEMONITORING;+OWALOCAL)"
_BOX: Final = "HealthMailbox6f1c2a@example.org"
_PROBES: Final = (
    ("GET /owa/prem/15.1.2507.39/scripts/boot.0.mouse.js -", "MINEX\\afinch 192.0.2.77", _WINDOWS, "200 0 0", "page"),
    ("GET /owa/auth/15.1.2507/themes/resources/favicon.ico -", "- 198.51.100.9", _WINDOWS, "200 0 0", "page"),
    ("GET /wp-login.php -", "- 198.51.100.66", "python-requests/2.31.0", "404 0 2", "not work"),
    ("GET /ecp/ -", "- 203.0.113.66", "zgrab/0.x", "302 0 0", "not work"),
    ("GET /Microsoft-Server-ActiveSync/default.eas -", f"{_BOX} ::1", _PROBE, "200 0 0", "probe"),
    ("POST /mapi/emsmdb/ MailboxId=6f1c2a00@example.org", "MINEX\\HealthMailbox6f1c2a ::1", _PROBE, "200 0 0", "probe"),
    ("GET /owa/ &ActID=0-0", f"{_BOX} 127.0.0.1", _MONITOR, "200 0 0", "probe"),
)
"""What every Exchange logs beside: the request, who and whence, the agent, the status, the reason to set it aside."""


def _noise(days: range, change: int, chance: Random) -> Iterator[Line]:
    """Write the lines that are nobody's use, and those that are broken."""
    for number, at in enumerate(moments(days, 6.0, chance)):
        what, who, agent, end, fate = _PROBES[number % len(_PROBES)]
        if at < change:
            yield at, f"{iso_utc(at, ' ')} 10.1.1.5 {what} 443 {who} {agent} {end} 31", fate
        else:
            yield at, f"{iso_utc(at, ' ')} W3SVC1 MX1 10.1.1.5 {what} 443 {who} HTTP/1.1 {agent} {end} 31 -", fate
    for number, at in enumerate(moments(days, 0.1, chance)):
        yield at, f"{iso_utc(at, ' ')} 10.1.1.5 POST /Micro" if number % 2 else "\0" * 64, REJECTED


WRITER: Final = Writer("iis", lambda deed: deed.member.system == "iis", _write)
