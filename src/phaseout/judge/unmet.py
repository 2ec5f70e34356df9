"""What an order names and nobody on the staff list is: a clause or waiver that reaches nobody is mostly a spelling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phaseout.judge.order import Order
from phaseout.judge.reach import folded, named
from phaseout.model.directive import Scope
from phaseout.model.person import Person


@dataclass(frozen=True, slots=True)
class Unmet:
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
    units = {unit[:steps] for unit in {tuple(map(folded, person.unit)) for person in staff} for steps in range(len(unit) + 1)}
    roles = {folded(role) for person in staff for role in person.roles}
    names = {named(name) for person in staff for name in (person.id, *person.logins)}
    scopes = tuple(scope for rule in order.rules for scope in _with_exceptions(rule.clause.who))
    waivers = order.waivers.values()
    meant_units = {unit for scope in scopes for unit in scope.units}
    meant_roles = {role for scope in scopes for role in scope.roles} | {waiver.role for waiver in waivers if waiver.role}
    meant_names = {name for scope in scopes for name in scope.people} | {waiver.person for waiver in waivers if waiver.person}
    return Unmet(
        units=tuple(sorted(unit for unit in meant_units if tuple(map(folded, unit)) not in units)),
        roles=tuple(sorted(role for role in meant_roles if folded(role) not in roles)),
        people=tuple(sorted(name for name in meant_names if named(name) not in names)),
    )


def _with_exceptions(scope: Scope | None) -> Iterator[Scope]:
    """Give a scope, what it leaves out, what that leaves out, and so on."""
    while scope is not None:
        yield scope
        scope = scope.but_not
