"""What an order names and nobody on the staff list is: a clause or waiver that reaches nobody is mostly a spelling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec import Struct

from phaseout.judge.order import Order
from phaseout.judge.reach import named
from phaseout.model.directive import Scope
from phaseout.model.person import Person, folded

Meant = TypeVar("Meant")


class Unmet(Struct, frozen=True):
    """Names of an order that reach nobody, as the order writes them, sorted.

    Attributes:
        units: paths in which nobody is.
        roles: roles that nobody has.
        people: ids, logins and addresses that nobody has.
    """

    units: tuple[tuple[str, ...], ...]
    roles: tuple[str, ...]
    people: tuple[str, ...]


def unmet(order: Order, people: Iterable[Person]) -> Unmet:
    """Return what a judged clause, an exception from one, or a waiver names and no person of the list is.

    Example:
        >>> from datetime import UTC, datetime
        >>> from phaseout.judge.order import compile_order
        >>> from phaseout.model.directive import Clause, Directive, Strength
        >>> day = datetime(2023, 7, 17, tzinfo=UTC)
        >>> clause = Clause("1", Strength.MUST, Scope(units=(("Finanse",),)), (), ("mail",), day, day)
        >>> order = compile_order(Directive("d", "", "", "1", "UTC", (clause,), {}))
        >>> unmet(order, [Person("7", "Anna", unit=("Finance",))]).units
        (('Finanse',),)
    """
    staff = tuple(people)
    scopes = tuple(scope for rule in order.rules for scope in _with_exceptions(rule.clause.who))
    waivers = order.waivers.values()
    meant_units = {unit for scope in scopes for unit in scope.units}
    meant_roles = {role for scope in scopes for role in scope.roles} | {waiver.role for waiver in waivers if waiver.role}
    meant_names = {name for scope in scopes for name in scope.people} | {waiver.person for waiver in waivers if waiver.person}
    return Unmet(
        units=tuple(sorted(_missing(meant_units, _folded_path, _units(staff) if meant_units else ()))),
        roles=tuple(sorted(_missing(meant_roles, folded, _roles(staff) if meant_roles else ()))),
        people=tuple(sorted(_missing(meant_names, named, _names(staff) if meant_names else ()))),
    )


def _missing(meant: Iterable[Meant], form: Callable[[Meant], object], have: Iterable[object]) -> list[Meant]:
    """Return what is meant and not had, compared in its form."""
    left = {form(one) for one in meant}.difference(have)
    return [one for one in meant if form(one) in left]


def _units(staff: Iterable[Person]) -> Iterator[tuple[str, ...]]:
    """Give every folded path in which anybody is; many people are in one, so each is folded once."""
    for unit in {person.unit for person in staff}:
        path = _folded_path(unit)
        yield from (path[:steps] for steps in range(len(path) + 1))


def _roles(staff: Iterable[Person]) -> Iterator[str]:
    """Give every role that anybody has, folded."""
    for roles in {person.roles for person in staff}:
        yield from map(folded, roles)


def _names(staff: Iterable[Person]) -> Iterator[str]:
    """Give every name that anybody has, in its normal form."""
    for person in staff:
        yield named(person.id)
        yield from map(named, person.logins)


def _folded_path(unit: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(folded, unit))


def _with_exceptions(scope: Scope | None) -> Iterator[Scope]:
    """Give a scope, what it leaves out, what that leaves out, and so on."""
    while scope is not None:
        yield scope
        scope = scope.but_not
