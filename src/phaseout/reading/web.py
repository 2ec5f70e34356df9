"""What a request to a web server says: which work service, by which door, and what was done."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from phaseout.reading.reader import PACKED

PRESENCE_COMMANDS: Final = ("ping",)
"""ActiveSync commands that only keep a connection open ([MS-ASCMD] names the commands; in lower case here)."""

SET_UP_COMMANDS: Final = ("foldersync", "provision", "settings", "options")
"""Commands by which a device sets itself up; FolderSync only lists folders, content comes with Sync. All others are use."""

PATHS: Final = (
    (r"(?i)/microsoft-server-activesync", "mail", "activesync"),
    (r"(?i)^/ews/", "mail", "ews"),
    (r"(?i)^/mapi/(emsmdb|nspi)", "mail", "mapi"),
    (r"(?i)^/rpc/rpcproxy", "mail", "mapi"),
    (r"(?i)^/autodiscover/", "mail", "ews"),
    (r"(?i)^/owa(/|$)", "mail", "webmail"),
    (r"(?i)^/api/v2\.0/", "mail", "rest"),
    (r"(?i)^/sogo/dav/[^/]+/calendar", "calendar", "caldav"),
    (r"(?i)^/sogo/dav/[^/]+/contacts", "contacts", "carddav"),
    (r"(?i)^/sogo/dav/|^/\.well-known/caldav", "calendar", "caldav"),
    (r"(?i)^/\.well-known/carddav", "contacts", "carddav"),
    (r"(?i)^/(remote\.php/(dav|caldav)/calendars|caldav|dav/[^/]+/calendar|calendars)(/|$)", "calendar", "caldav"),
    (r"(?i)^/(remote\.php/(dav|carddav)/addressbooks|carddav|dav/[^/]+/contacts|addressbooks)(/|$)", "contacts", "carddav"),
    (r"(?i)^/(remote\.php/(dav/files|webdav))(/|$)", "files", "webmail"),
    (r"(?i)^/sogo/so/", "mail", "webmail"),
    (r"(?i)^/(roundcube|webmail|mail|zimbra|rainloop|snappymail|horde)(/|$)", "mail", "webmail"),
)
"""Which path is which work service and door: a pattern, the service, the protocol; the first that fits counts."""

PAGE_PARTS: Final = r"(?i)\.(js|css|png|gif|jpe?g|svg|ico|woff2?|ttf|map|eot)$"
"""Pictures, styles and scripts of a page: fetched with it, not a use of their own."""


def method_of(request: ir.StringValue) -> ir.StringValue:
    """Return the method of a request line such as ``GET /owa/ HTTP/1.1``."""
    return request.split(" ")[0].upper()


def target_of(request: ir.StringValue) -> ir.StringValue:
    """Return the target of a request line, path and query; empty when there is none."""
    return ibis.coalesce(request.split(" ")[1], ibis.literal(""))


def path_of(target: ir.StringValue) -> ir.StringValue:
    """Return the path of a target."""
    return target.split("?")[0]


def query_of(target: ir.StringValue) -> ir.StringValue:
    """Return the query of a target, everything after the first ``?``; empty when there is none."""
    return ibis.ifelse(target.contains("?"), target.re_extract(r"\?(.*)$", 1), ibis.literal(""))


def parameter(query: ir.StringValue, name: str) -> ir.StringValue:
    """Return one parameter of a query, in any order and case of the names; null when it is absent or empty."""
    return query.re_extract(rf"(?i)(?:^|&){name}=([^&]*)", 1).nullif("")


def packed_query(target: ir.StringValue) -> ir.StringValue:
    """Return the query when it is an ActiveSync query packed in base64 ([MS-ASHTTP] 2.2.1.1.1.1), else null."""
    query = query_of(target)
    fits = target.re_search(r"(?i)/microsoft-server-activesync[^?]*\?[A-Za-z0-9+/%_-]{12,}=*$")
    return ibis.ifelse(fits, query, ibis.null("string"))


def door_of(path: ir.StringValue) -> ir.StringValue:
    """Return ``service|protocol`` of a path, or null when it is no work service."""
    found = ibis.cases(*((path.re_search(pattern), f"{service}|{protocol}") for pattern, service, protocol in PATHS), else_="")
    return found.nullif("")


def activesync_action(command: ir.StringValue) -> ir.StringValue:
    """Return what an ActiveSync command is; a command that nobody knows counts as use, none at all as set-up."""
    name = command.lower()
    return ibis.cases(
        (name.isin(PRESENCE_COMMANDS), "presence"),
        (name.isin(SET_UP_COMMANDS) | name.isnull(), "set-up"),
        else_="use",
    )


def web_meaning(table: ir.Table) -> ir.Table:
    """Say what each distinct request is.

    Args:
        table: with the string columns ``user`` (null or ``-`` when nobody signed in), ``method``, ``target``, ``status``
            and ``user_agent``, and the decoded ``packed_*`` columns where the format has them.

    Returns:
        The same rows with the columns of ``MEANING`` (``user`` becomes ``login``).
    """
    packed = {name: table[name] if name in table.columns else ibis.null("string") for name in PACKED}
    table = table.mutate(path=path_of(table.target), query=query_of(table.target), **packed)
    door = door_of(table.path)
    command = ibis.coalesce(table.packed_command, parameter(table.query, "cmd"))
    table = table.mutate(
        door=door,
        command=ibis.ifelse(table.method == "OPTIONS", "options", command),
        device_id=ibis.coalesce(table.packed_device_id, parameter(table.query, "deviceid")),
        activesync=ibis.coalesce(table.packed_device_type, parameter(table.query, "devicetype")),
        user_agent=table.user_agent.nullif("-").nullif(""),
        login=ibis.coalesce(table.user.nullif("-").nullif(""), table.packed_user.nullif(""), parameter(table.query, "user")),
        code=table.status.try_cast("int64"),
    )
    table = table.mutate(service=table.door.split("|")[0], protocol=table.door.split("|")[1])
    failed = (table.code == 401) | (table.code == 403) | (table.code == 407)  # noqa: PLR2004 - HTTP's own numbers
    return table.mutate(
        ignored=_ignored(table),
        outcome=ibis.ifelse(failed | (table.code >= 500), "failure", "success"),  # noqa: PLR2004 - HTTP's own numbers
        action=ibis.cases(
            (failed, "attempt"),
            (table.protocol == "activesync", activesync_action(table.command)),
            (table.path.re_search(r"(?i)^/autodiscover/|^/\.well-known/"), "set-up"),
            (table.method == "OPTIONS", "set-up"),
            (table.user_agent.contains("accountsd/"), "set-up"),
            else_="use",
        ),
    )


def _ignored(table: ir.Table) -> ir.Value:
    """Say why a request is no access, or null."""
    return ibis.cases(
        (table.door.isnull(), "not a work service"),
        (table.path.re_search(PAGE_PARTS), "part of a page"),
        (table.login.isnull() & (table.code == 401), "asked to sign in"),  # noqa: PLR2004 - HTTP's own number
        (table.login.isnull(), "nobody signed in"),
        (
            table.user_agent.re_search(
                r"(?i)amprobe|_probe|msexchangehealth|healthmailbox|blackbox|monitoring-plugins|check_http"
            ),
            "health probe",
        ),
        (table.login.re_search(r"(?i)healthmailbox|^extest_"), "health probe"),
        else_=ibis.null("string"),
    )
