"""Days: no clause that can never apply, no stage outside its clause, no door that is harder or gentler than meant."""

from __future__ import annotations

from datetime import date
from typing import Final

from phaseout.directive.draft import Draft, Path
from phaseout.directive.shape import ClauseShape, StageShape
from phaseout.directive.wording import quote
from phaseout.model.access import DOORS
from phaseout.model.directive import StageKind, Strength

_HARDNESS: Final = {str(kind): number for number, kind in enumerate(StageKind)}
_REFUSES: Final = frozenset({str(StageKind.QUARANTINE), str(StageKind.BLOCK)})


def check_days(draft: Draft) -> None:
    """Tell what is wrong with dates."""
    for place, clause in enumerate(draft.shape.clauses):
        path: Path = ("clauses", place)
        _in_order(draft, path, clause)
        _stages_within(draft, path, clause)
        _stages_refuse_in_time(draft, path, clause)
        _one_after_another(draft, path, clause)
        _doors_of_its_services(draft, path, clause)
    _amendments_after_the_order(draft)


def _in_order(draft: Draft, path: Path, clause: ClauseShape) -> None:
    issued = draft.shape.issued
    if issued is not None and clause.starts < issued:
        message = f"The clause is in force from {clause.starts}, before the order was issued on {issued}."
        draft.tell("PO168", (*path, "from"), message, "Look at both dates.")
    if clause.until is not None and clause.until < clause.starts:
        message = f"The clause ends on {clause.until}, before its first day, {clause.starts}, so it never applies."
        draft.tell("PO160", (*path, "until"), message, "Write a last day that is not before the first.")
    if clause.deadline is None:
        return
    if clause.deadline < clause.starts:
        message = f"The deadline, {clause.deadline}, is before the clause's first day, {clause.starts}."
        draft.tell("PO161", (*path, "deadline"), message, "Write a deadline on or after the first day, or leave it out.")
    elif clause.strength != Strength.MUST:
        message = f"A clause of strength {clause.strength} makes no violation, before a deadline or after."
        draft.tell("PO162", (*path, "deadline"), message, 'Leave the deadline out, or write "strength: must".')
    elif clause.until is not None and clause.until < clause.deadline:
        message = f"The clause ends on {clause.until}, before use becomes a violation on {clause.deadline}."
        draft.tell("PO162", (*path, "deadline"), message, "Write an earlier deadline, or a later last day.")


def _stages_within(draft: Draft, path: Path, clause: ClauseShape) -> None:
    for number, stage in enumerate(clause.stages):
        at: Path = (*path, "stages", number, "from")
        if clause.until is not None and stage.starts > clause.until:
            message = f"This stage begins on {stage.starts}, after the clause's last day, {clause.until}, so it never applies."
            draft.tell("PO172", at, message, "Write a day on which the clause is in force, or take the stage out.")
        elif stage.starts < clause.starts:
            message = f"This stage begins on {stage.starts}, but nothing happens before the clause's first day, {clause.starts}."
            draft.tell("PO175", at, message, "Write a day on which the clause is in force.")


def _stages_refuse_in_time(draft: Draft, path: Path, clause: ClauseShape) -> None:
    for number, stage in enumerate(clause.stages):
        if stage.do not in _REFUSES:
            continue
        if clause.strength != Strength.MUST or clause.reading_of is not None:
            why = "is only another reading" if clause.reading_of is not None else f'has the strength "{clause.strength}"'
            message = f"This stage refuses use, but the clause {why}."
            draft.tell("PO174", (*path, "stages", number, "do"), message, "Write observe or warn.")
        elif clause.deadline is not None and stage.starts < clause.deadline:
            message = f"From {stage.starts} this stage refuses what is a violation only from {clause.deadline}."
            draft.tell("PO173", (*path, "stages", number, "from"), message, "Write warn until the deadline.")


def _one_after_another(draft: Draft, path: Path, clause: ClauseShape) -> None:
    """Tell stages of one door that begin on one day, and doors that grow gentler."""
    latest: dict[str, tuple[date, StageShape]] = {}
    for number, stage in sorted(enumerate(clause.stages), key=lambda numbered: numbered[1].starts):
        for door in stage.door:
            before = latest.get(door)
            latest[door] = (stage.starts, stage)
            if before is None:
                continue
            if before[0] == stage.starts:
                message = f"The door {quote(door)} has another stage from {stage.starts} on."
                draft.tell("PO170", (*path, "stages", number), message, "Keep one of the two.")
            elif _HARDNESS[stage.do] < _HARDNESS[before[1].do]:
                message = f"On {stage.starts} the door {quote(door)} goes back from {before[1].do} to {stage.do}."
                draft.tell("PO171", (*path, "stages", number, "do"), message, "Look whether the dates are the wrong way round.")


def _doors_of_its_services(draft: Draft, path: Path, clause: ClauseShape) -> None:
    """Tell stages of doors by which none of the clause's services can be entered."""
    if "*" in clause.services or draft.was_cut(path):
        return
    doors = {door for service in clause.services for door in DOORS[service]}
    for number, stage in enumerate(clause.stages):
        for door in stage.door:
            if door not in doors | {"*"}:
                message = f"None of the clause's services is entered by the door {quote(door)}, so this stage does nothing there."
                way_out = f"Name one of {', '.join(sorted(doors))}, or the service that is meant."
                draft.tell("PO176", (*path, "stages", number, "door"), message, way_out)


def _amendments_after_the_order(draft: Draft) -> None:
    issued = draft.shape.issued
    for place, amendment in enumerate(draft.shape.amendments):
        if issued is not None and amendment.on < issued:
            message = f"The amendment of {amendment.on} is older than the order of {issued}."
            draft.tell("PO180", ("amendments", place, "on"), message, "Look at both dates.")
