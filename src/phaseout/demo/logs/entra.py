"""Sign-ins to Microsoft 365: first as the directory's own objects, later in the wrapper of an event hub."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import iso_utc, thousandth
from phaseout.demo.clients import browser
from phaseout.demo.devices import Owned
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, guid, log_file, moments

_SYSTEMS: Final = {
    "ios": "Ios",
    "ipados": "Ios",
    "macos": "MacOs",
    "android": "Android",
    "windows": "Windows10",
    "linux": "Linux",
}
"""How the directory writes systems; others are empty."""


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make both files."""
    middle = days[len(days) // 2]
    numbers = itertools.count()
    lines = [line for deed in deeds for line in _lines(deed, middle, numbers)]
    lines += _noise(days, chance)
    lines.sort(key=by_time)
    found = Written(planted=[_planted(deed) for deed in deeds])
    bare = [line for line in lines if not _is_wrapped(line[0], middle)]
    for path, part in (("entra/signins.jsonl", bare), ("entra/eventhub.jsonl", lines[len(bare) :])):
        if part:
            found.files.append(log_file(path, "entra", part))
    return found


def _is_wrapped(at: int, middle: int) -> bool:
    return at // 86400 >= middle


def _agent(device: Owned) -> str:
    """Return the agent: a phone signs in by a program that shows the page inside itself."""
    if device.model.banned:
        return browser(device.model).agent.partition(" Version/")[0] + " Mobile/15E148"
    return browser(device.model).agent


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    clues = {"user_agent": _agent(deed.device)}
    return Planted(deed, "entra", deed.member.address, "sign-in", browser(deed.device.model).tells, clues)


def _lines(deed: Deed, middle: int, numbers: Iterator[int]) -> Iterator[Line]:
    """Write one deed."""
    for at in deed.at:
        yield at, _text(at, _sign_in(at, next(numbers), deed), wrapped=_is_wrapped(at, middle)), ACCESS


def _sign_in(at: int, number: int, deed: Deed) -> dict[str, object]:
    """Return one sign-in as the directory's object."""
    model, failed = deed.device.model, deed.action == "attempt"
    return {
        "id": guid(at, number),
        "createdDateTime": f"{iso_utc(at)}.{thousandth(at)}Z",
        "userDisplayName": deed.member.name,
        "userPrincipalName": deed.member.address,
        "appDisplayName": "Outlook Mobile" if model.form == "phone" else "One Outlook Web",
        "resourceDisplayName": "Office 365 Exchange Online",
        "ipAddress": deed.device.address,
        "clientAppUsed": "Mobile Apps and Desktop clients" if model.form == "phone" else "Browser",
        "userAgent": _agent(deed.device),
        "isInteractive": True,
        "status": {"errorCode": 50126 if failed else 0, "failureReason": "Invalid username or password." if failed else "Other."},
        "deviceDetail": {
            "deviceId": "", "displayName": "", "operatingSystem": _SYSTEMS.get(model.platform, ""),
            "browser": "Mobile Safari" if model.banned else "Edge 128.0.0", "isCompliant": False, "isManaged": False,
            "trustType": "",
        },
    }  # fmt: skip


def _text(at: int, properties: dict[str, object], *, wrapped: bool) -> str:
    """Write one line, in the event hub's wrapper or bare."""
    if not wrapped:
        return json.dumps(properties, separators=(",", ":"), ensure_ascii=False)
    status = properties["status"]
    code = status["errorCode"] if isinstance(status, dict) else 0
    event = {
        "time": f"{iso_utc(at + 240)}.0000000Z",
        "resourceId": "/tenants/0f1e2d3c-0000-4000-a000-5b6a79880000/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "category": "SignInLogs",
        "resultType": str(code),
        "callerIpAddress": properties["ipAddress"],
        "properties": properties,
    }
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


def _noise(days: range, chance: Random) -> Iterator[Line]:
    """Write what is broken."""
    for at in moments(days, 0.06, chance):
        yield at, f'{{"createdDateTime":"{iso_utc(at)}","userPrinc', REJECTED


WRITER: Final = Writer("entra", lambda deed: deed.member.system == "m365" and deed.door == "sign-in", _write)
