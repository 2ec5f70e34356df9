"""How things stand by day and by unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis.expr.types as ir

from phaseout.model.answer import DayCount, UnitState
from phaseout.model.person import AccountKind, Person
from phaseout.people.employment import works_there
from phaseout.reading.engine import Engine
from phaseout.reading.questions import day_number, person_days
from phaseout.runs.judging import PLATFORM_NUMBERS, State
from phaseout.runs.numbering import Numbered

EPOCH: Final = date(1970, 1, 1)

_PLATFORMS: Final = {number: platform for platform, number in PLATFORM_NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Picture:
    """What was used when, and by whom.

    Attributes:
        days: in order, from the first to the last that any log shows.
        state: of each person seen, by number.
        accesses: of each person seen, by number.
        outside: on how many days each person was seen outside the days in the organisation, by id; only where any.
    """

    days: tuple[DayCount, ...]
    state: Mapping[int, State]
    accesses: Mapping[int, int]
    outside: Mapping[str, int]


def days_in(chunk: int, bits: int) -> Iterable[date]:
    """Give the days that a chunk's bits stand for."""
    while bits:
        low = bits & -bits
        yield EPOCH + timedelta(days=day_number(chunk, low.bit_length() - 1))
        bits ^= low


def pictured(engine: Engine, table: ir.Table, states: ir.Table, numbered: Numbered) -> Picture:
    """Count by day, and find each person's worst state."""
    rows = engine.ask(person_days(table, states)).to_pylist()
    state: dict[int, State] = {}
    accesses: Counter[int] = Counter()
    for row in rows:
        person = row["person"]
        state[person] = max(state.get(person, State.CLEAN), State(row["state"]))
        accesses[person] += row["n"]
    return Picture(_days(rows), state, accesses, _outside(rows, numbered))


def _days(rows: list[dict[str, Any]]) -> tuple[DayCount, ...]:
    """Count the people of each day; who uses two platforms on a day counts for both."""
    banned = _people_by_day(row for row in rows if row["banned"] == 1)
    violating = _people_by_day(row for row in rows if row["state"] == State.VIOLATING)
    seen = _people_by_day(rows)
    platforms = {
        name: _people_by_day(row for row in rows if row["platform"] == number)
        for number, name in _PLATFORMS.items()
        if any(row["platform"] == number for row in rows)
    }
    if not seen:
        return ()
    first, last = min(seen), max(seen)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(
        DayCount(
            day=day,
            banned=banned.get(day, 0),
            violating=violating.get(day, 0),
            seen=seen.get(day, 0),
            platforms={name: counts[day] for name, counts in platforms.items() if day in counts},
        )
        for day in days
    )


def _people_by_day(rows: Iterable[Mapping[str, Any]]) -> dict[date, int]:
    """Count each person once a day."""
    bits: dict[tuple[int, int], int] = defaultdict(int)
    for row in rows:
        bits[row["person"], row["chunk"]] |= row["days"]
    # Few patterns of days are distinct next to the people who share them.
    patterns = Counter((chunk, days) for (_, chunk), days in bits.items())
    counts: Counter[date] = Counter()
    for (chunk, days), people in patterns.items():
        for day in days_in(chunk, days):
            counts[day] += people
    return dict(counts)


def _outside(rows: Iterable[Mapping[str, Any]], numbered: Numbered) -> dict[str, int]:
    """Count the days on which people were seen before they came or after they left."""
    bits: dict[tuple[int, int], int] = defaultdict(int)
    for row in rows:
        if row["person"] < numbered.staff:
            bits[row["person"], row["chunk"]] |= row["days"]
    found: Counter[str] = Counter()
    for (number, chunk), days in bits.items():
        person = numbered.people[number]
        if person.starts is None and person.ends is None:
            continue
        found[person.id] += sum(not works_there(person, day) for day in days_in(chunk, days))
    return {person: count for person, count in sorted(found.items()) if count}


def units(people: Iterable[Person], state: Mapping[int, State]) -> tuple[UnitState, ...]:
    """Say how each unit stands; accounts that are nobody's own are left out."""
    counts: dict[tuple[str, ...], Counter[State | None]] = defaultdict(Counter)
    for number, person in enumerate(people):
        if person.kind is AccountKind.PERSON:
            counts[person.unit][state.get(number)] += 1
    return tuple(
        UnitState(
            unit=unit,
            people=sum(each.values()),
            violating=each[State.VIOLATING],
            waived=each[State.WAIVED],
            advised=each[State.ADVISED],
            cannot_tell=each[State.CANNOT_TELL],
            clean=each[State.CLEAN],
            never_seen=each[None],
        )
        for unit, each in sorted(counts.items())
    )
