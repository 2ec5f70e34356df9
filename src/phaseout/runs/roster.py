"""What a run needs and no log tells: the staff made ready."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from phaseout.judge.profile import Profile, profile_of
from phaseout.model.person import Person
from phaseout.people.directory import Directory
from phaseout.runs.inputs import Norms


class Roster(Struct, frozen=True):
    """The staff list, made ready.

    Attributes:
        directory: whose a login is.
        numbers: each person's number, by id.
        profiles: what of each person matters to the order, by number.
    """

    directory: Directory[Person]
    numbers: Mapping[str, int]
    profiles: tuple[Profile, ...]


def roster_of(norms: Norms) -> Roster:
    """Make the staff list ready."""
    return Roster(
        Directory(norms.people, norms.domains),
        {person.id: number for number, person in enumerate(norms.people)},
        tuple(profile_of(norms.order, person) for person in norms.people),
    )
