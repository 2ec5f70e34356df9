"""Give numbers to what is distinct: each login its person and profile, each set of clues its device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from phaseout.devices.identify import identify_all
from phaseout.devices.masking import device_without_secrets
from phaseout.devices.merge import contradictions_of_device_id
from phaseout.judge.profile import Profile, profile_of
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import DEVICE_FIELDS, Device
from phaseout.model.login import normal_login
from phaseout.model.person import AccountKind, Person
from phaseout.model.secrets import login_without_secrets, without_secrets
from phaseout.people.directory import Resolution
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, TEXT, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import clue_sets, logins, shared_device_ids
from phaseout.reading.reader import CLUE_COLUMNS
from phaseout.runs.inputs import Norms
from phaseout.runs.roster import Roster
from phaseout.runs.taking import utc


class Stranger(Struct, frozen=True):
    """A login that belongs to nobody.

    Attributes:
        login: in its normal form; logs may spell it in several ways.
        accesses: how many.
        first: the first, in UTC.
        last: the last, in UTC.
        reason: why nobody was found.
        unquoted: the same without any word of the login.
        spelt: as the logs spell it, each once.
    """

    login: str
    accesses: int
    first: datetime
    last: datetime
    reason: str
    unquoted: str
    spelt: tuple[str, ...]


class Numbered(Struct, frozen=True):
    """What the numbers stand for: each is an index.

    Attributes:
        people: the staff list, then one entry for each unknown login.
        staff: how many of those are the staff list.
        strangers: by their number among ``people``.
        profiles: what of a person matters to the order.
        clues: the sets of clues, as they came: a mask would hide the device with the credential. ``clues_told`` may be shown.
        devices: what those tell; different sets may tell the same. ``device_told`` may be shown.
        device_of_clues: the device's number of each set of clues.
        logins: as the logs spell them.
        owners: of those, among ``people``.
    """

    people: tuple[Person, ...]
    staff: int
    strangers: dict[int, Stranger]
    profiles: tuple[Profile, ...]
    clues: tuple[tuple[Clue, ...], ...]
    devices: tuple[Device, ...]
    device_of_clues: tuple[int, ...]
    logins: tuple[str, ...]
    owners: tuple[int, ...]

    def clues_told(self, clue_set: int) -> tuple[Clue, ...]:
        """Return a set of clues without what looks like a credential."""
        return tuple(Clue(clue.kind, without_secrets(clue.value)) for clue in self.clues[clue_set])

    def device_told(self, device: int) -> Device:
        """Return a device without what looks like a credential."""
        return device_without_secrets(self.devices[device])


class Resolved(NamedTuple):
    """Whose the logins are.

    Attributes:
        table: ``login, person, profile``.
        people: the staff list, then one entry for each unknown login.
        strangers: the latter, by their number.
        profiles: what of a person matters to the order.
        logins: as the logs spell them.
        owners: of those, among ``people``.
    """

    table: Table
    people: tuple[Person, ...]
    strangers: dict[int, Stranger]
    profiles: tuple[Profile, ...]
    logins: tuple[str, ...]
    owners: tuple[int, ...]


def resolved(engine: Engine, sightings: Table, norms: Norms, roster: Roster) -> Resolved:
    """Resolve each login once."""
    found = engine.ask(logins, sightings)
    directory, of_id = roster.directory, roster.numbers
    people, strangers, unknown = list(norms.people), dict[int, Stranger](), dict[str, int]()
    texts: list[str] = found.column("login").to_pylist()
    in_order = sorted(texts)  # so that the numbers are the same in every run
    numbers = [-1 if owner is None else of_id[owner.id] for owner in map(directory.find, in_order)]
    if -1 in numbers:
        places = {login: place for place, login in enumerate(texts)}
        for row, login in enumerate(in_order):
            if numbers[row] >= 0:
                continue
            shown = login_without_secrets(login)
            name = normal_login(shown)
            number = numbers[row] = unknown.setdefault(name, len(people))
            if number == len(people):
                people.append(Person(id=name, name=name, logins=(shown,), kind=AccountKind.UNKNOWN))
            used = [found.column(column)[places[login]].as_py() for column in ("n", "first", "last")]
            strangers[number] = _stranger(strangers.get(number), shown, used, directory.resolve(shown))
    of_nobody = profile_of(norms.order, None)
    of_person = [*roster.profiles, *[of_nobody] * (len(people) - len(norms.people))]
    profiles = dict(zip(dict.fromkeys(of_person), count()))
    columns = in_order, numbers, [profiles[of_person[number]] for number in numbers]
    table = plain_table({"login": TEXT, "person": NUMBER, "profile": NUMBER}, columns)
    return Resolved(engine.give("who", table), tuple(people), strangers, tuple(profiles), tuple(in_order), tuple(numbers))


def _stranger(before: Stranger | None, login: str, used: Sequence[Any], why: Resolution[Person]) -> Stranger:
    """Add one spelling of an unknown login, with its accesses, first and last, to those before it."""
    accesses, first, last = used[0], utc(used[1]), utc(used[2])
    if before is None:
        return Stranger(normal_login(login), accesses, first, last, why.reason, why.unquoted, (login,))
    return Stranger(
        before.login,
        before.accesses + accesses,
        min(before.first, first),
        max(before.last, last),
        before.reason,
        before.unquoted,
        (*before.spelt, login),
    )


def clue_table(engine: Engine, sightings: Table) -> tuple[Table, list[tuple[Clue, ...]], list[Device], list[int]]:
    """Identify each distinct set of clues once.

    Returns:
        The table of the clue columns that hold anything, with ``clue_set`` and ``device``; the sets; the devices; the device of
        each set.
    """
    found = engine.ask(clue_sets, sightings)
    # Sorted, for an engine gives rows in any order and the numbers must be the same in every run.
    rows = sorted(zip(*(found.column(name).to_pylist() for name in CLUE_COLUMNS), strict=True))
    kinds = [ClueKind(name) for name in CLUE_COLUMNS]
    devices: dict[Device, int] = {}
    known: dict[Clue, Device] = {}
    sets, of_set = [], []
    for values in rows:
        clues = tuple(Clue(kind, value) for kind, value in zip(kinds, values, strict=True) if value)
        sets.append(clues)
        of_set.append(devices.setdefault(identify_all(clues, known), len(devices)))
    columns = dict(zip(CLUE_COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}
    # A column that is empty in every set tells none of them apart, and each costs every sighting its share.
    telling = {name: values for name, values in columns.items() if any(values)} or {
        CLUE_COLUMNS[0]: columns.get(CLUE_COLUMNS[0], ())
    }
    types = dict.fromkeys(telling, TEXT) | {"clue_set": NUMBER, "device": NUMBER}
    table = plain_table(types, [*telling.values(), range(len(sets)), of_set])
    return engine.give("clues", table), sets, list(devices), of_set


def marked(engine: Engine, table: Table, devices: tuple[Device, ...]) -> dict[str, tuple[str, ...]]:
    """Find device ids that stand under two platforms, and say what contradicts."""
    by_id: dict[str, list[Device]] = {}
    found = engine.ask(shared_device_ids, table)
    # Sorted, so that each sentence is the same in every run.
    for device_id, device in sorted(zip(*(found.column(name).to_pylist() for name in ("device_id", "device")), strict=True)):
        by_id.setdefault(device_id, []).append(devices[device])
    marks = {device_id: contradictions_of_device_id(seen) for device_id, seen in by_id.items()}
    return {device_id: contradictions for device_id, contradictions in marks.items() if contradictions}


def look_tables(engine: Engine, devices: Sequence[Device], behind: Iterable[int]) -> tuple[Table, Table]:
    """Give numbers to what logs of several servers, which may see different parts of a request, show of one device.

    Args:
        engine: keeps the tables.
        devices: all of them.
        behind: the numbers of those that formats show which stand behind others.

    Returns:
        ``device, look``: of each device all that is known of it. ``device, look``: of each device all that would be left of it if
        no more were known than of one of those behind, and whether that ``is_part``, less than what is known.
    """
    looks: dict[tuple[str | None, ...], int] = {}
    told = [_told(device) for device in devices]
    masks = {tuple(value is not None for value in told[number]) for number in behind}
    whole = [looks.setdefault(each, len(looks)) for each in told]
    parts = {
        (number, looks.setdefault(part, len(looks)), int(part != each))
        for number, each in enumerate(told)
        for mask in masks
        if (part := _part(each, mask)) is not None
    }
    columns = {"device": NUMBER, "look": NUMBER}
    shows = list(zip(*sorted(parts), strict=True)) or [(), (), ()]
    all_ = engine.give("looks", plain_table(columns, [range(len(whole)), whole]))
    return all_, engine.give("shows", plain_table({**columns, "is_part": NUMBER}, shows))


def _told(device: Device) -> tuple[str | None, ...]:
    """Return what is known of a device; of its system the name that both of two names of one system have."""
    told = [getattr(device, name) for name in DEVICE_FIELDS]
    return tuple(None if value is None else _SAME.get(value, value.casefold()) for value in told)


def _part(told: tuple[str | None, ...], mask: tuple[bool, ...]) -> tuple[str | None, ...] | None:
    """Return what would be left if no more were known than a mask tells; None where less is known already."""
    part = tuple(value if is_told else None for value, is_told in zip(told, mask, strict=True))
    return part if all(value is not None for value, is_told in zip(part, mask, strict=True) if is_told) else None


_SAME: Final = {"ipados": "ios", "harmonyos": "android"}
"""Systems that one device gives both names of."""


def with_contradictions(device: Device, more: tuple[str, ...]) -> Device:
    """Return a device with further contradictions marked."""
    return replace(device, contradictions=(*device.contradictions, *more)) if more else device
