"""Who of the demo has which device, and from when to when: some keep what is banned, some switch, some stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.demo.devices import (
    AURORA,
    FORGED,
    HARMONY,
    IPADS,
    IPHONES,
    LINUX,
    MACS,
    OLD_ANDROIDS,
    OTHER_ANDROIDS,
    SAMSUNGS,
    SCANNER,
    WINDOWS,
    Model,
    Owned,
    owned,
)
from phaseout.demo.names import MINISTRY
from phaseout.demo.staff import PRESS, Member

HABITS: Final = (
    ("keeps", 10), ("switches", 18), ("stops", 6), ("android", 31), ("old", 6), ("outlook", 7), ("gmail", 4), ("harmony", 1),
    ("aurora", 2), ("none", 15),
)  # fmt: skip
"""What people do with phones, by share in per cent: keep, change or give up an iPhone, or use something else."""

DESKS: Final = ((WINDOWS, 62), (MACS[0], 5), (MACS[1], 4), (LINUX, 6), (None, 23))
"""What stands on desks, by share in per cent."""

TABLET_EVERY: Final = 14
"""Each so many-th person has an iPad beside."""


class Holding(Struct, frozen=True):
    """One device in one person's hands.

    Attributes:
        member: the person.
        device: the device.
        days: the numbers of the days on which it may be used.
    """

    member: Member
    device: Owned
    days: range


def fleet(members: Sequence[Member], days: range, chance: Random) -> tuple[Holding, ...]:
    """Give everybody devices.

    Args:
        members: the staff, and logins that stand on no list.
        days: the numbers of the demo's days.
        chance: decides who has what.
    """
    numbers, kept = count(1), frozenset(keepers(members))
    found = []
    for place, member in enumerate(members):
        planned = list(_planned(member, place, days, chance, kept))
        for model, app, first, last in () if member.silent else planned:
            device = owned(model, app, next(numbers), chance)
            at_work = range(max(first, member.starts or first), min(last, _last(member, place, last)) + 1)
            found.append(Holding(member, device, at_work))
    return tuple(found)


def _last(member: Member, place: int, last: int) -> int:
    """Return the last day on which somebody opens mail; one in three who left goes on for a week."""
    if member.ends is None:
        return last
    return member.ends + (7 if place % 3 == 0 else 0)


def _planned(
    member: Member, place: int, days: range, chance: Random, kept: frozenset[str]
) -> Iterator[tuple[Model, str, int, int]]:
    """Give what somebody has: the model, the program, the first and the last day."""
    first, last = days[0], days[-1]
    habit = chance.choices([name for name, _ in HABITS], [share for _, share in HABITS])[0]
    desk = chance.choices([model for model, _ in DESKS], [share for _, share in DESKS])[0]
    habit = "keeps" if member.id in kept else _settled(member, place, habit)
    turn = chance.choice(days[len(days) // 6 :])
    iphone, android = chance.choice(IPHONES), chance.choice((*SAMSUNGS, *OTHER_ANDROIDS))
    if habit in {"keeps", "switches", "stops"}:
        yield iphone, "native", first, last if habit == "keeps" else turn
    if habit in {"android", "switches"}:
        yield android, "native", turn + 1 if habit == "switches" else first, last
    if habit in _OTHERS:
        yield _OTHERS[habit][place % len(_OTHERS[habit])], "native", first, last
    if habit in {"outlook", "gmail"}:
        yield android if habit == "gmail" or place % 2 else iphone, habit, first, last
    if place % TABLET_EVERY == TABLET_EVERY - 1 and member.kind == "person":
        yield chance.choice(IPADS), "native", first, turn if place % 4 else last
    if desk is not None and member.kind != "service":
        yield desk, "thunderbird" if place % 5 == 0 and desk in (WINDOWS, LINUX) else "native", first, last


_OTHERS: Final = {"old": OLD_ANDROIDS, "harmony": (HARMONY,), "aurora": (AURORA,), "forged": (FORGED,), "scanner": (SCANNER,)}


def _settled(member: Member, place: int, habit: str) -> str:
    """Fix what the demo counts on, whatever chance says."""
    if member.kind == "service":
        return "scanner"
    if member.kind in {"shared", "unknown"} or PRESS in member.roles:
        return "keeps" if member.kind != "unknown" or place % 2 == 0 else habit
    if member.id == SCRIPTER:
        return "forged"
    return habit


def keepers(members: Sequence[Member]) -> tuple[str, ...]:
    """Return people who keep their iPhones: the second of each department, so that even a small ministry has violations."""
    found: dict[str, list[str]] = {}
    for member in members:
        if member.kind == "person" and len(member.unit) > 1 and not member.silent and member.ends is None:
            found.setdefault(member.unit[1], []).append(member.id)
    return tuple(ids[1] for ids in found.values() if len(ids) > 1)


SCRIPTER: Final = "P0007"
"""Somebody whose script says that it is an iPhone."""

STRANGERS: Final = (
    ("consult1", "iis"), ("audit.guest", "httpproxy"), ("oldtemp", "dovecot"), ("intern7", "zimbra"), ("ext.lawyer", "zpush"),
    ("ext.editor", "sogo"), ("ext.trade", "dovecot-syslog"), ("ext.envoy", "m365"),
)  # fmt: skip
"""Logins that stand on no list, with their mail systems."""


def strangers() -> tuple[Member, ...]:
    """Return the logins that belong to nobody."""
    nobody = Member("", "", "", (), "", (), kind="unknown")
    return tuple(replace(nobody, user=user, system=system, unit=(MINISTRY,)) for user, system in STRANGERS)
