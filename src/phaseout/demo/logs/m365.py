"""Microsoft 365's unified audit log: JSON lines, and for September the CSV export of the portal."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import A_DAY, day_of, iso_utc
from phaseout.demo.clients import activesync, browser, desktop
from phaseout.demo.devices import Tells
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, guid, log_file, moments

_EXPORTED: Final = "2026-09"
"""The month for which there is only the portal's export."""

_TENANT: Final = "0f1e2d3c-0000-4000-a000-5b6a79880000"


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make one file a month."""
    numbers = itertools.count()
    lines = [line for deed in deeds for line in _lines(deed, numbers)]
    lines += _noise(days, chance, numbers)
    lines.sort(key=by_time)
    found = Written(planted=[_planted(deed) for deed in deeds])
    months: dict[str, list[Line]] = {}
    for line in lines:
        months.setdefault(f"{day_of(line[0] // A_DAY):%Y-%m}", []).append(line)
    for month, part in months.items():
        if month == _EXPORTED:
            found.files.append(log_file(f"m365/export-{month}.csv", "m365", _export(part)))
        else:
            found.files.append(log_file(f"m365/audit-{month}.jsonl", "m365", part))
    return found


def _export(lines: Sequence[Line]) -> Iterator[Line]:
    """Write records as the portal exports them: the JSON in a column, its quotation marks doubled."""
    yield (
        lines[0][0],
        "RecordId,CreationDate,RecordType,Operation,UserId,AuditData,AssociatedAdminUnits,AssociatedAdminUnitsNames",
        "header",
    )
    for at, text, fate in lines:
        if fate == REJECTED:
            yield at, text, fate
            continue
        record = json.loads(text)
        row = io.StringIO()
        cells = (
            record["Id"],
            f"{iso_utc(at)}.0000000Z",
            record["RecordType"],
            record["Operation"],
            record["UserId"],
            text,
            "",
            "",
        )
        csv.writer(row, lineterminator="").writerow(cells)
        yield at, row.getvalue(), fate


def _client(deed: Deed) -> tuple[str, Tells, str, str]:
    """Return the ClientInfoString, how far it tells, the product's door, and the device's own id."""
    device, model = deed.device, deed.device.model
    if model.form == "desktop":
        if model.platform == "macos":
            return f"Client=WebServices;{desktop(model).agent};", Tells.ALL, "ews", ""
        if device.number % 3 == 0:
            return "Client=REST;Client=RESTSystem;;", Tells.NOTHING, "rest", ""
        return f"Client=OWA;{browser(model).agent};", Tells.ALL, "webmail", ""
    if model.platform in {"harmonyos", "aurora"}:
        return f"Client=OWA;{browser(model).agent};", Tells.ALL, "webmail", ""
    if device.app == "outlook":
        told = ("iOS", Tells.ALL) if model.banned else ("Android", Tells.PLATFORM)
        return f"Client=OutlookService;Outlook-{told[0]}/2.0;", told[1], "rest", ""
    says = activesync(device)
    query = f"User={deed.member.address}&DeviceId={device.device_id}&DeviceType={says.device_type}&Cmd=Sync"
    text = f"Client=ActiveSync;UserAgent={says.agent};Version=161;Action=/Microsoft-Server-ActiveSync/Proxy/default.eas?{query}"
    return text, says.tells, "activesync", device.device_id


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    if deed.door == "files":
        says = browser(deed.device.model)
        return Planted(deed, "m365", deed.member.address, "rest", says.tells, says.clues)
    text, tells, door, device_id = _client(deed)
    return Planted(deed, "m365", deed.member.address, door, tells, {"client_info": text}, device_id)


def _record(at: int, number: int, user: str, operation: str, workload: str, more: dict[str, object]) -> str:
    """Write one record."""
    record = {
        "CreationTime": iso_utc(at),
        "Id": guid(at, number),
        "Operation": operation,
        "OrganizationId": _TENANT,
        "RecordType": {"MailItemsAccessed": 50, "Send": 2, "FileAccessed": 6}.get(operation, 1),
        "ResultStatus": "Succeeded",
        "UserKey": "1003200012345678",
        "UserType": 0,
        "Version": 1,
        "Workload": workload,
        "UserId": user,
    }
    return json.dumps(record | more, separators=(",", ":"))


def _lines(deed: Deed, numbers: Iterator[int]) -> Iterator[Line]:
    """Write one deed."""
    user, address = deed.member.address, deed.device.address
    for at in deed.at:
        if deed.door == "files":
            more: dict[str, object] = {
                "ClientIP": address, "ObjectId": "https://example.sharepoint.com/Papers/a.docx", "ItemType": "File",
                "EventSource": "SharePoint", "UserAgent": browser(deed.device.model).agent, "SiteUrl": "https://example.sharepoint.com/",
            }  # fmt: skip
            yield at, _record(at, next(numbers), user, "FileAccessed", "SharePoint", more), ACCESS
            continue
        more = {
            "ClientIPAddress": f"{address}:{at % 50000 + 1024}",
            "ClientInfoString": _client(deed)[0],
            "MailboxOwnerUPN": user,
            "LogonType": 0,
            "ExternalAccess": False,
        }
        if deed.command == "MailItemsAccessed":
            kind = "Sync" if deed.device.device_id and _client(deed)[2] == "activesync" else "Bind"
            more["OperationProperties"] = [{"Name": "MailAccessType", "Value": kind}, {"Name": "IsThrottled", "Value": "False"}]
        yield at, _record(at, next(numbers), user, deed.command, "Exchange", more), ACCESS


def _noise(days: range, chance: Random, numbers: Iterator[int]) -> Iterator[Line]:
    """Write what administrators and the service itself do, and what is broken."""
    for number, at in enumerate(moments(days, 0.8, chance)):
        if number % 2:
            yield (
                at,
                _record(
                    at, next(numbers), "admin@example.org", "Set-Mailbox", "Exchange", {"ClientIP": "192.0.2.5", "Parameters": []}
                ),
                "not use",
            )
        else:
            yield (
                at,
                _record(
                    at,
                    next(numbers),
                    "admin@example.org",
                    "Update user.",
                    "AzureActiveDirectory",
                    {"ObjectId": "press@example.org"},
                ),
                "not use",
            )
    for at in moments(days, 0.05, chance):
        yield at, f'{{"CreationTime":"{iso_utc(at)}","Id":"{guid(at)}","Operation":"MailIt', REJECTED


WRITER: Final = Writer("m365", lambda deed: deed.member.system == "m365" and deed.door in {"cloud", "files"}, _write)
