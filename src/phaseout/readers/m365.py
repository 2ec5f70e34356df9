"""Microsoft 365's unified audit log: one ``AuditData`` object a line, or the CSV export that holds it in a column.

In the CSV the object's quotes are doubled; it is found by its own braces, so the columns around it may be any and in any order.
``CreationTime`` is UTC, though it doesn't say so. The person is ``UserId``, who acted; the owner of the mailbox may be another.

Exchange's rows say the client in ``ClientInfoString``; sign-ins in two lists of names and values; SharePoint's in ``UserAgent``;
Teams' in ``ExtraProperties``. What a sign-in's device properties say is an inventory's word only where the device is managed
or compliant; otherwise they come from the client's agent, and are taken only where that is missing, and marked so.

Cmdlets are administration, but for rules of the inbox: Outlook on the web makes those of its own user by the same cmdlets.
"""

from __future__ import annotations

from typing import Final

from phaseout.reading.inventory import inventory
from phaseout.reading.iso_time import instant
from phaseout.reading.json_lines import TEXT, fault_of, objects, picker, value_of, without_mark
from phaseout.reading.leak import copied
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.web import plain_value

_PAIRS: Final = [{"Name": TEXT, "Value": TEXT}]
_pick = picker(
    {
        **dict.fromkeys(
            (
                "CreationTime",
                "Id",
                "Operation",
                "Workload",
                "UserId",
                "UserType",
                "ClientInfoString",
                "UserAgent",
                "ResultStatus",
                "AppId",
                "ClientIP",
            ),
            TEXT,
        ),
        "ExtendedProperties": _PAIRS,
        "DeviceProperties": _PAIRS,
        "ExtraProperties": [{"Key": TEXT, "Value": TEXT}],
        "Parameters": [{"Name": TEXT}],
    }
)
_pick_wrapped = picker({"AuditData": TEXT})

_SERVICE_TYPES: Final = ("3", "4", "5", "6", "7", "8", "DcAdmin", "System", "Application", "ServicePrincipal")
"""``UserType`` of Microsoft's own services and of programs."""

_CLIENTS: Final = {
    "activesync": "activesync", "owa": "webmail", "rest": "rest", "outlookservice": "rest", "webservices": "ews", "imap4": "imap",
    "imap": "imap", "pop3": "pop3", "msexchangerpc": "mapi", "mapi": "mapi", "outlook": "mapi", "rpc": "mapi",
}  # fmt: skip
"""The protocol for what stands after ``Client=``."""

_OWN_CLIENTS: Final = (
    r"^(?:(?:tba|eba|ci|elc|um|mrs|hub|hub transport|transport|transportsync|management|monitoring|maintenance|approval"
    r"|inference|migration)$|(?:time|event) ?based ?assist|storeactivemonitoring|storedriver|content ?index|simplemigration"
    r"|msexchangemigration|msexchangemailbox|mailboxreplication|anchorservice|unifiedmessaging|resourcehealth|publicfolder|loadbalancing"
    r"|ediscovery)"
)
"""What stands after ``Client=`` for Exchange's own parts, in lower case: assistants, transport, monitoring, moves, search. Any
other word is a program that somebody uses, though nobody here knows it."""

_SYSTEM: Final = r"(?i)^(?:S-1-5-18|NT AUTHORITY\\.*)$"
"""The account of the server itself."""

_MAIL_USE: Final = (
    "MailItemsAccessed", "MailboxLogin", "Create", "Update", "Send", "SendAs", "SendOnBehalf", "Move", "MoveToDeletedItems",
    "SoftDelete", "HardDelete", "Copy", "FolderBind", "MessageBind", "AttachmentAccess", "SearchQueryInitiatedExchange",
)  # fmt: skip
_FILE_USE: Final = r"^(?:File|Folder|Page|List|Attachment|ClientView|SearchQuery)"
_CHAT_USE: Final = r"^(?:Message|Chat|Reaction|Meeting|Call|TeamsSession)"
_CMDLET: Final = r"^[A-Z][A-Za-z]+-[A-Z]"
_RULES: Final = ("New-InboxRule", "Set-InboxRule", "Enable-InboxRule", "Disable-InboxRule", "Remove-InboxRule")
"""What Outlook on the web does with the rules of its user's inbox; administrators do it with ``-Mailbox``, or by PowerShell."""

_WEB: Final = "00000002-0000-0ff1-ce00-000000000000"
"""Exchange Online as an application: what a mailbox's user does in Outlook on the web has its id, PowerShell another."""

_SIGN_INS: Final = {"UserLoggedIn": "success", "UserLoginFailed": "failure"}

_LAST_COLUMN: Final = r'^(\{"".*?\})"(?:[;\t]|\s*$)'
"""The column where no comma follows it."""

_EACH_REQUEST: Final = r"(?i)&(?:CorrelationID|cafeReqId|Log|ItemId|CollectionId|AttachmentName|SaveInSent)=[^&;]*"
"""What differs with every request within an ActiveSync ``Action=``."""


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the fields of an audit record, plain or with doubled quotes."""
    plain = sum({"CreationTime", "Operation"} <= found.keys() or "AuditData" in found for found in objects(lines))
    doubled = sum('""CreationTime""' in line and '""Operation""' in line for line in lines)
    heads = sum("AuditData" in line and "{" not in line for line in lines[:2])
    share = (plain + doubled + heads) / len(lines) if lines else 0.0
    return Likeness(share, f"{plain + doubled} of {len(lines)} lines hold an audit record")


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Take the fields out of each record."""
    read = _records(lines)
    names = ("CreationTime", "Operation", "Workload", "UserId", "ClientInfoString", "ResultStatus", "UserType")
    read = read.mutate(**{name: read.all[name].nullif("") for name in names})
    read = _devices(read.mutate(at=instant(read.CreationTime)))
    is_head = (read.line.contains("AuditData") & ~read.line.contains("{")) | read.line.startswith("#TYPE ")
    read = read.mutate(is_head=is_head, fault=ibis.ifelse(is_head, ibis.null("string"), fault_of(read.text, read["at"])))
    info = read.ClientInfoString
    return read.select(
        "row", "at", "fault", "user_agent", "inventory", "device_id", line=copied(read.line, read.fault),
        record=read.all["Id"],
        operation=read.Operation, workload=read.Workload, login=read.UserId.nullif("Not Available"), result=read.ResultStatus,
        is_service=(read.UserType.isin(_SERVICE_TYPES) | read.UserId.re_search(_SYSTEM)).cast("string"),
        is_own_rule=_is_own_rule(read).cast("string"), is_head=read.is_head.cast("string"),
        client_info=ibis.ifelse(info.contains("&"), info.re_replace(_EACH_REQUEST, ""), info),
    )  # fmt: skip


def _is_own_rule(read: ir.Table) -> ir.BooleanValue:
    """Whether somebody changed a rule of the own inbox in Outlook on the web; null where that can't be told."""
    is_named = read.all["Parameters"].filter(lambda pair: pair["Name"] == "Mailbox").length() > 0
    is_here = (read.all["AppId"] == _WEB) & (read.all["ClientIP"] != "") & ~ibis.coalesce(is_named, ibis.literal(False))
    return read.Operation.isin(_RULES) & is_here


def _records(lines: ir.Table) -> ir.Table:
    """Give the JSON of each line as ``text`` and its fields as ``all``: the column of a CSV row, or the line itself."""
    read = lines.mutate(bare=without_mark(lines.line))
    read = read.mutate(is_column=read.bare.contains('"{""'))
    read = read.mutate(rest=ibis.ifelse(read.is_column, read.bare.substr(read.bare.find('"{""') + 1), read.bare))
    # Within the column no quote stands alone, so the first one behind a brace ends it.
    read = read.mutate(end=ibis.ifelse(read.is_column, read.rest.find('}",'), -1))
    column = ibis.ifelse(read.end >= 0, read.rest.substr(0, read.end + 1), read.rest.re_extract(_LAST_COLUMN, 1))
    read = read.mutate(plain=ibis.ifelse(read.is_column, column.replace('""', '"'), read.bare))
    is_wrapped = read.plain.contains('"AuditData"') & read.plain.contains("{")
    read = read.mutate(
        text=ibis.ifelse(is_wrapped, ibis.coalesce(_pick_wrapped(read.plain)["AuditData"], read.plain), read.plain)
    )
    return read.mutate(all=_pick(read.text))


def _devices(read: ir.Table) -> ir.Table:
    """Give what sign-ins, SharePoint and Teams say of the device: ``user_agent``, ``inventory``, ``device_id``."""
    none = ibis.null("string")
    device, extra = read.all["DeviceProperties"], read.all["ExtraProperties"]
    is_device, is_extra = device.notnull(), extra.notnull()
    agent = ibis.coalesce(value_of(read.all["ExtendedProperties"], "UserAgent"), read.all["UserAgent"].nullif(""))
    managed = ibis.coalesce(value_of(device, "IsCompliantAndManaged"), value_of(device, "IsCompliant"))
    read = read.mutate(
        user_agent=agent,
        is_managed=ibis.ifelse(is_device, managed.lower() == "true", False),
        os=ibis.cases((is_device, value_of(device, "OS")), (is_extra, value_of(extra, "OsName", "Key"))).nullif("Unknown"),
        os_version=ibis.ifelse(is_extra, value_of(extra, "OsVersion", "Key"), none),
        name=ibis.ifelse(is_device, value_of(device, "DisplayName"), none),
        device_id=ibis.ifelse(is_device, value_of(device, "Id"), none),
    )
    is_managed = ibis.coalesce(read.is_managed, ibis.literal(False))
    told = inventory(
        os=read.os,
        os_version=read.os_version,
        name=ibis.ifelse(is_managed, read["name"], none),
        managed=ibis.ifelse(is_managed, "yes", "no"),
    )
    return read.mutate(inventory=ibis.ifelse(is_managed | read.user_agent.isnull(), told, none))


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct record is."""
    client = found.client_info.re_extract(r"(?i)^Client=([^;]*)", 1).lower().split("/")[0]
    client = client.re_replace(r"^microsoft\.exchange\.", "").nullif("")
    by_client = ibis.cases(*((client == name, protocol) for name, protocol in _CLIENTS.items()), else_=ibis.null("string"))
    workload = found.workload.lower()
    found = found.mutate(client=client, by_client=by_client, work=workload, is_sign_in=found.operation.isin(tuple(_SIGN_INS)))
    is_exchange = found.work == "exchange"
    is_file = found.work.isin(("sharepoint", "onedrive"))
    return found.mutate(
        ignored=_ignored(found),
        service=ibis.cases((found.is_sign_in, "sign-in"), (is_exchange, "mail"), (is_file, "files"), else_="chat"),
        # What came to a mailbox by no named client, or by one that nobody knows, came over an interface.
        protocol=ibis.cases(
            (found.is_sign_in, "sign-in"),
            (found.is_own_rule == "true", "webmail"),
            (is_exchange, ibis.coalesce(found.by_client, "rest")),
            else_="rest",
        ),
        action=ibis.literal("use"),
        outcome=ibis.ifelse(
            (found.operation == "UserLoginFailed") | found.result.lower().isin(("failed", "failure", "false")),
            "failure",
            "success",
        ),
        device_id=ibis.coalesce(
            found.device_id, plain_value(found.client_info.re_extract(r"(?i)[?&]DeviceId=([^&;]+)", 1)).nullif("")
        ),
    )


def _ignored(found: ir.Table) -> ir.StringValue:
    """Say why a record is no access, or null."""
    operation, access = found.operation, ibis.null("string")
    is_mail = operation.isin(_MAIL_USE) | found.client.notnull()
    return ibis.cases(
        (found.is_head == "true", "column names"),
        (found.is_service == "true", "the service's own"),
        (found.is_sign_in, access),
        (found.is_own_rule == "true", access),
        (operation.re_search(_CMDLET), "administration"),
        ((found.work == "exchange") & found.by_client.isnull() & found.client.re_search(_OWN_CLIENTS), "the service's own"),
        (found.work == "exchange", ibis.ifelse(is_mail, access, "another operation")),
        (
            found.work.isin(("sharepoint", "onedrive")),
            ibis.ifelse(operation.re_search(_FILE_USE), access, "another operation"),
        ),
        (found.work == "microsoftteams", ibis.ifelse(operation.re_search(_CHAT_USE), access, "another operation")),
        else_="another operation",
    )


READER = Reader(
    id="m365",
    title="Microsoft 365 unified audit log (JSON lines, or the CSV export)",
    clock=Clock.UTC,
    exported=True,
    doors=("activesync", "webmail", "rest", "ews", "imap", "pop3", "mapi", "sign-in"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    behind=("entra",),
)
