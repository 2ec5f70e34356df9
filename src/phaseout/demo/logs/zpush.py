"""The demo's two Z-Push servers: an old one with version 2.2, which proves nobody, and one with 2.6 that logs too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import AHEAD, clock, day_of, local_day
from phaseout.demo.clients import activesync, type_tells
from phaseout.demo.devices import Tells
from phaseout.demo.life import Deed
from phaseout.demo.writing import ACCESS, REJECTED, Line, Planted, Writer, Written, by_time, log_file, moments

_LEAKED: Final = "cHJlc3NAZXhhbXBsZS5vcmc6ZGVtby1zZWNyZXQ="
"""A password as a debug log leaks it; it must surface nowhere."""


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make both servers' logs; the regional office has the old one."""
    found = Written(planted=[_planted(deed) for deed in deeds if not _is_lost(deed)])
    for folder, is_old in (("zpush-north", True), ("zpush", False)):
        lines = [line for deed in deeds if _is_old(deed) is is_old and not _is_lost(deed) for line in _lines(deed)]
        lines += _noise(days, chance, is_old=is_old)
        lines.sort(key=by_time)
        found.files.append(log_file(f"{folder}/z-push.log", "zpush", lines))
    return found


def _is_old(deed: Deed) -> bool:
    return len(deed.member.unit) > 1 and deed.member.unit[1] == "Regional Offices"


def _is_lost(deed: Deed) -> bool:
    """Whether nothing is logged: what 2.2 refused, for it does not say how a request ended."""
    return _is_old(deed) and deed.action == "attempt"


def _user(deed: Deed) -> str:
    """Return the name as a device gives it."""
    return deed.member.user if deed.device.number % 3 else deed.member.address


def _planted(deed: Deed) -> Planted:
    """Say what the log shows of a deed."""
    kind = activesync(deed.device).device_type
    if deed.command == "OPTIONS":
        return Planted(deed, "zpush", _user(deed), "activesync", Tells.NOTHING, {})
    action = "claim" if _is_old(deed) and deed.action == "use" else ""
    clues = {"activesync": kind}
    return Planted(deed, "zpush", _user(deed), "activesync", type_tells(kind), clues, deed.device.device_id, action)


def _stamp(at: int) -> str:
    return f"{day_of(local_day(at)):%d/%m/%Y} {clock(at + AHEAD)}"


def _lines(deed: Deed) -> Iterator[Line]:
    """Write one deed: one line by 2.2, an opening and a closing one by 2.6."""
    user, device, kind = _user(deed), deed.device, activesync(deed.device).device_type
    command = "Sync" if deed.command == "refused" else deed.command
    is_options = command == "OPTIONS"
    told = ("", "", "") if is_options else (command, device.device_id, kind)
    method = "OPTIONS" if is_options else "POST"
    named = "" if is_options else user
    for at in deed.at:
        pid = f"{at % 30000:5d}"
        if _is_old(deed):
            start = f"Version='2.2.8' method='{method}' from='{device.address}' cmd='{told[0]}'"
            text = f"{start} getUser='{named}' devId='{told[1]}' devType='{told[2]}'"
            yield at, f"{_stamp(at)} [{pid}] [ INFO] [{user}] {text}", ACCESS
            continue
        code = "401" if deed.action == "attempt" else "200"
        who = f"devType='{told[2]}' devId='{told[1]}' getUser='{named}' from='{device.address}'"
        yield at, f"{_stamp(at)} [{pid}] [DEBUG] cmd='{told[0]}' {who} version='2.6.4+0' method='{method}'", "opening"
        spent = f"memory='2.15 MiB/2.00 MiB' time='0.{at % 90 + 10}s' {who} idle='0s'"
        end = f"version='2.6.4+0' method='{method}' httpcode='{code}'"
        yield at, f"{_stamp(at)} [{pid}] [ INFO] [{user}] cmd='{told[0]}' {spent} {end}", ACCESS


def _noise(days: range, chance: Random, *, is_old: bool) -> Iterator[Line]:
    """Write the lines that are nobody's use, one with a password in it, and those that are broken."""
    texts = (
        "[DEBUG] [press@example.org] SyncParameters->getFolderType(): CLASS: Email",
        f"[DEBUG] apache_request_headers(): 'Authorization' => 'Basic {_LEAKED}', 'User-Agent' => 'Apple-iPhone14C2/2107.93'",
        "[WBXML] [press@example.org] I <Sync>",
        "[ WARN] [press@example.org] SyncCollections->CheckForChanges(): Waiting for store changes... (lifetime 600 seconds)",
    )
    kept = texts[:1] if is_old else texts
    for number, at in enumerate(moments(days, 2.0, chance)):
        yield at, f"{_stamp(at)} [{at % 30000:5d}] {kept[number % len(kept)]}", "the server's own"
    for at in moments(days, 0.05, chance):
        yield at, f"{_stamp(at)[:7]}", REJECTED


WRITER: Final = Writer("zpush", lambda deed: deed.member.system == "zpush", _write)
