"""Who of the staff list counts: whom the order reaches, and who was in the organisation in the time that it is about."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from zoneinfo import ZoneInfo

from phaseout.judge.order import Order
from phaseout.model.person import AccountKind, Person
from phaseout.runs.inputs import Asked, Norms
from phaseout.runs.roster import Roster


class Standing(Enum):
    """Whether somebody of the staff list is among those whom a check ought to see."""

    COUNTED = "counted"
    NOT_REACHED = "not reached"
    """No clause reaches the person."""
    NOT_THERE = "not there"
    """The person was not in the organisation on any day of the time, nor seen."""
    ACCOUNT = "account"
    """It is an account of nobody's own."""


def standings(asked: Asked, norms: Norms, roster: Roster, seen: Container[int]) -> tuple[Standing, ...]:
    """Say of everybody on the staff list whether they count.

    The time is the one asked for; where no first day is, it begins with each person's own clauses. Who was seen was there.

    Args:
        asked: says the time.
        norms: have the order and the staff list.
        roster: says which clauses reach whom.
        seen: numbers of people whom the logs show.
    """
    order = norms.order

    @cache
    def spans(clauses: tuple[str, ...]) -> tuple[tuple[date, date], ...]:
        return tuple(dict.fromkeys(_span(asked, order, clause) for clause in clauses))

    def standing(number: int, person: Person) -> Standing:
        clauses = roster.profiles[number].clauses
        if person.kind is not AccountKind.PERSON:
            return Standing.ACCOUNT
        if not clauses:
            return Standing.NOT_REACHED
        if (person.starts is None and person.ends is None) or number in seen or _was_there(person, spans(clauses)):
            return Standing.COUNTED
        return Standing.NOT_THERE

    return tuple(standing(number, person) for number, person in enumerate(norms.people))


def last_day(before: datetime, zone: ZoneInfo) -> date:
    """Return the last local day before an instant."""
    return (before - timedelta(microseconds=1)).astimezone(zone).date()


def _span(asked: Asked, order: Order, clause_id: str) -> tuple[date, date]:
    """Return the first and the last day of the time on which a clause speaks; the time's last, where it has yet to begin."""
    clause, zone = order.by_clause[clause_id].clause, order.time_zone
    first = (asked.since or clause.starts).astimezone(zone).date()
    last = last_day(asked.end if clause.ends is None else min(asked.end, clause.ends), zone)
    return (first, last) if first <= last else (last_day(asked.end, zone),) * 2


def _was_there(person: Person, spans: Iterable[tuple[date, date]]) -> bool:
    """Whether somebody was in the organisation on a day of some time."""
    starts, ends = person.starts or date.min, person.ends or date.max
    return any(starts <= last and first <= ends for first, last in spans)
