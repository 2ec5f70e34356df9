"""What a request to a web server says: which work service, by which door, who, and what was done."""

from __future__ import annotations

from typing import Final

from phaseout.reading.functions import function
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import ASKED_TO_SIGN_IN, OPEN_LINK, OPEN_WEBMAIL, PACKED, PART_OF_PAGE
from phaseout.reading.web_paths import (
    CONTENT_PATHS,
    EWS_PROGRAMS,
    LINK_PATHS,
    NOBODY,
    OWNERS,
    PAGE_PARTS,
    PATHS,
    PRESENCE_TARGETS,
    PROBE_LOGINS,
    PROBE_PATHS,
    PROVEN_PATHS,
    ROUTES,
    SESSIONS,
    SET_UP_PATHS,
    SHARED_PATHS,
    TASKS,
    UPWARDS,
)

PRESENCE_COMMANDS: Final = ("ping",)
"""ActiveSync commands that only keep a connection open ([MS-ASCMD] names the commands; in lower case here)."""

SET_UP_COMMANDS: Final = ("foldersync", "provision", "settings", "options")
"""Commands by which a device sets itself up; FolderSync only lists folders, content comes with Sync. All others are use."""

PROVISION: Final = (449, 451)
"""ActiveSync's statuses "provision first" and "another server" ([MS-ASHTTP] 2.2.2.1): the device is being set up."""

REDIRECTED: Final = (300, 301, 302, 303, 305, 307, 308)
"""HTTP's statuses of a request that was sent elsewhere and got nothing here; 304 is no such status, for the content is there."""

HUNG_UP: Final = 499
"""nginx's status of a client that went before the answer came: for an ActiveSync Ping, which waits for news, a usual end."""

NO_CONTENT: Final = 204
"""HTTP's status of something that was done."""


SWITCHED: Final = 101
"""HTTP's status of a connection that goes on in another protocol."""

DELIVERED: Final = 200
"""HTTP's status of a page that was given."""


def failed(status: ir.StringValue) -> ir.BooleanValue:
    """Whether a request got nothing: it was refused, or asked for what there is not, or the server failed or never answered.

    Args:
        status: HTTP's; where it is none (``-``, ``0``, ``000``, null), the client or the server went before there was one.
    """
    code = status.try_cast("int64").fill_null(0)
    return ~(code.between(200, 399) | (code == SWITCHED) | code.isin(PROVISION))


def method_of(request: ir.StringValue) -> ir.StringValue:
    """Return the method of a request line such as ``GET /owa/ HTTP/1.1``."""
    return request.split(" ")[0].upper()


def target_of(request: ir.StringValue) -> ir.StringValue:
    """Return the target of a request line, path and query; empty when there is none."""
    return ibis.coalesce(request.split(" ")[1], ibis.literal(""))


def path_of(target: ir.StringValue) -> ir.StringValue:
    """Return the path of a target, which servers end at a hash; that of a whole address (``http://host/path``) too."""
    path = target.split("#")[0].split("?")[0]
    return ibis.ifelse(path.startswith("/"), path, path.re_extract(r"^[a-zA-Z]+://[^/]*(/.*)$", 1))


@function("url_decode", "string", gives="string")
def _decoded(text: ir.StringValue) -> ir.StringValue:
    """Take percent-encoding off; it fails where that leaves no UTF-8."""


@function("try", "string", gives="string")
def _tried(decoded: ir.StringValue) -> ir.StringValue:
    """Return null where it can't be worked out."""


def plain_value(encoded: ir.StringValue) -> ir.StringValue:
    """Return what a parameter's value stands for (``Windows%20Mail``), as the mail server takes it.

    What is no UTF-8 then, or has control characters, stays as it is written.
    """
    plain = _tried(_decoded(encoded))
    fits = encoded.contains("%") & plain.notnull() & ~plain.re_search(r"[\x00-\x1f\x7f]")
    return ibis.ifelse(fits, plain, encoded)


def tidied(path: ir.StringValue) -> ir.StringValue:
    """Return a path as servers take it: ``//owa/``, ``/x/../owa/`` and ``/%6Fwa/`` are all ``/owa/``.

    What stands for more than ASCII stays encoded, as names of folders do.
    """
    plain = _decoded(path.re_replace(r"%([89A-Fa-f][0-9A-Fa-f])", r"%25\1")).re_replace(r"/(?:\.?/)+", "/")
    for _ in range(UPWARDS):
        plain = plain.re_replace(r"/[^/]+/\.\.(?:/|$)", "/")
    odd = path.contains("%") | path.contains("//") | path.contains("/.")
    return ibis.ifelse(odd, plain, path)


def query_of(target: ir.StringValue) -> ir.StringValue:
    """Return the query of a target, everything after the first ``?``; empty when there is none."""
    return ibis.ifelse(target.contains("?"), target.substr(target.find("?") + 1), "")


def parameter(query: ir.StringValue, name: str) -> ir.StringValue:
    """Return one parameter of a query, decoded, in any order and case of the names; null when it is absent or empty.

    Args:
        query: such as ``Cmd=Sync&User=anna``.
        name: as it is mostly spelt: that spelling is found by cutting, four times faster than any other.
    """
    mark = f"&{name}="
    whole = ibis.literal("&").concat(query)
    other = query.re_extract(rf"(?i)(?:^|&){name}=([^&]*)", 1)
    return plain_value(ibis.ifelse(whole.contains(mark), whole.split(mark)[1].split("&")[0], other)).nullif("")


def packed_query(target: ir.StringValue) -> ir.StringValue:
    """Return the query when it is an ActiveSync query packed in base64 ([MS-ASHTTP] 2.2.1.1.1.1), else null."""
    # No such query has an ampersand, and most others do: to look for one takes a tenth of the pattern's time.
    fits = ~target.contains("&") & target.re_search(r"(?i)/microsoft-server-activesync[^?]*\?[A-Za-z0-9+/%_-]{12,}=*$")
    return ibis.ifelse(fits, query_of(target), ibis.null("string"))


def _with_facts_of_path(table: ir.Table) -> ir.Table:
    """Add what the path alone tells, each path looked at once: many people ask for few of them, and patterns are dear."""
    paths = table.select("path").distinct()
    by_path = ibis.cases(
        *((paths.path.re_search(f"(?i){pattern}"), f"{service}|{protocol}") for pattern, service, protocol in PATHS)
    )
    facts = paths.mutate(
        path_door=by_path,
        path_owner=owner_of(paths.path),
        path_session=named_in(paths.path, SESSIONS),
        path_is_probe=paths.path.re_search(PROBE_PATHS),
        path_is_part=paths.path.re_search(PAGE_PARTS) & ~paths.path.re_search(CONTENT_PATHS),
        path_proves=paths.path.re_search(PROVEN_PATHS),
        path_is_link=paths.path.re_search(LINK_PATHS),
        path_is_shared=paths.path.re_search(SHARED_PATHS),
        path_sets_up=paths.path.re_search(SET_UP_PATHS),
    )
    return table.inner_join(facts, "path")


def door_of(by_path: ir.StringValue, query: ir.StringValue) -> ir.StringValue:
    """Return ``service|protocol`` of a request, or null when it is for no work service.

    Args:
        by_path: what the path says.
        query: may name a part of Roundcube, or be a webmail's own route; that counts first.
    """
    by_task = ibis.cases(*((query.re_search(rf"(?:^|&)_task={task}(?:&|$)"), f"{service}|webmail") for task, service in TASKS))
    return ibis.cases(
        (query.contains("_task="), ibis.coalesce(by_task, by_path)),
        (query.startswith("/") & query.re_search(ROUTES), "mail|webmail"),
        else_=by_path,
    )


def by_program(door: ir.StringValue, user_agent: ir.StringValue) -> ir.StringValue:
    """Return ``service|protocol`` of a request by the door of EWS as the client's program tells it; of any other as it was."""
    told = ibis.cases(*((user_agent.re_search(f"(?i){program}"), f"{service}|ews") for program, service in EWS_PROGRAMS))
    return ibis.ifelse(door == "mail|ews", ibis.coalesce(told, door), door)


def owner_of(path: ir.StringValue) -> ir.StringValue:
    """Return the login that a path names as the owner of what is opened; null when it names none."""
    return named_in(path, *OWNERS)


def named_in(path: ir.StringValue, *patterns: str) -> ir.StringValue:
    """Return the login that a path names by one of some patterns; null when it names none."""
    named = ibis.coalesce(*(path.re_extract(pattern, 1).nullif("") for pattern in patterns))
    return ibis.ifelse(named.lower().isin(NOBODY), ibis.null("string"), named)


def activesync_action(command: ir.StringValue) -> ir.StringValue:
    """Return what an ActiveSync command is; a command that nobody knows counts as use, none at all as set-up."""
    name = command.lower()
    return ibis.cases(
        (name.isin(PRESENCE_COMMANDS), "presence"),
        (name.isin(SET_UP_COMMANDS) | name.isnull(), "set-up"),
        else_="use",
    )


def signed_in_here(said: ir.Table) -> ir.Table:
    """Take for a claim what a server says of somebody who has not signed in, where it is the server itself that lets people in.

    Args:
        said: as ``web_meaning`` gives it.
    """
    is_claim = said.signed_in.isnull() & (said.action == "use")
    return said.mutate(action=ibis.ifelse(is_claim, "claim", said.action))


def web_meaning(table: ir.Table) -> ir.Table:
    """Say what each distinct request is.

    Args:
        table: with the string columns ``user`` (null or ``-`` when nobody signed in), ``method``, ``target``, ``status``
            and ``user_agent``; the decoded ``packed_*`` columns where the format has them; ``aside`` where the format itself
            knows why a request is no access; and ``refused``, a boolean, where it knows that a password was checked and refused.

    Returns:
        The same rows with the columns of ``MEANING``. The login is the one whose session of a web client the path names, else the
        one that signed in; when the log doesn't say, the one that the query names, then the one whose mailbox the path names.
    """
    told = {name: table[name] if name in table.columns else ibis.null("string") for name in (*PACKED, "aside")}
    told["refused"] = ibis.coalesce(table.refused, False) if "refused" in table.columns else ibis.literal(False)
    # A row that is no request has no path; it stays all the same, for a join drops what is null.
    path = tidied(ibis.coalesce(path_of(table.target), ""))
    table = _with_facts_of_path(table.mutate(path=path, query=query_of(table.target), **told))
    table = table.mutate(
        door=by_program(door_of(table.path_door, table.query), table.user_agent),
        command=ibis.ifelse(
            table.method == "OPTIONS", "options", ibis.coalesce(table.packed_command, parameter(table.query, "Cmd"))
        ),
        device_id=ibis.coalesce(table.packed_device_id, parameter(table.query, "DeviceId")),
        activesync=ibis.coalesce(table.packed_device_type, parameter(table.query, "DeviceType")),
        user_agent=table.user_agent.nullif("-").nullif(""),
        signed_in=table.user.nullif("-").nullif(""),
        code=table.status.try_cast("int64").fill_null(0),
    )
    table = table.mutate(
        service=table.door.split("|")[0],
        protocol=table.door.split("|")[1],
        login=ibis.coalesce(
            table.path_session, table.signed_in, table.packed_user.nullif(""), parameter(table.query, "User"), table.path_owner
        ),
        failed=(failed(table.status) & ~_waited(table)) | (table.code.isin(REDIRECTED) & table.signed_in.isnull()),
    )
    return table.mutate(
        ignored=_ignored(table),
        outcome=ibis.ifelse(table.failed, "failure", "success"),
        action=_action(table),
    )


def _waited(table: ir.Table) -> ir.BooleanValue:
    """Whether a request waited for news until its client went."""
    return (table.code == HUNG_UP) & ibis.coalesce(table.command.lower().isin(PRESENCE_COMMANDS), False)


def _action(table: ir.Table) -> ir.StringValue:
    """Say what a request does."""
    is_proven = table.path_proves & ibis.coalesce(table.code == NO_CONTENT, False) & (table.method != "OPTIONS")
    return ibis.cases(
        (table.failed, "attempt"),
        (table.path_session.notnull() & ~is_proven, "claim"),
        (table.code.isin(PROVISION) | table.code.isin(REDIRECTED), "set-up"),
        (table.protocol == "activesync", activesync_action(table.command)),
        (table.method == "OPTIONS", "set-up"),
        (table.path_sets_up, "set-up"),
        (table.user_agent.contains("accountsd/"), "set-up"),
        (table.target.re_search(PRESENCE_TARGETS), "presence"),
        else_="use",
    )


def _ignored(table: ir.Table) -> ir.StringValue:
    """Say why a request is no access, or null."""
    return ibis.cases(
        (table.aside.notnull(), table.aside),
        (table.door.isnull(), "not a work service"),
        # A proxy that people reach the whole web by logs their private mailboxes, too; and who asks for a server of one's own in
        # this form, no mail program does.
        (~table.target.startswith("/") & table.target.contains("://"), "asked of another host"),
        (table.path_is_link, OPEN_LINK),
        (table.path_is_probe, "health probe"),
        (table.path_is_part, PART_OF_PAGE),
        (table.signed_in.isnull() & (table.code == 401) & ~table.refused, ASKED_TO_SIGN_IN),  # noqa: PLR2004 - HTTP's number
        (table.login.isnull() & (table.door == "mail|webmail") & (table.code == DELIVERED) & ~table.path_is_shared, OPEN_WEBMAIL),
        (table.login.isnull(), "nobody signed in"),
        (table.login.re_search(PROBE_LOGINS), "health probe"),
    )
