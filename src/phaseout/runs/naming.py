"""Whom an order names and the staff list doesn't, in words: an exception for nobody protects nobody."""

from __future__ import annotations

from phaseout.judge.unmet import unmet
from phaseout.runs.inputs import Norms


def reaches_nobody(norms: Norms) -> tuple[str, ...]:
    """Say what the order or a waiver names and nobody on the staff list is."""
    found = unmet(norms.order, norms.people)
    return (
        *(f"unit {' / '.join(unit)}" for unit in found.units),
        *(f"role {role}" for role in found.roles),
        *(f"person {person}{_of_several(norms.namesakes.get(person, ()))}" for person in found.people),
    )


def doubts(norms: Norms) -> tuple[str, ...]:
    """Say what in the order, the waivers and the staff list is mostly a mistake; for who uses them without a check's report."""
    named = "named by the order or its waivers, and not clear from the staff list"
    return (*map(str, norms.warnings), *(f"{named}: {each}" for each in reaches_nobody(norms)))


def _of_several(ids: tuple[str, ...]) -> str:
    """Say that a full name names nobody because several people have it."""
    return f": several people are called so ({', '.join(ids)}); name the one who is meant by id, login or address" if ids else ""
