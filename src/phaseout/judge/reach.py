"""Reach: whom an order's clauses and waivers name, looked up by unit, role and name instead of asked clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from msgspec import Struct

from phaseout.model.directive import Scope, Waiver
from phaseout.model.login import normal_login
from phaseout.model.person import folded

Key = TypeVar("Key")

NONE: Final = frozenset[int]()


def named(text: str) -> str:
    """Return the normal form under which an order's word for a person compares with ids, logins and addresses."""
    return normal_login(text)


class Marks(Struct, frozen=True):
    """What a scope may ask of a person, in the forms that compare.

    Attributes:
        unit: the path from the top down, folded.
        roles: folded.
        names: in their normal form; those that the order knows are enough.
    """

    unit: tuple[str, ...]
    roles: frozenset[str]
    names: frozenset[str]


class Names(Struct, frozen=True):
    """What some scopes, or some waivers, name: their numbers by each name.

    Attributes:
        everyone: those that name all of the staff.
        units: by folded path.
        roles: by folded role.
        people: by the normal form of a person's name.
    """

    everyone: frozenset[int]
    units: Mapping[tuple[str, ...], frozenset[int]]
    roles: Mapping[str, frozenset[int]]
    people: Mapping[str, frozenset[int]]

    def naming(self, marks: Marks) -> frozenset[int]:
        """Return the numbers of those that name a person; a unit names everybody below it."""
        found = [self.everyone]
        if self.units:
            found += [self.units.get(marks.unit[:steps], NONE) for steps in range(len(marks.unit) + 1)]
        found += [self.roles.get(role, NONE) for role in marks.roles]
        found += [self.people.get(name, NONE) for name in marks.names]
        return NONE.union(*found)


class Reach(Struct, frozen=True):
    """Whom an order's clauses and waivers name.

    Attributes:
        scopes: of the rules, by number.
        rules: by number, what their scopes name, ``but_not`` left aside.
        waivers: by number, what they name.
        waiver_ids: by number.
    """

    scopes: tuple[Scope, ...]
    rules: Names
    waivers: Names
    waiver_ids: tuple[str, ...]

    def rules_for(self, marks: Marks) -> list[int]:
        """Return the numbers of the rules that reach a person, in the directive's order."""
        return sorted(number for number in self.rules.naming(marks) if not _is_left_out(self.scopes[number], marks))

    def waivers_for(self, marks: Marks) -> list[str]:
        """Return the ids of the waivers that name a person or one of the person's roles, sorted."""
        return sorted(self.waiver_ids[number] for number in self.waivers.naming(marks))

    def rules_for_nobody(self) -> list[int]:
        """Return the rules that reach a login of nobody: those that reach everyone and do not leave out that very everyone."""
        return sorted(number for number in self.rules.everyone if not _leaves_all_out(self.scopes[number]))

    def rules_for_anybody(self) -> list[int]:
        """Return the rules that reach whoever it may be: those that reach everyone and leave nobody out."""
        return sorted(number for number in self.rules.everyone if self.scopes[number].but_not is None)


def reach_of(scopes: Iterable[Scope], waivers: Iterable[Waiver]) -> Reach:
    """Look up whom the scopes of rules and the waivers name.

    Args:
        scopes: in the order of the rules.
        waivers: in the order in which they are kept.
    """
    kept, granted = tuple(scopes), tuple(waivers)
    return Reach(
        scopes=kept,
        rules=Names(
            everyone=frozenset(number for number, scope in enumerate(kept) if scope.everyone),
            units=_by_key((folded_path(unit), number) for number, scope in enumerate(kept) for unit in scope.units),
            roles=_by_key((folded(role), number) for number, scope in enumerate(kept) for role in scope.roles),
            people=_by_key((named(name), number) for number, scope in enumerate(kept) for name in scope.people),
        ),
        waivers=Names(
            everyone=NONE,
            units={},
            roles=_by_key((folded(waiver.role), number) for number, waiver in enumerate(granted) if waiver.role is not None),
            people=_by_key((named(waiver.person), number) for number, waiver in enumerate(granted) if waiver.person is not None),
        ),
        waiver_ids=tuple(waiver.id for waiver in granted),
    )


def folded_path(unit: tuple[str, ...]) -> tuple[str, ...]:
    """Fold a unit's path."""
    return tuple(map(folded, unit))


def _by_key(pairs: Iterable[tuple[Key, int]]) -> dict[Key, frozenset[int]]:
    found: dict[Key, set[int]] = {}
    for key, number in pairs:
        found.setdefault(key, set()).add(number)
    return {key: frozenset(numbers) for key, numbers in found.items()}


def _is_left_out(scope: Scope, marks: Marks) -> bool:
    """Whether a scope's ``but_not`` names the person."""
    return scope.but_not is not None and _reaches(scope.but_not, marks)


def _reaches(scope: Scope, marks: Marks) -> bool:
    """Whether a part of the scope names the person and ``but_not`` does not."""
    meant = (
        scope.everyone
        or any(folded_path(unit) == marks.unit[: len(unit)] for unit in scope.units)
        or any(folded(role) in marks.roles for role in scope.roles)
        or any(named(name) in marks.names for name in scope.people)
    )
    return meant and not _is_left_out(scope, marks)


def _leaves_all_out(scope: Scope) -> bool:
    """Whether a scope leaves out the very same everyone that it reaches."""
    out = scope.but_not
    return out is not None and out.everyone and out.but_not is None
