"""What must hold for a staff list as a whole, whichever source it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from phaseout.model.fault import Fault, Severity
from phaseout.model.login import normal_login
from phaseout.model.person import Person, folded
from phaseout.people.quote import quoted

Report = Callable[[int, str, str, str, str, str], None]
"""Takes a fault: the person's number in the list, the field, the text in it, the code, the message, the way out."""

Place = Callable[[int, str, str], tuple[int, int]]
"""Gives the line and the column of a person's field: number in the list from 0, field, and the text to find in it."""

MOST_NAMES: Final = 12
"""Names of a circle that a message shows."""

NO_USER: Final = "@"
"""How the normal form of a login begins that names nobody, if it is not empty."""


def checked(people: Sequence[Person], file: str, place: Place) -> tuple[tuple[Person, ...], tuple[Fault, ...]]:
    """Check people against each other, and turn each manager's login into the manager's id.

    Args:
        people: as read, ``manager`` still as written: an id, a login or an address.
        file: the list's name, for the faults.
        place: says where a field of a person stands.

    Returns:
        The people with managers resolved, and everything that is wrong: PO312 an id twice, PO313 a login of two people,
        PO314 no login, PO318 an unknown manager, PO319 a circle of managers, PO323 an id that is another person's login; and as a
        warning, PO326 units with a backslash in their names.
    """
    faults: list[Fault] = []

    def report(number: int, field: str, text: str, code: str, message: str, way_out: str) -> None:
        faults.append(Fault(file, *place(number, field, text), code, message, way_out))

    ids = _ids(people, report)
    repeated: set[int] = set()
    logins = _logins(people, repeated, report)
    _check_ids_against_logins(ids, logins, people, report)
    resolved = [_managed(number, people, ids, logins, report) for number in range(len(people))]
    _check_circles(resolved, ids, report)
    if any("\\" in step for unit in {person.unit for person in people} for step in unit):
        faults.append(_backslashes(people, file, place))
    for number in repeated:
        resolved[number] = _each_login_once(resolved[number])
    return _spelt_alike(resolved), tuple(faults)


def _spelt_alike(people: Sequence[Person]) -> tuple[Person, ...]:
    """Give each unit one spelling, the one that most of its people have: a difference of case or blanks makes no other unit."""
    spelt: dict[tuple[str, ...], Counter[str]] = {}
    for unit, many in Counter(person.unit for person in people).items():
        for depth in range(1, len(unit) + 1):
            spelt.setdefault(tuple(map(folded, unit[:depth])), Counter())[unit[depth - 1]] += many
    if all(len(spellings) == 1 for spellings in spelt.values()):
        return tuple(people)
    chosen = {key: min(spellings, key=lambda each: (-spellings[each], each)) for key, spellings in spelt.items()}
    return tuple(replace(person, unit=_unit(person.unit, chosen)) for person in people)


def _unit(unit: tuple[str, ...], chosen: Mapping[tuple[str, ...], str]) -> tuple[str, ...]:
    """Return a unit's path with each step as most spell it."""
    key = tuple(map(folded, unit))
    return tuple(chosen[key[:depth]] for depth in range(1, len(key) + 1))


def _ids(people: Sequence[Person], report: Report) -> dict[str, int]:
    """Return each id's person, without case."""
    ids: dict[str, int] = {}
    for number, person in enumerate(people):
        key = person.id.casefold()
        if not key:
            continue
        first = ids.setdefault(key, number)
        if first != number:
            message = f"The id {quoted(person.id)} belongs to {_called(people[first])} already."
            report(number, "id", person.id, "PO312", message, "Give every row an id of its own, or join the rows of one person.")
    return ids


def _logins(people: Sequence[Person], repeated: set[int], report: Report) -> dict[str, int]:
    """Return each login's person, by the login's normal form; who has one in two spellings is put into ``repeated``."""
    logins: dict[str, int] = {}
    for number, person in enumerate(people):
        before = len(logins)
        for login in person.logins:
            name = normal_login(login)
            first = logins.setdefault(name, number)
            if first != number:
                message = f"The login {quoted(login)} belongs to {_called(people[first])} already."
                way_out = "Leave it with one of the two; if both use it, make it a row of its own with kind shared."
                report(number, "logins", login, "PO313", message, way_out)
            elif not name or name[0] == NO_USER or "," in login:
                message = f"{quoted(login)} is no login or address."
                way_out = "Write user, DOMAIN\\user or user@domain, and separate several with a semicolon."
                report(number, "logins", login, "PO314", message, way_out)
        if len(logins) - before != len(person.logins):
            repeated.add(number)
    return logins


def _check_ids_against_logins(ids: dict[str, int], logins: dict[str, int], people: Sequence[Person], report: Report) -> None:
    """Refuse an id that is another person's login: an order that names it would mean two people."""
    for key in ids.keys() & logins.keys():
        number, other = ids[key], logins[key]
        if number != other:
            person = people[number]
            message = f"The id {quoted(person.id)} is a login of {_called(people[other])}."
            way_out = "Use ids that are nobody else's login; a directive or waiver that names it would mean two people."
            report(number, "id", person.id, "PO323", message, way_out)


def _managed(number: int, people: Sequence[Person], ids: dict[str, int], logins: dict[str, int], report: Report) -> Person:
    """Return a person with the manager as an id of the list."""
    person = people[number]
    if person.manager is None:
        return person
    found = ids.get(person.manager.casefold())
    if found is None:
        found = logins.get(normal_login(person.manager))
    if found is None:
        message = f"The manager {quoted(person.manager)} is nobody on the list."
        way_out = "Write the manager's id, login or address as the manager's own row has it, or leave the cell empty."
        report(number, "manager", person.manager, "PO318", message, way_out)
        return replace(person, manager=None)
    return person if people[found].id == person.manager else replace(person, manager=people[found].id)


def _each_login_once(person: Person) -> Person:
    """Return a person without a second spelling of one login; the first stays."""
    once = {normal_login(login): login for login in reversed(person.logins)}
    return replace(person, logins=tuple(reversed(once.values())))


def _backslashes(people: Sequence[Person], file: str, place: Place) -> Fault:
    """Tell units with a backslash in their names, at the first: it parts no two steps of a path."""
    some = [number for number, person in enumerate(people) if any("\\" in step for step in person.unit)]
    units = {people[number].unit for number in some}
    first = next(step for step in people[some[0]].unit if "\\" in step)
    others = f"{len(units) - 1:,} more {'is' if len(units) == 2 else 'are'} written so"  # noqa: PLR2004 - the first, and one more
    more = f" {others}, with {len(some):,} people in all of them." if len(units) > 1 else ""
    message = f"A backslash parts no steps of a path: {quoted(first)} is the name of one unit.{more}"
    way_out = 'Write "/" between a unit and the one above it; an order that names the upper one does not reach these people.'
    return Fault(file, *place(some[0], "unit", first), "PO326", message, way_out, Severity.WARNING)


def _check_circles(people: Sequence[Person], ids: dict[str, int], report: Report) -> None:
    """Refuse people who manage themselves, directly or through others; each circle is told once, at its first row."""
    above = [ids.get(person.manager.casefold()) if person.manager else None for person in people]
    done: set[int] = set()
    managed = [number for number, manager in enumerate(above) if manager is not None]  # nobody else is in a circle
    for start in managed:
        trail: list[int] = []
        number: int | None = start
        while number is not None and number not in done:
            done.add(number)
            trail.append(number)
            number = above[number]
        if number is not None and number in trail:
            _report_circle(people, trail[trail.index(number) :], report)


def _report_circle(people: Sequence[Person], circle: list[int], report: Report) -> None:
    """Tell one circle, at its first row."""
    first = circle.index(min(circle))
    names = [people[number].id for number in circle[first:] + circle[: first + 1]]
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"and {len(names) - MOST_NAMES:,} more"]
    message = f"These manage each other in a circle: {quoted(', '.join(shown))}."
    if len(circle) == 1:
        message = f"{quoted(names[0])} is entered as the manager of the same person."
    report(min(circle), "manager", "", "PO319", message, "Leave the manager of the topmost of them empty.")


def _called(person: Person) -> str:
    """Name a person in a message."""
    return quoted(f"{person.name} ({person.id})" if person.name and person.name != person.id else person.id or person.name)
