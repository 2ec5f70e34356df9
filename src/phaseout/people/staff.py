"""What must hold for a staff list as a whole, whichever source it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from phaseout.model.fault import Fault
from phaseout.model.login import LoginName, normal_login
from phaseout.model.person import Person

Report = Callable[[int, str, str, str, str, str], None]
"""Takes a fault: the person's number in the list, the field, the text in it, the code, the message, the way out."""

Place = Callable[[int, str, str], tuple[int, int]]
"""Gives the line and the column of a person's field: number in the list from 0, field, and the text to find in it."""

NOT_IN_LOGINS: Final = frozenset(',"')
"""What stands in no login; a comma means that somebody listed several with it."""


def checked(people: Sequence[Person], file: str, place: Place) -> tuple[tuple[Person, ...], tuple[Fault, ...]]:
    """Check people against each other, and turn each manager's login into the manager's id.

    Args:
        people: as read, ``manager`` still as written: an id, a login or an address.
        file: the list's name, for the faults.
        place: says where a field of a person stands.

    Returns:
        The people with managers resolved, and everything that is wrong: PO312 an id twice, PO313 a login of two people,
        PO314 no login, PO318 an unknown manager, PO319 a circle of managers, PO323 an id that is another person's login.
    """
    faults: list[Fault] = []

    def report(number: int, field: str, text: str, code: str, message: str, way_out: str) -> None:
        faults.append(Fault(file, *place(number, field, text), code, message, way_out))

    ids = _ids(people, report)
    logins = _logins(people, report)
    _check_ids_against_logins(ids, logins, people, report)
    resolved = tuple(_managed(people, ids, logins, report))
    _check_circles(resolved, ids, report)
    return resolved, tuple(faults)


def _ids(people: Sequence[Person], report: Report) -> dict[str, int]:
    """Return each id's person, without case."""
    ids: dict[str, int] = {}
    for number, person in enumerate(people):
        key = person.id.casefold()
        if not key:
            continue
        first = ids.setdefault(key, number)
        if first != number:
            message = f'The id "{person.id}" belongs to {_called(people[first])} already.'
            report(number, "id", person.id, "PO312", message, "Give every row an id of its own, or join the rows of one person.")
    return ids


def _logins(people: Sequence[Person], report: Report) -> dict[str, int]:
    """Return each login's person, by the login's normal form."""
    logins: dict[str, int] = {}
    for number, person in enumerate(people):
        for login in person.logins:
            name = normal_login(login)
            first = logins.setdefault(name, number)
            if first != number:
                message = f'The login "{login}" belongs to {_called(people[first])} already.'
                way_out = "Leave it with one of the two; if both use it, make it a row of its own with kind shared."
                report(number, "logins", login, "PO313", message, way_out)
            elif not LoginName.read(login).user or not NOT_IN_LOGINS.isdisjoint(login):
                message = f'"{login}" is no login or address.'
                way_out = "Write user, DOMAIN\\user or user@domain, and separate several with a semicolon."
                report(number, "logins", login, "PO314", message, way_out)
    return logins


def _check_ids_against_logins(ids: dict[str, int], logins: dict[str, int], people: Sequence[Person], report: Report) -> None:
    """Refuse an id that is another person's login: an order that names it would mean two people."""
    for key in ids.keys() & logins.keys():
        number, other = ids[key], logins[key]
        if number != other:
            person = people[number]
            message = f'The id "{person.id}" is a login of {_called(people[other])}.'
            way_out = "Use ids that are nobody else's login; a directive or waiver that names it would mean two people."
            report(number, "id", person.id, "PO323", message, way_out)


def _managed(people: Iterable[Person], ids: dict[str, int], logins: dict[str, int], report: Report) -> Iterator[Person]:
    """Give the people with each manager as an id of the list."""
    listed = list(people)
    for number, person in enumerate(listed):
        manager = person.manager
        if manager is None:
            yield person
            continue
        found = ids.get(manager.casefold())
        if found is None:
            found = logins.get(normal_login(manager))
        if found is None:
            message = f'The manager "{manager}" is nobody on the list.'
            way_out = "Write the manager's id, login or address as the manager's own row has it, or leave the cell empty."
            report(number, "manager", manager, "PO318", message, way_out)
            yield replace(person, manager=None)
        else:
            yield person if listed[found].id == manager else replace(person, manager=listed[found].id)


def _check_circles(people: Sequence[Person], ids: dict[str, int], report: Report) -> None:
    """Refuse people who manage themselves, directly or through others; each circle is told once, at its first row."""
    above = [ids.get(person.manager.casefold()) if person.manager else None for person in people]
    done: set[int] = set()
    for start in range(len(people)):
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
    message = f"These manage each other in a circle: {', '.join(names)}."
    if len(circle) == 1:
        message = f'"{names[0]}" is entered as the manager of the same person.'
    report(min(circle), "manager", "", "PO319", message, "Leave the manager of the topmost of them empty.")


def _called(person: Person) -> str:
    """Name a person in a message."""
    return f"{person.name} ({person.id})" if person.name and person.name != person.id else person.id or person.name
