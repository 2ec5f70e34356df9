r"""The ministry's staff: units three levels deep, managers, several logins each, some who join or leave meanwhile."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.demo.calendar import iso_day
from phaseout.demo.names import BY_DIVISION, CYRILLIC, DEPARTMENTS, GIVEN, MINISTRY, SURNAMES

COLUMNS: Final = ("id", "name", "logins", "unit", "roles", "manager", "from", "until", "kind")
"""The columns of the staff list."""

DOMAIN: Final = "example.org"
"""The ministry's mail domain."""

NETBIOS: Final = "MINEX"
"""The short name of the ministry's Windows domain."""

CYRILLIC_EVERY: Final = 23
"""Each so many-th person's name is written in Cyrillic letters."""

JOINS, LEAVES, SILENT = 31, 29, 17
"""Each so many-th person joins or leaves meanwhile, or never appears in any log."""

TESTER: Final = "device tester"
PRESS: Final = "press officer"


class Member(Struct, frozen=True):
    r"""One entry of the staff list, and what the demo knows beside.

    Attributes:
        id: such as ``P0007``.
        name: for people.
        user: the bare login name, ``aalder``; with ``MINEX\`` before it or ``@example.org`` behind it.
        unit: the path from the ministry down.
        system: which mail system has the mailbox.
        roles: names of roles.
        manager: another member's id, or empty.
        starts: the number of the first day in the ministry, or None.
        ends: the number of the last day in the ministry, or None.
        kind: ``person``, ``shared`` or ``service``; ``unknown`` for a login that stands on no list.
        silent: whether no log ever shows this person.
    """

    id: str
    name: str
    user: str
    unit: tuple[str, ...]
    system: str
    roles: tuple[str, ...] = ("specialist",)
    manager: str = ""
    starts: int | None = None
    ends: int | None = None
    kind: str = "person"
    silent: bool = False

    @property
    def address(self) -> str:
        """The mail address."""
        return f"{self.user}@{DOMAIN}"

    @property
    def domain_login(self) -> str:
        r"""The login as Windows writes it, ``MINEX\aalder``."""
        return f"{NETBIOS}\\{self.user}"

    def works_on(self, day: int) -> bool:
        """Whether a day lies within this person's days in the ministry."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day <= self.ends)


def staff(count: int, days: range, chance: Random) -> tuple[Member, ...]:
    """Invent the staff.

    Args:
        count: how many people.
        days: the numbers of the demo's days.
        chance: decides who is called what.

    Returns:
        The people, then the shared mailboxes and the service account, in the order of the staff list.
    """
    places = [(department, division) for department in DEPARTMENTS for division in department[3]]
    wanted = _shares(count - 1, places)
    users = _users(count, chance)
    minister = _member(0, next(users), (MINISTRY,), "iis", ("minister",), "")
    people = [minister]
    for (name, system, _, _), division in (place for place, many in zip(places, wanted, strict=True) for place in [place] * many):
        unit = (MINISTRY, name, division)
        head = next((member for member in people if member.unit == unit), None)
        roles = ("head of division",) if head is None else _roles(len(people), name)
        above = minister.id if head is None else head.id
        people.append(_member(len(people), next(users), unit, system or BY_DIVISION[division], roles, above))
    return (*(_timed(member, number, days) for number, member in enumerate(people)), *_accounts())


def _shares(count: int, places: Sequence[tuple[tuple[str, str, int, tuple[str, ...]], str]]) -> list[int]:
    """Share people out among the divisions; what rounding leaves over goes to the first ones."""
    weights = [department[2] / len(department[3]) for department, _ in places]
    wanted = [int(count * weight / sum(weights)) for weight in weights]
    for number in range(count - sum(wanted)):
        wanted[number % len(wanted)] += 1
    return wanted


def _users(count: int, chance: Random) -> Iterator[tuple[str, str]]:
    """Give names with login names of their own."""
    taken: dict[str, int] = {}
    for number in range(count):
        given, surname = chance.choice(GIVEN), chance.choice(SURNAMES)
        name, user = f"{given} {surname}", (given[0] + surname).lower()
        if number % CYRILLIC_EVERY == CYRILLIC_EVERY - 1:
            name, user = CYRILLIC[number // CYRILLIC_EVERY % len(CYRILLIC)]
            user = user.lower()
        taken[user] = taken.get(user, 0) + 1
        yield name, user if taken[user] == 1 else f"{user}{taken[user]}"


def _roles(number: int, department: str) -> tuple[str, ...]:
    """Give roles; a few people have one that the order names."""
    if department == "Department of Press" and number % 4 == 0:
        return ("specialist", PRESS)
    if department == "Department of Digital Development" and number % 12 == 0:
        return ("specialist", TESTER)
    return ("deputy head",) if number % 9 == 0 else ("specialist",)


def _member(
    number: int, name: tuple[str, str], unit: tuple[str, ...], system: str, roles: tuple[str, ...], manager: str
) -> Member:
    return Member(f"P{number:04d}", name[0], name[1], unit, system, roles, manager)


def _timed(member: Member, number: int, days: range) -> Member:
    """Let some join or leave meanwhile, and some never appear."""
    if "head of division" in member.roles or number == 0:
        return member
    middle = days[len(days) // 2]
    return replace(
        member,
        starts=middle - 20 + number % 40 if number % JOINS == 0 else None,
        ends=middle + number % 30 if number % LEAVES == 0 else None,
        silent=number % SILENT == 0,
    )


def _accounts() -> Iterator[Member]:
    """Give the mailboxes that are nobody's own."""
    unit = (MINISTRY, "Department of Administration", "Division of Records")
    yield Member("S001", "Reception", "reception", unit, "iis", ("shared mailbox",), "P0000", kind="shared")
    unit = (MINISTRY, "Department of Press", "Division of News")
    yield Member("S002", "Press office", "press", unit, "zpush", ("shared mailbox",), "P0000", kind="shared")
    unit = (MINISTRY, "Department of Digital Development", "Division of Services")
    yield Member("S003", "Scanners", "svc-scanner", unit, "httpproxy", ("service account",), "P0000", kind="service")


def staff_csv(members: Sequence[Member]) -> str:
    """Return the staff list as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for member in members:
        dates = ("" if day is None else iso_day(day) for day in (member.starts, member.ends))
        kind = "" if member.kind == "person" else member.kind
        logins = f"{member.domain_login}; {member.address}"
        writer.writerow(
            (member.id, member.name, logins, " / ".join(member.unit), "; ".join(member.roles), member.manager, *dates, kind)
        )
    return text.getvalue()
