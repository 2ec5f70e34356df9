"""The staff as a bundle holds them: a gate that starts makes a person of none before somebody asks for that one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import eq
from typing import Annotated, NamedTuple, overload

import msgspec

from phaseout.model.person import Person

Place = Annotated[int, msgspec.Meta(ge=0)]


class Member(msgspec.Struct, frozen=True, array_like=True):
    """One person; units and roles are places in lists of their own, for thousands share one."""

    id: str
    logins: tuple[str, ...]
    unit: Place
    roles: Place


class Placed(NamedTuple):
    """All of a member that an order may name, see ``phaseout.judge.profile``."""

    id: str
    logins: tuple[str, ...]
    unit: tuple[str, ...]
    roles: frozenset[str]


class Staff(Sequence[Person]):
    """People of whom a gate needs ids, logins, units and roles.

    Args:
        members: the people.
        units: paths, each once.
        roles: sets of roles, each once.

    Raises:
        IndexError: a member's unit or roles are not among these.
    """

    def __init__(self, members: Sequence[Member], units: Sequence[tuple[str, ...]], roles: Sequence[frozenset[str]]) -> None:
        """Make sure that each place is one."""
        self.members, self.units, self.roles = members, units, roles
        for places, known in (((each.unit for each in members), units), ((each.roles for each in members), roles)):
            if max(places, default=-1) >= len(known):
                message = "A person's unit or roles are not in the list of them."
                raise IndexError(message)

    @classmethod
    def of(cls, people: Iterable[Person]) -> Staff:
        """Take from people what a gate needs; of equal ones the same."""
        if isinstance(people, cls):
            return people
        people = tuple(people)
        units = {unit: number for number, unit in enumerate(sorted({person.unit for person in people}))}
        roles = {each: number for number, each in enumerate(sorted({person.roles for person in people}, key=sorted))}
        members = tuple(Member(each.id, each.logins, units[each.unit], roles[each.roles]) for each in people)
        return cls(members, tuple(units), tuple(roles))

    def placed(self, member: Member) -> Placed:
        """Return where in the organisation a member is."""
        return Placed(member.id, member.logins, self.units[member.unit], self.roles[member.roles])

    def person(self, member: Member) -> Person:
        """Return a member as a person, whose name stays at home."""
        return Person(member.id, "", member.logins, self.units[member.unit], self.roles[member.roles])

    @overload
    def __getitem__(self, place: int) -> Person: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Person, ...]: ...
    def __getitem__(self, place: int | slice) -> Person | tuple[Person, ...]:
        """Return a person, or some."""
        if isinstance(place, slice):
            return tuple(map(self.person, self.members[place]))
        return self.person(self.members[place])

    def __len__(self) -> int:
        """Return how many people these are."""
        return len(self.members)

    def __eq__(self, other: object) -> bool:
        """Whether another sequence has the same people."""
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        """Return the hash of the people."""
        return hash(tuple(self))
