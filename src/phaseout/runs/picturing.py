"""How things stand by day and by unit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from phaseout.model.answer import DayCount, UnitState
from phaseout.model.person import Person
from phaseout.people.employment import works_there
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import BANNED, FIRST_PLATFORM, SEEN, VIOLATING, day_counts, day_number, days_of, people, standing
from phaseout.runs.chunk_days import EPOCH, days_in
from phaseout.runs.counting import Standing
from phaseout.runs.judging import PLATFORM_NUMBERS, Judged, State
from phaseout.runs.numbering import Numbered

_STATES: Final = {int(state): state for state in State}
"""States by their numbers: tens of thousands are looked up, which the enumeration itself does in Python."""

_PLATFORMS: Final = {number: platform for platform, number in PLATFORM_NUMBERS.items()}


class Picture(Struct, frozen=True):
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


def pictured(engine: Engine, table: Table, judged: Judged, numbered: Numbered) -> Picture:
    """Count by day, and find each person's worst state."""
    stood = engine.keep("stood", standing, table, judged.states, judged.platforms, State.CLEAN.value)
    found = engine.ask(people, stood)
    numbers = found.column("person").to_pylist()
    return Picture(
        days=_days(engine, stood),
        state=dict(zip(numbers, map(_STATES.__getitem__, found.column("state").to_pylist()), strict=True)),
        accesses=dict(zip(numbers, found.column("n").to_pylist(), strict=True)),
        outside=_outside(engine, stood, numbered),
    )


def _days(engine: Engine, stood: Table) -> tuple[DayCount, ...]:
    """Count the people of each day; who uses two platforms on a day counts for both."""
    counts: dict[date, dict[int, int]] = defaultdict(dict)
    for row in engine.ask(day_counts, stood, State.VIOLATING.value).to_pylist():
        counts[EPOCH + timedelta(days=day_number(row["chunk"], row["bit"]))][row["label"]] = row["people"]
    if not counts:
        return ()
    first, last = min(counts), max(counts)
    return tuple(_day(day, counts.get(day, {})) for day in (first + timedelta(days=n) for n in range((last - first).days + 1)))


def _day(day: date, counts: Mapping[int, int]) -> DayCount:
    platforms = sorted((label - FIRST_PLATFORM, people) for label, people in counts.items() if label >= FIRST_PLATFORM)
    return DayCount(
        day=day,
        banned=counts.get(BANNED, 0),
        violating=counts.get(VIOLATING, 0),
        seen=counts.get(SEEN, 0),
        platforms={_PLATFORMS[number]: people for number, people in platforms},
    )


def _outside(engine: Engine, stood: Table, numbered: Numbered) -> dict[str, int]:
    """Count the days on which people were seen before they came or after they left."""
    staff = enumerate(numbered.people[: numbered.staff])
    bounded = [number for number, person in staff if person.starts is not None or person.ends is not None]
    if not bounded:
        return {}
    some = engine.give("bounded", plain_table({"person": NUMBER}, [bounded]))
    found: Counter[str] = Counter()
    for row in engine.ask(days_of, stood, some).to_pylist():
        person = numbered.people[row["person"]]
        found[person.id] += sum(not works_there(person, day) for day in days_in(row["chunk"], row["days"]))
    return {person: count for person, count in sorted(found.items()) if count}


def units(staff: Iterable[Person], state: Mapping[int, State], standing: Sequence[Standing]) -> tuple[UnitState, ...]:
    """Say how each unit stands; accounts that are nobody's own are left out.

    Args:
        staff: the staff list.
        state: of each person seen, by number.
        standing: whether each of the staff list counts.
    """
    stood = Counter(
        (person.unit, standing[number] if standing[number] is not Standing.COUNTED else state.get(number))
        for number, person in enumerate(staff)
    )
    counts: dict[tuple[str, ...], Counter[State | Standing | None]] = defaultdict(Counter)
    for (unit, each), many in stood.items():
        if each is not Standing.ACCOUNT:
            counts[unit][each] = many
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
            not_reached=each[Standing.NOT_REACHED],
            not_there=each[Standing.NOT_THERE],
        )
        for unit, each in sorted(counts.items())
    )
