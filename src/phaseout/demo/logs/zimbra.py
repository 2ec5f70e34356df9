"""Zimbra's mailbox.log: IMAP behind the proxy, the web client, ActiveSync; in the server's local time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import day_of, iso_local, local_day, thousandth
from phaseout.demo.clients import activesync, type_tells
from phaseout.demo.devices import Tells
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, log_file, moments

_WEB: Final = {
    "windows": "ZimbraWebClient - FF128 (Win)", "macos": "ZimbraWebClient - GC128 (Mac)",
    "linux": "ZimbraWebClient - FF128 (Linux)", "harmonyos": "ZimbraWebClient - GC114 (Linux)",
    "aurora": "ZimbraWebClient - FF91 (Linux)",
}  # fmt: skip
"""What the web client says of the browser in which it runs."""

_VERSION: Final = "8.8.15_GA_4652"


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make one log a month."""
    lines = [line for deed in deeds for line in _lines(deed)]
    lines += _noise(days, chance)
    lines.sort(key=by_time)
    found = Written(planted=[_planted(deed) for deed in deeds])
    months: dict[str, list[Line]] = {}
    for line in lines:
        months.setdefault(f"{day_of(local_day(line[0])):%Y-%m}", []).append(line)
    for month, part in months.items():
        found.files.append(log_file(f"zimbra/mailbox.log.{month}{'.gz' if month < '2026-10' else ''}", "zimbra", part))
    return found


def _via(deed: Deed) -> str:
    """Return what an IMAP client says through the proxy."""
    model = deed.device.model
    if model.banned:
        return f"{'iPad' if model.form == 'tablet' else 'iPhone'} Mail/{model.build}"
    return f"com.samsung.android.email.provider/{model.version}" if model.maker == "Samsung" else "K-9 Mail/6.802"


def _agent(deed: Deed) -> str:
    """Return what the log says of the client."""
    if deed.door == "imap":
        return _via(deed)
    return f"{_WEB[deed.device.model.platform]}/{_VERSION}" if deed.door == "webmail" else ""


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    login = deed.member.address
    if deed.door == "activesync":
        kind = activesync(deed.device).device_type
        clues: Mapping[str, str] = {"activesync": kind}
        return Planted(deed, "zimbra", login, "activesync", type_tells(kind), clues, deed.device.device_id)
    if deed.door == "imap":
        name, _, version = _via(deed).partition("/")
        tells = Tells.ALL if deed.device.model.banned else Tells.PLATFORM
        return Planted(deed, "zimbra", login, "imap", tells, {"imap_id": f"name={name}, version={version}"})
    tells = Tells.MAKER if deed.device.model.platform == "macos" else Tells.ALL  # an iPad's page says Mac as well
    return Planted(deed, "zimbra", login, "webmail", tells, {"user_agent": _agent(deed)})


_REQUESTS: Final = ("SearchRequest", "GetMsgRequest", "SearchConvRequest")


def _lines(deed: Deed) -> Iterator[Line]:
    """Write one deed; an ActiveSync request has several lines, of which the last one tells how it ended."""
    write = {"imap": _imap, "activesync": _sync}.get(deed.door, _soap)
    for at in deed.at:
        stamp = f"{iso_local(at)},{thousandth(at)}"
        if deed.door == "activesync":
            yield at, f"{stamp} {_sync(deed, at, ends=False)}", "the same request"
        yield at, f"{stamp} {write(deed, at)}", ACCESS


def _soap(deed: Deed, at: int) -> str:
    """Write a request of the web client."""
    address, thread = deed.member.address, at % 400
    failed = deed.action == "attempt"
    request = "AuthRequest" if failed else _REQUESTS[at % len(_REQUESTS)]
    url = f"[qtp509886383-{thread}:https://mail.example.org/service/soap/{request}]"
    client = f"oip={deed.device.address};ua={_agent(deed)};soapId=4f{thread};]"
    if failed:
        return f"INFO  {url} [{client} SoapEngine - handler exception: authentication failed for [{address}], invalid password"
    return f"INFO  {url} [name={address};mid={deed.device.number};{client} soap - {request} elapsed={at % 50}"


def _imap(deed: Deed, at: int) -> str:
    """Write an IMAP login behind the proxy."""
    address, thread = deed.member.address, at % 400
    proxy = f"via={_via(deed)},10.1.1.31(nginx/1.20.0-zimbra);ua=Zimbra/{_VERSION};cid={thread};]"
    client = f"ip=10.1.1.30;oip={deed.device.address};{proxy}"
    if deed.action == "attempt":
        return f"INFO  [ImapServer-{thread}] [{client} imap - authentication failed for [{address}] (invalid password)"
    return f"INFO  [ImapServer-{thread}] [name={address};{client} imap - user {address} authenticated, mechanism=PLAIN [TLS]"


def _sync(deed: Deed, at: int, *, ends: bool = True) -> str:
    """Write one line of an ActiveSync request."""
    member, device = deed.member, deed.device
    command = "Sync" if deed.command == "refused" else deed.command
    query = f"User={member.address}&DeviceId={device.device_id}&DeviceType={activesync(device).device_type}&Cmd={command}"
    url = f"[qtp509886383-{at % 400}:https://mail.example.org/Microsoft-Server-ActiveSync?{query}]"
    known = f"name={member.address};mid={device.number};oip={device.address}"
    context = f"[{known};Cmd={command};DeviceID={device.device_id};Version=14.1;]"
    end = "HTTP/1.1 401 Unauthorized" if deed.action == "attempt" else "HTTP/1.1 200 OK"
    return f"INFO  {url} {context} sync - {end if ends else f'{command} begins'}"


_TRACE_EVERY: Final = 20
"""Of so many lines of the server's own, one is followed by a stack trace."""


def _noise(days: range, chance: Random) -> Iterator[Line]:
    """Write the lines that are nobody's use, a stack trace, and those that are broken."""
    texts = (
        "INFO  [MailboxPurge] [name=archive@example.org;mid=9;] purge - Purging messages.",
        "INFO  [LmtpServer-12] [name=press@example.org;mid=11;ip=10.1.1.30;] mailop - Adding Message: id=301",
        "DEBUG [qtp509886383-77:https://mail.example.org/service/soap/AuthRequest] [] soap - <password>demo-secret</password>",
        "INFO  [main] [] zimlet - Loaded class com_zimbra_email",
    )
    for number, at in enumerate(moments(days, 2.0, chance)):
        stamp = f"{iso_local(at)},{thousandth(at)}"
        yield at, f"{stamp} {texts[number % len(texts)]}", "not use"
        if not number % _TRACE_EVERY:
            yield at, f"{stamp} ERROR [qtp509886383-9] [] misc - unhandled exception", "not use"
            yield at, "java.lang.NullPointerException", "goes on"
            yield at, "\tat com.zimbra.cs.mailbox.Mailbox.get(Mailbox.java:1201)", "goes on"
    for at in moments(days, 0.05, chance):
        yield at, f"{iso_local(at)},{thousandth(at)} INFO  [ImapSer", REJECTED


WRITER: Final = Writer("zimbra", lambda deed: deed.member.system == "zimbra", _write)
