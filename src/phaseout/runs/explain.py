"""Explain one person: every clause, every device, every sighting, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from phaseout.judge.decide import judge
from phaseout.judge.order import Order
from phaseout.judge.profile import profile_of
from phaseout.model.access import Action, Place
from phaseout.model.clue import Clue
from phaseout.model.device import Device
from phaseout.model.directive import Clause, Waiver
from phaseout.model.fault import Fault, FaultsError
from phaseout.model.letters import composed
from phaseout.model.login import normal_login
from phaseout.model.person import Person, folded
from phaseout.model.secrets import device_id_without_secrets
from phaseout.model.verdict import Judgement
from phaseout.people.directory import Directory
from phaseout.reading.given import NUMBER, plain_table
from phaseout.reading.questions import sightings_of
from phaseout.runs.check import Checked
from phaseout.runs.chunk_days import days_in
from phaseout.runs.finding import device_key
from phaseout.runs.judging import instant_of
from phaseout.runs.numbering import with_contradictions
from phaseout.runs.taking import utc


class Reach(Struct, frozen=True):
    """Whether a clause reaches the person, and the waivers from it."""

    clause: Clause
    reaches: bool
    waivers: tuple[Waiver, ...]


class Seen(Struct, frozen=True):
    """One sighting: the same evidence by the same door within one period of the order.

    Attributes:
        format: of the log that shows it.
        service: which work service.
        protocol: by which door.
        action: what was done.
        clues: the evidence.
        device: what it tells.
        device_id: the device's own id; empty when it gave none.
        accesses: how many.
        days: on how many local days.
        first: the first, in UTC.
        last: the last, in UTC.
        first_place: where the first line stands.
        last_place: where the last line stands.
        judgement: what the order says of it.
    """

    format: str
    service: str
    protocol: str
    action: str
    clues: tuple[Clue, ...]
    device: Device
    device_id: str
    accesses: int
    days: int
    first: datetime
    last: datetime
    first_place: Place
    last_place: Place
    judgement: Judgement


class Explanation(Struct, frozen=True):
    """Everything that was seen of one person.

    Attributes:
        person: who; an unknown login stands as a person of its own.
        known: whether the staff list has the person.
        how: how the name that was asked for was resolved, in a sentence.
        reach: every clause that decides, and whether it reaches the person.
        seen: every sighting, by device, then by time.
    """

    person: Person
    known: bool
    how: str
    reach: tuple[Reach, ...]
    seen: tuple[Seen, ...]


def explain(checked: Checked, name: str) -> Explanation:
    """Explain a person by id, login, address, or the full name as the staff list has it.

    Raises:
        FaultsError: PO405 nobody is known by that name, neither to the staff list nor to the logs; PO410 several are.
    """
    number, how = _found(checked, name)
    numbered, order = checked.numbered, checked.norms.order
    person, known = numbered.people[number], number < numbered.staff
    profile = profile_of(order, person if known else None)
    reach = tuple(
        Reach(rule.clause, rule.clause.id in profile.clauses, tuple(w for w in rule.waivers if w.id in profile.waivers))
        for rule in order.rules
    )
    seen = sorted(_seen(checked, number), key=lambda each: (device_key(each.device, each.device_id), each.first, each.action))
    return Explanation(person, known, how, reach, tuple(seen))


def _found(checked: Checked, name: str) -> tuple[int, str]:
    """Find whom a name means."""
    people = checked.numbered.people
    staff = people[: checked.numbered.staff]
    for number, person in enumerate(staff):
        if composed(name) == person.id:
            return number, "The staff list has this id."
    wanted = folded(name)
    named = [number for number, person in enumerate(staff) if wanted == folded(person.name)]
    if len(named) > 1:
        message = f'Several people are called "{name}": {"; ".join(_told_apart(people[number]) for number in named)}.'
        raise FaultsError((Fault("PERSON", 0, 0, "PO410", message, "Give the id of the one that you mean."),))
    if named:
        return named[0], "The staff list has this name."
    resolution = Directory(checked.norms.people, checked.norms.domains).resolve(name)
    if resolution.person is not None:
        return people.index(resolution.person), resolution.reason
    for number, stranger in checked.numbered.strangers.items():
        if stranger.login == normal_login(name):
            return number, f"A login of the logs. {stranger.reason}"
    message = f'Nobody is known as "{name}": {resolution.reason}'
    way_out = "Give an id, a login, an address or the full name as the staff list has it."
    raise FaultsError((Fault("PERSON", 0, 0, "PO405", message, way_out),))


def _told_apart(person: Person) -> str:
    """Write what tells a person from another of the same name."""
    return f"{person.id} ({' / '.join(person.unit)})" if person.unit else person.id


def _seen(checked: Checked, number: int) -> Iterator[Seen]:
    """Give each sighting of a person, chunks of days put together."""
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = defaultdict(list)
    keys = ("format", "protocol", "service", "action", "device_id", "device", "clue_set", "period", "profile")
    one = checked.engine.give("explained", plain_table({"person": NUMBER}, [[number]]))
    for row in checked.engine.ask(sightings_of, checked.table, one).to_pylist():
        groups[tuple(row[key] for key in keys)].append(row)
    for rows in groups.values():
        yield _one(checked, checked.norms.order, rows)


def _one(checked: Checked, order: Order, rows: Iterable[Mapping[str, Any]]) -> Seen:
    """Make one sighting of its rows."""
    rows = sorted(rows, key=lambda row: row["first"])
    row, numbered, places = rows[0], checked.numbered, checked.known.places
    last = max(rows, key=lambda each: each["last"])
    device = numbered.devices[row["device"]]
    at = instant_of(order, row["period"])
    profile = numbered.profiles[row["profile"]]
    return Seen(
        format=row["format"],
        service=row["service"],
        protocol=row["protocol"],
        action=row["action"],
        clues=numbered.clues_told(row["clue_set"]),
        device=with_contradictions(numbered.device_told(row["device"]), checked.known.marks.get(row["device_id"].lower(), ())),
        device_id=device_id_without_secrets(row["device_id"]),
        accesses=sum(each["n"] for each in rows),
        days=len({day for each in rows for day in days_in(each["chunk"], each["days"])}),
        first=utc(row["first"]),
        last=utc(last["last"]),
        first_place=places.of(row["first_place"]),
        last_place=places.of(last["last_place"]),
        judgement=judge(order, profile, device, row["service"], row["protocol"], Action(row["action"]), at),
    )
