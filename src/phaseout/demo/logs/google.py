"""Google Workspace's activities: the mobile devices' own events, and sign-ins, which never tell a device."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import iso_utc, thousandth
from phaseout.demo.devices import Tells
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, log_file, moments


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make one file for devices and one for sign-ins."""
    found = Written(planted=[_planted(deed) for deed in deeds])
    numbers = itertools.count()
    for door, path in (("mobile-management", "google/mobile.jsonl"), ("sign-in", "google/login.jsonl")):
        lines = [line for deed in deeds if deed.door == door for line in _lines(deed, numbers)]
        lines += _noise(days, chance, door, numbers)
        lines.sort(key=by_time)
        found.files.append(log_file(path, "google", lines))
    return found


def _inventory(deed: Deed) -> dict[str, str]:
    """Return what the device's own agent reports."""
    model = deed.device.model
    system = {"ios": "iOS", "ipados": "iPadOS", "android": "Android"}.get(model.platform, model.platform)
    return {
        "DEVICE_ID": deed.device.device_id.lower(),
        "DEVICE_MODEL": model.model_id,
        "DEVICE_TYPE": "IOS" if model.banned else "ANDROID",
        "OS_VERSION": f"{system} {model.version}".strip(),
        "SERIAL_NUMBER": f"DEMO{deed.device.number:06d}",
        "USER_EMAIL": deed.member.address,
    }


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    if deed.door == "sign-in":
        return Planted(deed, "google", deed.member.address, "sign-in", Tells.NOTHING, {})
    told = _inventory(deed)
    clues = {"inventory": f"model={told['DEVICE_MODEL']}; os={told['OS_VERSION']}"}
    return Planted(deed, "google", deed.member.address, "mobile-management", Tells.ALL, clues, told["DEVICE_ID"])


def _activity(
    at: int, number: int, application: str, actor: str, address: str, kind: str, name: str, parameters: dict[str, str]
) -> str:
    """Write one activity."""
    record = {
        "kind": "admin#reports#activity",
        "id": {
            "time": f"{iso_utc(at)}.{thousandth(at)}Z",
            "uniqueQualifier": str(at * 7919 + number),
            "applicationName": application,
            "customerId": "C00demo00",
        },
        "etag": '"demo"',
        "actor": {"email": actor, "profileId": "100000000000000000001"},
        "ipAddress": address,
        "events": [
            {"type": kind, "name": name, "parameters": [{"name": key, "value": value} for key, value in parameters.items()]}
        ],
    }
    return json.dumps(record, separators=(",", ":"))


def _lines(deed: Deed, numbers: Iterator[int]) -> Iterator[Line]:
    """Write one deed."""
    user, rip = deed.member.address, deed.device.address
    for at in deed.at:
        if deed.door == "sign-in":
            name = "login_failure" if deed.action == "attempt" else "login_success"
            yield at, _activity(at, next(numbers), "login", user, rip, "login", name, {"login_type": "google_password"}), ACCESS
        else:
            name = "DEVICE_REGISTER_UNREGISTER_EVENT" if deed.command == "account" else "DEVICE_SYNC_EVENT"
            more = {"ACCOUNT_STATE": "REGISTERED"} if deed.command == "account" else {}
            yield at, _activity(at, next(numbers), "mobile", user, rip, "device_updates", name, _inventory(deed) | more), ACCESS


def _noise(days: range, chance: Random, door: str, numbers: Iterator[int]) -> Iterator[Line]:
    """Write what administrators do, and what is broken."""
    for at in moments(days, 0.4, chance):
        if door == "sign-in":
            yield (
                at,
                _activity(
                    at,
                    next(numbers),
                    "admin",
                    "admin@example.org",
                    "192.0.2.5",
                    "USER_SETTINGS",
                    "CREATE_USER",
                    {"USER_EMAIL": "new@example.org"},
                ),
                "not use",
            )
        else:
            yield (
                at,
                _activity(
                    at,
                    next(numbers),
                    "drive",
                    "admin@example.org",
                    "192.0.2.5",
                    "acl_change",
                    "change_user_access",
                    {"doc_id": "demo"},
                ),
                "not use",
            )
    for at in moments(days, 0.04, chance):
        yield at, f'{{"kind":"admin#reports#activity","id":{{"time":"{iso_utc(at)}', REJECTED


WRITER: Final = Writer("google", lambda deed: deed.member.system == "google", _write)
