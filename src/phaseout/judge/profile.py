"""A profile: what of a person matters to an order. Many people share one, so each is judged once for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from phaseout.judge.order import Order, Rule, folded, named
from phaseout.model.directive import Scope, Waiver
from phaseout.model.person import Person


@dataclass(frozen=True, slots=True)
class Profile:
    """What of a person matters to an order.

    Attributes:
        clauses: ids of the judged clauses that reach the person, in the directive's order.
        waivers: ids of the waivers that name the person, or a role that the person has, sorted; whatever their dates.
    """

    clauses: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a scope may ask of a person, in the forms that compare."""

    unit: tuple[str, ...]
    roles: frozenset[str]
    names: frozenset[str]


def profile_of(order: Order, person: Person | None, names: frozenset[str] = frozenset()) -> Profile:
    """Return what of a person matters to an order.

    Units compare without case and with blanks trimmed, and a unit reaches everything below it; roles likewise. A single
    person is meant by id, by login or by address, each in the normal form of ``LoginName``.

    Args:
        order: as compiled.
        person: None for a login that belongs to nobody: only clauses that reach everyone reach it, even where they leave
            out some unit, role or person, for nothing can be said of those.
        names: further names that the person is known by, such as a login that was resolved in a way of its own.
    """
    if person is None:
        return _unknown(order)
    known = frozenset[str]()
    if order.names:
        known = order.names.intersection(named(name) for name in (person.id, *person.logins, *names))
    key = (person.unit, person.roles, known)
    found = order.profiles.get(key)
    if not isinstance(found, Profile):
        found = _profile(order, _Marks(_path(person.unit), frozenset(map(folded, person.roles)), known))
        order.profiles[key] = found
    return found


def _unknown(order: Order) -> Profile:
    """Return the profile of a login that belongs to nobody."""
    everyone = (rule for rule in order.rules if rule.clause.who.everyone)
    return Profile(tuple(rule.clause.id for rule in everyone if not _leaves_all_out(rule)))


def _leaves_all_out(rule: Rule) -> bool:
    """Whether a clause leaves out the very same everyone that it reaches."""
    out = rule.clause.who.but_not
    return out is not None and out.everyone and out.but_not is None


def _profile(order: Order, marks: _Marks) -> Profile:
    """Ask every clause and every waiver."""
    return Profile(
        clauses=tuple(rule.clause.id for rule in order.rules if _reaches(rule.clause.who, marks)),
        waivers=tuple(sorted(waiver.id for waiver in order.waivers.values() if _is_for(waiver, marks))),
    )


def _reaches(scope: Scope, marks: _Marks) -> bool:
    """Whether a part of the scope names the person and ``but_not`` does not."""
    meant = (
        scope.everyone
        or any(_path(unit) == marks.unit[: len(unit)] for unit in scope.units)
        or any(folded(role) in marks.roles for role in scope.roles)
        or any(named(name) in marks.names for name in scope.people)
    )
    return meant and not (scope.but_not is not None and _reaches(scope.but_not, marks))


def _is_for(waiver: Waiver, marks: _Marks) -> bool:
    """Whether a waiver names the person or one of the person's roles."""
    by_role = waiver.role is not None and folded(waiver.role) in marks.roles
    return by_role or (waiver.person is not None and named(waiver.person) in marks.names)


@lru_cache(maxsize=4096)
def _path(unit: tuple[str, ...]) -> tuple[str, ...]:
    """Fold a unit's path."""
    return tuple(map(folded, unit))
