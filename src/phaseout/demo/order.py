"""The ministry's order and the exceptions from it, as files; and its dates as the demo itself counts with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from phaseout.demo.calendar import ZONE, day_number
from phaseout.demo.names import MINISTRY
from phaseout.demo.staff import PRESS, TESTER, Member

FIRST_DEPARTMENTS: Final = ("Department of Administration", "Department of Digital Development")
REGIONS: Final = "Regional Offices"


class Rule(Struct, frozen=True):
    """What the demo must know of a clause to say what it means, apart from the product's own judge.

    Attributes:
        clause: its id.
        means: ``apple`` or ``old``, the device class.
        services: the work services that it is about.
        starts: the number of the first day in force.
        deadline: the number of the first day on which use is a violation; None for a recommendation.
    """

    clause: str
    means: str
    services: tuple[str, ...]
    starts: int
    deadline: int | None


_ALL: Final = ("mail", "calendar", "contacts", "files", "sign-in")

RULES: Final = (
    Rule("1.1", "apple", _ALL, day_number(date(2026, 8, 17)), day_number(date(2026, 9, 1))),
    Rule("1.2", "apple", _ALL, day_number(date(2026, 9, 1)), day_number(date(2026, 10, 1))),
    Rule("2", "apple", _ALL, day_number(date(2026, 10, 1)), None),
    Rule("3", "old", ("mail", "calendar", "contacts"), day_number(date(2026, 9, 15)), day_number(date(2026, 9, 15))),
)
"""The clauses, in the order of the file."""


def reaches(clause: str, member: Member) -> bool:
    """Whether a clause is addressed to somebody; one whom no list knows is only among everyone."""
    if member.kind == "unknown" or clause == "3":
        return clause in {"1.2", "3"}
    department = member.unit[1] if len(member.unit) > 1 else ""
    if clause == "2":
        return department == REGIONS
    first = department in FIRST_DEPARTMENTS
    return TESTER not in member.roles and (first if clause == "1.1" else not first and department != REGIONS)


class Granted(Struct, frozen=True):
    """A waiver: for one person, or for all who have a role."""

    id: str
    clause: str
    category: str
    reason: str
    granted_by: str
    starts: date
    until: date
    person: str = ""
    role: str = ""

    def covers(self, member: Member, clause: str, day: int) -> bool:
        """Whether it excepts somebody from a clause on a day."""
        meant = (bool(self.person) and member.id == self.person) or (bool(self.role) and self.role in member.roles)
        return meant and clause == self.clause and day_number(self.starts) <= day <= day_number(self.until)


def exceptions(early: Member, late: Member) -> tuple[Granted, ...]:
    """Return the waivers.

    Args:
        early: somebody of the first departments whose waiver ends meanwhile.
        late: somebody of the others whose waiver lasts longer than the logs.
    """
    return (
        Granted(
            "W-1", "1.1", "accessibility", "Uses a reading aid that has no replacement yet.", "head of personnel",
            date(2026, 9, 1), date(2026, 9, 30), person=early.id,
        ),
        Granted(
            "W-2", "1.2", "travel", "Abroad with a delegation; the replacement waits at home.", "minister",
            date(2026, 10, 1), date(2026, 12, 15), person=late.id,
        ),
        Granted(
            "W-3", "1.2", "duty", "Publishes from events until the new phones are set up.", "minister",
            date(2026, 10, 1), date(2026, 10, 20), role=PRESS,
        ),
    )  # fmt: skip


_STAGES_FIRST: Final = (
    ("'*'", "observe", "2026-08-17"), ("'*'", "warn", "2026-09-01"), ("activesync", "observe", "2026-08-17"),
    ("activesync", "warn", "2026-09-01"), ("activesync", "quarantine", "2026-11-02"), ("activesync", "block", "2026-11-16"),
)  # fmt: skip
_STAGES_ALL: Final = (
    ("'*'", "observe", "2026-09-01"), ("'*'", "warn", "2026-10-01"), ("imap", "observe", "2026-09-01"),
    ("imap", "warn", "2026-10-01"), ("imap", "block", "2026-11-16"),
)  # fmt: skip


def _clause(text: str, rule: Rule, who: str, stages: Sequence[tuple[str, str, str]] = (), more: str = "") -> str:
    """Write one clause."""
    strength = "should" if rule.deadline is None else "must"
    lines = [f"  - id: '{rule.clause}'", f"    text: {text}", f"    strength: {strength}", f"    who: {who}"]
    lines.append(f"    devices: {CLASSES[rule.means]}")
    lines.append(f"    services: [{', '.join(rule.services)}]")
    lines.append(f"    from: {_iso(rule.starts)}")
    if rule.deadline is not None and rule.deadline != rule.starts:
        lines.append(f"    deadline: {_iso(rule.deadline)}")
    if stages:
        lines.append("    stages:")
        lines.extend(f"      - {{door: {door}, do: {kind}, from: {day}}}" for door, kind, day in stages)
    return "\n".join([*lines, f"    sources: [order-12]{more}"])


def _iso(day: int) -> str:
    return date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat()


CLASSES: Final[Mapping[str, str]] = {"apple": "apple-mobile", "old": "old-android"}
"""Device classes of the file by what the demo calls them."""

_HEAD: Final = f"""\
# An invented order of an invented ministry.
id: examples-12
title: Replacement of Apple phones and tablets at work
issuer: {MINISTRY}
version: '1.1'
issued: 2026-08-10
time_zone: {ZONE}
summary: >-
  Work mail, calendars, contacts and files are no longer opened on Apple phones and tablets;
  two departments go first, all others follow, the regional offices are advised to.
why: The ministry cannot manage these devices with the tools that it has.
sources:
  - id: order-12
    title: Order No. 12 of the {MINISTRY}
    by: {MINISTRY}
    on: 2026-08-10
    url: https://www.example.org/orders/12
    status: official
  - id: notice
    title: Notice on the intranet
    by: Press office
    on: 2026-08-12
    status: confirmed
    note: Says which phones are handed out instead.
amendments:
  - {{version: '1.1', on: 2026-08-14, summary: Adds clause 3 on old versions.}}
makers:
  apple: {{name: Apple}}
devices:
  {CLASSES["apple"]}:
    title: Apple phones and tablets
    is: {{maker: apple, platform: [ios, ipados]}}
  {CLASSES["old"]}:
    title: phones and tablets with Android below 13
    is: {{platform: android, version: {{below: '13'}}}}
replacements:
  android:
    name: Android phone from the approved list
    platforms: android
    how: At the service desk, against the old one or without.
  aurora:
    name: Aurora phone
    platforms: aurora
    how: On application of the head of division.
    note: For divisions that handle papers for official use only.
waivers:
  accessibility: {{title: The replacement cannot be used with an impairment, granted_by: head of personnel, longest_days: 60}}
  travel: {{title: On mission abroad, granted_by: [minister, head of personnel], longest_days: 90}}
  duty: {{title: Duty that cannot be interrupted, granted_by: minister, longest_days: 30}}
clauses:
"""


def directive_yaml() -> str:
    """Return the order as a directive's file."""
    first = ", ".join(f"{MINISTRY} / {name}" for name in FIRST_DEPARTMENTS)
    others = f"{{everyone: true, but_not: {{units: [{first}, {MINISTRY} / {REGIONS}], roles: [{TESTER}]}}}}"
    swap = "\n    personal_use_allowed: true\n    replacements: [android, aurora]"
    clauses = (
        _clause(
            "From 1 September 2026, staff of the departments named shall not use Apple phones and tablets for work.", RULES[0],
            f"{{units: [{first}], but_not: {{roles: [{TESTER}]}}}}", _STAGES_FIRST, swap,
        ),
        _clause(
            "From 1 October 2026, this holds for all staff at the seat of the ministry.", RULES[1], others, _STAGES_ALL,
            swap.replace("replacements", "summary: The same for everyone at the seat.\n    replacements"),
        ),
        _clause("The regional offices are recommended to do the same.", RULES[2], f"{{units: {MINISTRY} / {REGIONS}}}"),
        _clause(
            "From 15 September 2026, mail shall not be opened on Android below version 13.", RULES[3], "{everyone: true}",
            (("'*'", "observe", "2026-09-15"), ("'*'", "warn", "2026-10-15")),
        ),
    )  # fmt: skip
    return _HEAD + "\n".join(clauses) + "\n"


def waivers_yaml(waivers: Sequence[Granted]) -> str:
    """Return the waivers as a file."""
    lines = ["# Exceptions from the invented order examples-12.", "directive: examples-12", "waivers:"]
    for waiver in waivers:
        who = f"person: {waiver.person}" if waiver.person else f"role: {waiver.role}"
        lines += [f"  - id: {waiver.id}", f"    {who}", f"    clause: '{waiver.clause}'", f"    category: {waiver.category}"]
        lines += [f"    reason: {waiver.reason}", f"    granted_by: {waiver.granted_by}"]
        lines += [f"    from: {waiver.starts.isoformat()}", f"    until: {waiver.until.isoformat()}"]
    return "\n".join(lines) + "\n"
