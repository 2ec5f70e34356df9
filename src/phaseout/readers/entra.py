"""Sign-ins of Microsoft Entra ID, one JSON object a line: Graph's own, as diagnostic settings write them, or as PowerShell does.

Diagnostic settings wrap the same object: ``time``, ``category``, ``resultType``, ``properties{…}``. The instant is
``createdDateTime`` (``time`` is when the record was written), in ISO 8601 or as ``3/24/2022 2:42:35 PM``, always UTC.
``Get-MgAuditLogSignIn | ConvertTo-Json`` begins each name with a capital, and Windows PowerShell counts milliseconds:
``/Date(1700000000000)/``.

Every sign-in counts as one of the service sign-in, whatever program it was for: what was opened afterwards stands in other logs.
One that a program renewed by itself (``isInteractive`` false) is presence; one with an error code is an attempt.
The device's details are an inventory's word only where the device is managed or compliant; otherwise Entra has them from the
client's agent, and they are taken only where the agent is missing, and marked so.
"""

from __future__ import annotations

from typing import Any, Final

from phaseout.reading.inventory import inventory
from phaseout.reading.iso_time import instant
from phaseout.reading.json_lines import TEXT, fault_of, objects, picker, without_mark
from phaseout.reading.leak import copied
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.time import parsed

_SIGN_IN: Final[dict[str, Any]] = {
    "id": TEXT,
    "createdDateTime": TEXT,
    "activityDateTime": TEXT,
    "userPrincipalName": TEXT,
    "appDisplayName": TEXT,
    "clientAppUsed": TEXT,
    "userAgent": TEXT,
    "isInteractive": TEXT,
    "status": {"errorCode": TEXT},
    "deviceDetail": {
        "deviceId": TEXT, "displayName": TEXT, "operatingSystem": TEXT, "isCompliant": TEXT, "isManaged": TEXT,
    },
}  # fmt: skip
_pick = picker({**_SIGN_IN, "time": TEXT, "category": TEXT, "resultType": TEXT, "properties": _SIGN_IN})


def _capital(name: str) -> str:
    """Return a field's name as PowerShell has it."""
    return name[0].upper() + name[1:]


_pick_powershell = picker(
    {_capital(name): shape if shape == TEXT else {_capital(inner): TEXT for inner in shape} for name, shape in _SIGN_IN.items()}
)
_POWERSHELL: Final = r'"CreatedDateTime"\s*:'
_MILLISECONDS: Final = r"^/Date\((-?\d{1,15})\)/$"


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the sign-in's own fields, or the wrapper's category."""
    fits = sum(_is_ours(found) for found in objects(lines))
    return Likeness(fits / len(lines) if lines else 0.0, f"{fits} of {len(lines)} lines are Entra records")


def _is_ours(found: dict[str, Any]) -> bool:
    if isinstance(found.get("properties"), dict):
        return "category" in found and ("resultType" in found or "operationName" in found)
    names = {name[:1].lower() + name[1:] for name in found}
    return "createdDateTime" in names and ("userPrincipalName" in names or "appDisplayName" in names)


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Take the fields out of each object, from within the wrapper where there is one."""
    plain = without_mark(lines.line)
    capital = ibis.ifelse(plain.re_search(_POWERSHELL), plain, ibis.null("string"))
    read = lines.mutate(all=_pick(plain), capital=_pick_powershell(capital))
    read = read.mutate(inner=read.all["properties"])
    both = {
        name: ibis.coalesce(read.inner[name], read.all[name], read.capital[_capital(name)])
        for name in _SIGN_IN
        if isinstance(_SIGN_IN[name], str)
    }
    device = {
        name: ibis.coalesce(
            read.inner["deviceDetail"][name], read.all["deviceDetail"][name], read.capital["DeviceDetail"][_capital(name)]
        )
        for name in _SIGN_IN["deviceDetail"]
    }
    read = read.mutate(
        **both,
        **device,
        category=read.all["category"],
        code=ibis.coalesce(
            read.inner["status"]["errorCode"],
            read.all["status"]["errorCode"],
            read.capital["Status"]["ErrorCode"],
            read.all["resultType"].nullif(""),
        ),
        stamp=ibis.coalesce(both["createdDateTime"], both["activityDateTime"], read.all["time"]),
    )
    counted = read.stamp.re_extract(_MILLISECONDS, 1).nullif("").try_cast("int64")
    at = ibis.coalesce(instant(read.stamp), parsed(read.stamp, "%m/%d/%Y %I:%M:%S %p"), (counted // 1000).as_timestamp("s"))
    fault = fault_of(read.line, at)
    managed = (read.isManaged == "true") | (read.isCompliant == "true")
    agent = read.userAgent.nullif("")
    detail = inventory(
        os=read.operatingSystem.nullif("Unknown"),
        name=ibis.ifelse(managed, read.displayName, ibis.null("string")),
        managed=ibis.ifelse(managed, "yes", "no"),
    )
    return read.select(
        "row", "category", at=at, fault=fault, line=copied(read.line, fault), record=read.id,
        login=read.userPrincipalName.nullif(""),
        app=ibis.coalesce(read.appDisplayName, read.clientAppUsed).notnull().cast("string"),
        failed=(read.code != "0").cast("string"),
        alone=read.isInteractive, user_agent=agent, device_id=read.deviceId.nullif(""),
        inventory=ibis.ifelse(managed | agent.isnull(), detail, ibis.null("string")),
    )  # fmt: skip


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct record is."""
    is_program = found.category.isin(("ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs"))
    is_sign_in = ibis.ifelse(found.category.isnull(), found.app == "true", found.category.endswith("SignInLogs"))
    by_itself = (found.category == "NonInteractiveUserSignInLogs") | (found.alone == "false")
    return found.mutate(
        ignored=ibis.cases(
            (is_program, "a program signed in, nobody"),
            (~is_sign_in, "not a sign-in"),
            (found.failed.isnull(), "a sign-in without a result"),
            else_=ibis.null("string"),
        ),
        service=ibis.literal("sign-in"),
        protocol=ibis.literal("sign-in"),
        action=ibis.ifelse(by_itself, "presence", "use"),
        outcome=ibis.ifelse(found.failed == "true", "failure", "success"),
    )


READER = Reader(
    id="entra",
    title="Microsoft Entra sign-ins (JSON lines)",
    clock=Clock.UTC,
    exported=True,
    doors=("sign-in",),
    detect=detect,
    rows=rows,
    meaning=meaning,
)
