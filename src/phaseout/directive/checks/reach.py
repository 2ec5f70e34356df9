"""Whom and what a clause reaches: somebody, and services that are named once."""

from __future__ import annotations

from phaseout.directive.draft import Draft, Path
from phaseout.directive.shape import PeopleShape, WhoShape
from phaseout.directive.wording import quote
from phaseout.model.person import folded

Unit = tuple[str, ...]


def check_reach(draft: Draft) -> None:
    """Tell clauses that reach nobody, or less than they seem to."""
    for place, clause in enumerate(draft.shape.clauses):
        path: Path = ("clauses", place)
        if "*" in clause.services and len(clause.services) > 1:
            message = "The star stands for every work service, so the names beside it say nothing."
            draft.tell("PO131", (*path, "services"), message, "Write the star alone, or the names alone.")
        for number, service in enumerate(clause.services):
            if service in clause.services[:number]:
                draft.tell("PO134", (*path, "services", number), f"{quote(service)} is named twice.", "Name it once.")
        _somebody(draft, (*path, "who"), clause.who)
        if clause.who.but_not is None:
            continue
        _somebody(draft, (*path, "who", "but_not"), clause.who.but_not)
        if not draft.was_cut((*path, "who")):
            _somebody_is_left(draft, (*path, "who", "but_not"), clause.who, clause.who.but_not)


def _somebody(draft: Draft, path: Path, people: PeopleShape) -> None:
    names = people.units or people.roles or people.people
    if not people.everyone and not names and not draft.was_cut(path):
        draft.tell("PO163", path, "Nobody is named here.", 'Write "everyone: true", or units, roles, or people.')
    if people.everyone and names:
        message = "Everyone is named, so the units, roles and people beside it say nothing."
        draft.tell("PO165", path, message, 'Leave "everyone" out, or the names.')


def _somebody_is_left(draft: Draft, path: Path, who: WhoShape, but_not: PeopleShape) -> None:
    out = frozenset(_folded(unit) for unit in but_not.units)
    units_gone = all(_below(unit, out) for unit in who.units)
    names_gone = set(who.roles) <= set(but_not.roles) and set(who.people) <= set(but_not.people)
    somebody = who.units or who.roles or who.people
    if but_not.everyone or (somebody and not who.everyone and units_gone and names_gone):
        draft.tell("PO164", path, "Everybody whom the clause names is left out again, so it never applies.", "Leave fewer out.")
        return
    for number, unit in enumerate(who.units):
        if not who.everyone and _below(unit, out):
            message = f"All of {quote(' / '.join(unit))} is left out again, so naming it says nothing."
            draft.tell("PO167", (*path[:-1], "units", number), message, "Leave the unit out here, or less of it below.")
    if who.everyone or who.roles or who.people:
        return  # whether these are in the units left out, only the staff list knows
    tops = frozenset(_folded(unit) for unit in who.units)
    for number, unit in enumerate(but_not.units):
        if who.units and not _below(unit, tops):
            message = f"{quote(' / '.join(unit))} lies in none of the units that the clause names, so nothing is left out."
            draft.tell("PO166", (*path, "units", number), message, "Write the path from the top down, as above.")


def _folded(unit: Unit) -> Unit:
    return tuple(map(folded, unit))


def _below(unit: Unit, tops: frozenset[Unit]) -> bool:
    """Tell whether a unit is one of some units, or lies below one; ``tops`` are case-folded."""
    path = _folded(unit)
    return any(path[:length] in tops for length in range(1, len(path) + 1))
