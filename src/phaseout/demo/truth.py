"""The truth about the logs: every planted use, and what the order means for it, said without the product's own judge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from msgspec import Struct

from phaseout.demo.calendar import iso_day, local_day, moment
from phaseout.demo.devices import Tells
from phaseout.demo.order import RULES, Granted, Rule, reaches
from phaseout.demo.staff import Member
from phaseout.demo.writing import ACCESS, REJECTED, REPEAT, LogFile, Planted

SILENT: Final = ("permitted", "not covered")
"""What an order says when it says nothing against a use."""


class Meant(Struct, frozen=True):
    """What one clause means for one use."""

    verdict: str
    waived: bool


def meant(rule: Rule, shown: Planted, day: int, waivers: Sequence[Granted]) -> Meant:
    """Say what a clause means for a use on a day."""
    member = shown.deed.member
    if not reaches(rule.clause, member) or day < rule.starts or shown.deed.service not in rule.services:
        return Meant("not covered", waived=False)
    waived = any(waiver.covers(member, rule.clause, day) for waiver in waivers)
    return Meant(_verdict(rule, shown, day), waived=waived)


def _verdict(rule: Rule, shown: Planted, day: int) -> str:
    """Say what a clause in force means for somebody whom it reaches."""
    action = shown.action or shown.deed.action
    if action not in {"use", "claim"}:
        return "permitted"
    known = _is_meant(rule, shown)
    if known is None:
        return "cannot tell"
    if not known:
        return "permitted"
    if action == "claim":  # nobody has proven who it was
        return "cannot tell"
    return "advised" if rule.deadline is None or day < rule.deadline else "violation"


def _is_meant(rule: Rule, shown: Planted) -> bool | None:
    """Say whether the evidence shows a device that the clause means; None when it does not tell."""
    model = shown.deed.device.model
    if shown.tells is Tells.NOTHING:
        return None
    if shown.tells is Tells.MAKER:
        return None if rule.means == "apple" else False  # Apple makes no Android
    if rule.means == "apple":
        return model.banned
    return None if shown.tells is Tells.PLATFORM and model.platform == "android" else model.old


def truth_lines(planted: Sequence[Planted], waivers: Sequence[Granted]) -> Iterator[str]:
    """Give the truth as JSON lines: one for each planted use and each stretch of days that the order treats alike."""
    for shown in planted:
        instants = shown.at or shown.deed.at
        by_day = {day: _on(shown, day, waivers) for day in dict.fromkeys(map(local_day, instants))}
        for (expected, employed), part in groupby(instants, key=lambda at: by_day[local_day(at)]):
            yield json.dumps(_record(shown, tuple(part), expected, employed=employed), ensure_ascii=False)


def _on(shown: Planted, day: int, waivers: Sequence[Granted]) -> tuple[tuple[Meant, ...], bool]:
    """Return what all clauses mean on a day, and whether the person is in the ministry then."""
    return tuple(meant(rule, shown, day, waivers) for rule in RULES), shown.deed.member.works_on(day)


def _record(shown: Planted, at: tuple[int, ...], expected: tuple[Meant, ...], *, employed: bool) -> dict[str, object]:
    """Return one line of the truth."""
    deed, model, days = shown.deed, shown.deed.device.model, sorted({local_day(each) for each in at})
    action = shown.action or deed.action
    return {
        "person": deed.member.id or None,
        "account": deed.member.kind,
        "employed": employed,
        "login": shown.login,
        "format": shown.format,
        "repeat_in": list(shown.also_in),
        "service": deed.service,
        "protocol": shown.protocol,
        "action": action,
        "outcome": "failure" if action == "attempt" else "success",
        "device_id": shown.device_id or None,
        "device": {
            "number": deed.device.number,
            "name": model.name,
            "maker": model.maker or None,
            "platform": model.platform,
            "form_factor": model.form,
            "app": deed.device.app,
        },
        "tells": shown.tells.value,
        "clues": dict(shown.clues),
        "first": moment(at[0]),
        "last": moment(at[-1]),
        "count": len(at),
        "days": [iso_day(day) for day in days],
        "expect": {
            rule.clause: {
                "verdict": each.verdict,
                "waived": each.waived and each.verdict not in SILENT,
                "counted": 0 if each.verdict in SILENT else len(at),
            }
            for rule, each in zip(RULES, expected, strict=True)
        },
    }


def totals(files: Sequence[LogFile], members: Sequence[Member], waivers: Sequence[Granted]) -> str:
    """Return what becomes of the lines of every log, and what the demo counts on."""
    logs = {}
    for file in files:
        fates = dict(file.fates)
        repeats = fates.pop(REPEAT, 0)
        accesses, rejected = fates.pop(ACCESS, 0) + repeats, fates.pop(REJECTED, 0)
        logs[f"logs/{file.path}"] = {
            "format": file.format,
            "lines": sum(file.fates.values()),
            "accesses": accesses,
            "repeats": repeats,
            "rejected": rejected,
            "ignored": sum(fates.values()),
            "ignored_as": dict(sorted(fates.items())),
        }
    about = {
        "people": sum(member.kind == "person" for member in members),
        "waivers": [waiver.id for waiver in waivers],
        "logs": dict(sorted(logs.items())),
    }
    return json.dumps(about, indent=1, ensure_ascii=False) + "\n"
