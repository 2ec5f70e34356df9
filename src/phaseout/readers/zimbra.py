"""Zimbra's mailbox.log, and sync.log and audit.log, which are written alike.

``2026-11-20 08:00:01,787 INFO  [ImapServer-138] [name=anna@…;oip=…;via=…;ua=…;] imap - user anna@… authenticated, …``:
the server's local time, the level, the thread, what is known of the request, the category, the message. Within what is known of
the request, a semicolon in a value is doubled. ``name`` is the mailbox, ``aname`` who signed in, where that is another.

One access is: an IMAP or POP sign-in, a SOAP request, an ActiveSync request by its last line (``HTTP/1.1 200``), a DAV request.
A sign-in of the audit log is one of the service sign-in. Behind nginx, ``ua`` is Zimbra's own, and the client stands first in
``via``, with commas of its own perhaps.
Lines without a stamp continue the message before them.
"""

from __future__ import annotations

import re
from typing import Final

from phaseout.reading.iso_time import wall_clock
from phaseout.reading.leak import copied
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.syslog import SYSLOG_STAMP, all_without_container, without_container
from phaseout.reading.time import utc_from_local
from phaseout.reading.web import activesync_action, failed, parameter

_STAMP: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"
_HEAD: Final = rf"^(?:{SYSLOG_STAMP} \S+ \S+ )?{_STAMP} +(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL) +\["
"""Up to the thread's name, with syslog's own stamp, host and program where the lines came that way."""

_OPENING: Final = r"^[^\]]*\] \[(?:[\w.-]+=(?:[^;]|;;)*;)*\] "
"""The thread and what is known of the request."""

_DOUBLED: Final = "\x01"
"""Stands for a doubled semicolon while the values are taken apart."""

_NGINX: Final = r",?[0-9A-Fa-f.:]+\(nginx/[^)]*\)$"
_LINE: Final = re.compile(_HEAD)

_TOLD: Final = ("imap", "pop", "pop3", "soap", "SoapEngine", "sync", "dav", "security")
"""The categories that tell of use."""

_PRESENCE: Final = ("NoOp", "WaitSet", "AdminWaitSet", "CreateWaitSet", "DestroyWaitSet")
_SET_UP: Final = ("Auth",)


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the stamp with a comma, the level and the bracketed thread; other lines may continue messages."""
    lines = all_without_container(lines)
    fits = sum(bool(_LINE.match(line)) for line in lines)
    continued = sum(bool(re.match(r"\s|Caused by|[\w.]+(?:Exception|Error)\b", line)) for line in lines)
    share = fits / (len(lines) - continued) if len(lines) > continued else 0.0
    return Likeness(min(share, 1.0), f"{fits} of {len(lines)} lines begin with a stamp, a level and a thread")


def rows(lines: ir.Table, setting: Setting) -> ir.Table:
    """Cut each line into thread, context, category and message, and take the fields out of them."""
    cut = lines.mutate(bare=without_container(lines.line))
    cut = cut.mutate(head=cut.bare.re_extract(_HEAD, 0))
    head = cut["head"]
    cut = cut.mutate(
        rest=cut.bare.substr(head.length()),
        at=utc_from_local(wall_clock(head.re_extract(_STAMP, 0)), setting.needed_zone, setting.last_year),
    )
    cut = cut.mutate(opening=ibis.ifelse(head == "", "", _opening(cut.rest)))
    cut = cut.mutate(message=cut.rest.substr(cut.opening.length()), parts=cut.opening.split("] ["))
    cut = cut.mutate(
        thread=cut.parts[0],
        context=cut.opening.substr(cut.parts[0].length() + 3).re_replace(r"\] $", "").replace(";;", _DOUBLED),
        category=ibis.ifelse(cut.opening == "", "", cut.message.re_extract(r"^([\w/?.-]+) -", 1)),
    )
    fault = ibis.cases(
        (cut.line.startswith("\0"), "line too long"),
        (head == "", ibis.null("string")),
        (cut["at"].isnull(), "no time stamp"),
        (cut.category == "", "a line that ends early"),
        else_=ibis.null("string"),
    )
    cut = cut.mutate(message=cut.message.substr(cut.category.length() + 3), is_told=cut.category.isin(_TOLD), fault=fault)
    return _fields(cut)


def _opening(rest: ir.StringValue) -> ir.StringValue:
    """Return thread and context with their brackets; empty when they don't end.

    The context ends at a semicolon that is not doubled, whatever brackets a client writes into its name.
    """
    parts = rest.split("] ")
    context = parts[1]
    is_plain = (context == "[") | (context.startswith("[") & context.endswith(";") & ~context.endswith(";;"))
    plain = parts[0] + "] " + context + "] "
    return ibis.cases((parts.length() < 3, ""), (is_plain, plain), else_=rest.re_extract(_OPENING, 0))  # noqa: PLR2004


def _field(context: ir.StringValue, name: str) -> ir.StringValue:
    """Return one value of a context; null when it is absent."""
    return context.re_extract(rf"(?:^|;){name}=([^;]*)", 1).replace(_DOUBLED, ";").nullif("")


def _fields(cut: ir.Table) -> ir.Table:
    """Keep what says who did what from what, and drop what differs with every line."""
    none = ibis.null("string")
    cut = cut.mutate(agent=ibis.ifelse(cut.is_told, _field(cut.context, "ua"), none))
    is_behind = cut.is_told & (cut.agent.isnull() | cut.agent.startswith("Zimbra/")) & cut.context.contains("via=")
    client = _field(cut.context, "via").re_replace(_NGINX, "").nullif("")
    message, is_told = cut.message, cut.is_told
    named = ibis.coalesce(
        message.re_extract(r"^user (\S+) authenticated", 1).nullif(""),
        message.re_extract(r"authentication failed for \[([^\]\s]+)", 1).nullif(""),
        message.re_extract(r"\baccount=([^;]+);", 1).nullif(""),
    )
    return cut.select(
        "row", "at", "fault", line=copied(cut.line, cut.fault),
        category=ibis.cases((cut["head"] == "", ""), (is_told, cut.category), else_="another"),
        what=ibis.ifelse(is_told, _what(cut.category, message), none),
        login=ibis.ifelse(is_told, ibis.coalesce(_field(cut.context, "aname"), _field(cut.context, "name"), named), none),
        agent=ibis.cases((is_behind, client), (cut.agent.startswith("Zimbra/"), none), else_=cut.agent),
        is_admin=ibis.ifelse(cut.thread.contains("/service/admin/") | message.startswith("cmd=AdminAuth"), "true", "false"),
        **{
            name: ibis.ifelse(cut.category == "sync", value, none)
            for name, value in {
                "command": ibis.coalesce(_field(cut.context, "Cmd"), parameter(cut.thread, r"[^&?]*\?(?:.*&)?cmd")),
                "device_id": ibis.coalesce(_field(cut.context, "DeviceID"), parameter(cut.thread, r"[^&?]*\?(?:.*&)?deviceid")),
                "activesync": parameter(cut.thread, r"[^&?]*\?(?:.*&)?devicetype"),
            }.items()
        },
    )  # fmt: skip


def _what(category: ir.StringValue, message: ir.StringValue) -> ir.StringValue:
    """Return the part of a message that says what was done; empty when the line tells of no access."""
    refused = message.contains("authentication failed for [")
    method = message.re_extract(r"^DavServlet operation (\w+) to ", 1)
    folder = ibis.ifelse(message.re_search(r"^\S+ \S+ \S+ to \S*/Contacts"), " contacts", " calendar")
    return ibis.cases(
        (category == "SoapEngine", ibis.ifelse(refused, "failed", "")),
        (category == "soap", message.re_extract(r"^(\w+)Request elapsed", 1)),
        (category == "sync", message.re_extract(r"^HTTP/1\.\d (\d{3})", 1)),
        (category == "dav", ibis.ifelse(method == "", "", method + folder)),
        (category == "security", ibis.ifelse(message.contains("cmd=Auth;"), ibis.ifelse(refused, "failed", "done"), "")),
        (refused, "failed"),
        (message.re_search(r"^user \S+ authenticated"), "done"),
        else_="",
    )


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct line is."""
    category, what, agent = found.category, found.what, found.agent
    is_session = category.isin(("imap", "pop", "pop3"))
    is_web = agent.isnull() | agent.re_search(r"^(?:ZimbraWebClient|ZimbraXWebClient|Mozilla/)")
    protocol = ibis.cases(
        (category == "imap", "imap"),
        (is_session, "pop3"),
        (category == "sync", "activesync"),
        (category == "dav", ibis.ifelse(what.endswith(" contacts"), "carddav", "caldav")),
        (category == "security", "sign-in"),
        else_=ibis.ifelse(is_web, "webmail", "rest"),
    )
    services = {"carddav": "contacts", "caldav": "calendar", "sign-in": "sign-in"}
    return found.mutate(
        ignored=_ignored(found, is_session),
        service=ibis.cases(*((protocol == name, service) for name, service in services.items()), else_="mail"),
        protocol=protocol,
        action=ibis.cases(
            (category == "sync", activesync_action(found.command)),
            (what.isin(_PRESENCE), "presence"),
            (what.isin(_SET_UP) | what.startswith("OPTIONS ") | agent.contains("accountsd/"), "set-up"),
            else_="use",
        ),
        outcome=ibis.ifelse((what == "failed") | (what.re_search(r"^\d") & failed(what)), "failure", "success"),
        user_agent=ibis.ifelse(is_session, ibis.null("string"), agent),
        imap_id=ibis.ifelse(is_session, _id_list(agent), ibis.null("string")),
    )  # fmt: skip


def _ignored(found: ir.Table, is_session: ir.BooleanValue) -> ir.StringValue:
    """Say why a line is no access, or null."""
    category, is_silent = found.category, found.what == ""
    return ibis.cases(
        (category == "", "continues the message before"),
        (category == "another", "another message"),
        (found.is_admin == "true", "administration"),
        (is_silent & is_session, "after the login"),
        (is_silent & category.isin(("sync", "dav")), "another line of the same request"),
        (is_silent, "another message"),
        else_=ibis.null("string"),
    )


def _id_list(agent: ir.StringValue) -> ir.StringValue:
    """Write ``name/version``, as Zimbra has it from the client's IMAP ID, as the list that it was."""
    name, version = agent.re_extract(r"^([^/]+)", 1), agent.re_extract(r"^[^/]+/(.+)$", 1)
    told = ibis.ifelse((version == "") | (version == "(null)"), "", ibis.literal(", version=") + version)
    return ibis.ifelse(name == "(null)", ibis.null("string"), ibis.literal("name=") + name + told)


READER = Reader(
    id="zimbra",
    title="Zimbra mailbox.log, sync.log and audit.log",
    clock=Clock.LOCAL,
    doors=("imap", "pop3", "activesync", "webmail", "rest", "caldav", "carddav", "sign-in"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    behind=("combined",),
    beside=("decisions",),
)
