"""What a run needs and no log tells: the staff made ready, and the tables of devices loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from phaseout.devices.identify import identify
from phaseout.judge.profile import Profile, profile_of
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.person import Person
from phaseout.people.directory import Directory
from phaseout.runs.inputs import Norms


@dataclass(frozen=True, slots=True)
class Roster:
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


_USUAL: Final = (
    Clue(ClueKind.ACTIVESYNC, "iPhone"),
    Clue(ClueKind.USER_AGENT, "Apple-iPhone14C2/2001.362"),
    Clue(ClueKind.USER_AGENT, "Android-SAMSUNG-SM-S901B/101.13"),
)
"""Evidence of which nearly every log of a mail door has some. What only browsers need is left: it takes far longer to load."""


def load_devices() -> None:
    """Load the tables by which most devices are told."""
    for clue in _USUAL:
        identify(clue)
