"""A profile: what of a person matters to an order. Many people share one, so each is judged once for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from phaseout.judge.order import Order
from phaseout.judge.reach import Marks, folded_path, named
from phaseout.model.person import folded


class Profile(Struct, frozen=True, eq=False):
    """What of a person matters to an order. Make it with ``profile_of`` or ``profile_with``; each is equal to itself alone.

    Attributes:
        clauses: ids of the judged clauses that reach the person, in the directive's order.
        waivers: ids of the waivers that name the person, or a role that the person has, sorted; whatever their dates.
    """

    clauses: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()


class Placed(Protocol):
    """Somebody of whom all is known that an order may name."""

    @property
    def id(self) -> str:
        """The organisation's own key."""

    @property
    def logins(self) -> tuple[str, ...]:
        """Every login, in any spelling."""

    @property
    def unit(self) -> tuple[str, ...]:
        """The path from the top of the organisation down."""

    @property
    def roles(self) -> frozenset[str]:
        """Names that a directive may use."""


def profile_of(order: Order, person: Placed | None, names: frozenset[str] = frozenset()) -> Profile:
    """Return what of a person matters to an order.

    Units compare without case and with blanks trimmed, and a unit reaches everything below it; roles likewise. A single
    person is meant by id, by login or by address, each in the normal form of ``LoginName``.

    Args:
        order: as compiled.
        person: None for a login that belongs to nobody: only clauses that reach everyone reach it, even where they leave
            out some unit, role or person, for nothing can be said of those.
        names: further names that the person is known by, such as a login that was resolved in a way of its own.
    """
    known = frozenset[str]()
    if person is None:
        key: object = None
    else:
        if order.names:
            known = order.names.intersection([named(name) for name in (person.id, *person.logins, *names)])
        key = (person.unit, person.roles, known)
    found = order.profiles.get(key)
    if not isinstance(found, Profile):
        found = order.profiles[key] = _of_nobody(order) if person is None else _made(order, person, known)
    return found


def profile_with(order: Order, clauses: tuple[str, ...], waivers: tuple[str, ...] = ()) -> Profile:
    """Return the one profile with these clauses and waivers; what is one object is quick to look up by.

    Args:
        order: as compiled.
        clauses: ids, in the directive's order.
        waivers: ids, sorted.
    """
    key = (clauses, waivers)
    found = order.same.get(key)
    if not isinstance(found, Profile):
        found = order.same[key] = Profile(clauses, waivers)
    return found


def profile_of_anybody(order: Order) -> Profile:
    """Return what holds of somebody who has not said yet who they are, and may be anybody.

    Only clauses that leave nobody out reach them, and every waiver counts as theirs: who is refused before signing in can't say
    that the order leaves them out.
    """
    return profile_with(order, _ids(order, order.reach.rules_for_anybody()), tuple(sorted(order.waivers)))


def _made(order: Order, person: Placed, names: frozenset[str]) -> Profile:
    """Look up which clauses and waivers name a person."""
    marks = Marks(folded_path(person.unit), frozenset(map(folded, person.roles)), names)
    return profile_with(order, _ids(order, order.reach.rules_for(marks)), tuple(order.reach.waivers_for(marks)))


def _of_nobody(order: Order) -> Profile:
    return profile_with(order, _ids(order, order.reach.rules_for_nobody()))


def _ids(order: Order, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(order.rules[number].clause.id for number in numbers)
