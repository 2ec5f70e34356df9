"""Full names: an order or a waiver may name a person as the staff list calls that person, where nobody else is called so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from phaseout.judge.reach import named
from phaseout.model.directive import Clause, Directive, Scope, Waiver
from phaseout.model.person import Person, folded


class Meant(Struct, frozen=True):
    """An order that names people as judges know them: by id, login or address.

    Attributes:
        directive: the order.
        waivers: the exceptions.
        namesakes: the names, as written, that several people have and that therefore stay as they are; with those people's ids.
    """

    directive: Directive
    waivers: tuple[Waiver, ...]
    namesakes: Mapping[str, tuple[str, ...]] = {}


def with_ids(directive: Directive, waivers: Iterable[Waiver], people: Iterable[Person]) -> Meant:
    """Put the id in the place of each full name that one person alone has.

    A name that is somebody's id, login or address means that one; case, blanks and how letters are written do not matter.

    Args:
        directive: names people in the scopes of its clauses.
        waivers: name people.
        people: the staff list.

    Example:
        >>> from datetime import UTC, datetime
        >>> until = datetime(2027, 1, 1, tzinfo=UTC)
        >>> waiver = Waiver("w", "1", "", "", "", until, until, person="anna IVANOVA")
        >>> nothing = Directive("d", "", "", "1", "UTC", (), {})
        >>> with_ids(nothing, [waiver], [Person("7", "Anna Ivanova", ("a1",))]).waivers[0].person
        '7'
    """
    granted = tuple(waivers)
    written = {name for clause in directive.clauses for name in _named(clause.who)}
    written |= {waiver.person for waiver in granted if waiver.person is not None}
    if not written:
        return Meant(directive, granted)
    called = _called(written, people)
    ids = {name: found[0] for name, found in called.items() if len(found) == 1}
    namesakes = {name: found for name, found in sorted(called.items()) if len(found) > 1}
    if not ids:
        return Meant(directive, granted, namesakes)
    clauses = tuple(_clause(clause, ids) for clause in directive.clauses)
    return Meant(replace(directive, clauses=clauses), tuple(_waiver(waiver, ids) for waiver in granted), namesakes)


def _called(written: Iterable[str], people: Iterable[Person]) -> dict[str, tuple[str, ...]]:
    """Return the ids of those who are called as an order writes, by that; what is an id, login or address is left out."""
    staff = tuple(people)
    forms = {name: named(name) for name in written}
    wanted = set(forms.values())
    known = wanted.intersection(named(each) for person in staff for each in (person.id, *person.logins))
    names = {name: folded(name) for name, form in forms.items() if form not in known}
    sought, found = set(names.values()), defaultdict[str, list[str]](list)
    for person in staff if sought else ():
        if (name := folded(person.name)) in sought:
            found[name].append(person.id)
    return {name: tuple(found[form]) for name, form in names.items() if form in found}


def _named(scope: Scope | None) -> Iterator[str]:
    """Give the people whom a scope and its exceptions name."""
    while scope is not None:
        yield from scope.people
        scope = scope.but_not


def _clause(clause: Clause, ids: Mapping[str, str]) -> Clause:
    return replace(clause, who=_scope(clause.who, ids))


def _scope(scope: Scope, ids: Mapping[str, str]) -> Scope:
    but_not = None if scope.but_not is None else _scope(scope.but_not, ids)
    return replace(scope, people=frozenset(ids.get(name, name) for name in scope.people), but_not=but_not)


def _waiver(waiver: Waiver, ids: Mapping[str, str]) -> Waiver:
    id_ = ids.get(waiver.person or "")
    return waiver if id_ is None else replace(waiver, person=id_)
