"""The way in for waivers: the file beside a directive into ``Waiver`` values, or everything that is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.directive.build import midnight, midnight_after
from phaseout.directive.collected import Collected
from phaseout.directive.compose import compose
from phaseout.directive.fields import FIRST_YEAR, LAST_YEAR
from phaseout.directive.fit import Fitted, fit
from phaseout.directive.tree import Mark, Table, is_told, key_mark, mark_at
from phaseout.directive.waiver_shape import WaiverShape, WaiversShape
from phaseout.directive.wording import quote
from phaseout.model.directive import Clause, Directive, Strength, Waiver
from phaseout.model.fault import Fault
from phaseout.model.person import folded

_EVERYBODY: Final = frozenset({"*", "all", "any", "anybody", "anyone", "everybody", "everyone", "staff"})
"""Words that would make a waiver a blanket one."""


_WITHIN: Final[Mapping[str, str]] = {
    **dict.fromkeys(("clause", "category", "reason", "granted_by"), "unknown"),
    "from": f"{FIRST_YEAR}-01-01",
    "until": f"{LAST_YEAR}-12-31",
}
"""What the checks go on with where a waiver's key is wrong or missing, so that one run tells everything."""


def load_waivers(text: str, file: str, directive: Directive) -> tuple[Waiver, ...]:
    """Read waivers.

    Args:
        text: the YAML text; ``source.read_text`` reads it from the disk.
        file: its name as faults should say it.
        directive: the order that they are exceptions from.

    Raises:
        FaultsError: with all errors at once. Warnings stop nothing; ``check_waivers`` gives them.
    """
    shape, faults = _checked(text, file, directive)
    if shape is None or faults.stopped:
        raise faults.error()
    return tuple(_waiver(waiver, ZoneInfo(directive.time_zone)) for waiver in shape.waivers)


def check_waivers(text: str, file: str, directive: Directive) -> tuple[Fault, ...]:
    """Return everything that is wrong with a waiver file, errors and warnings, in the order of the file."""
    return _checked(text, file, directive)[1].faults


def _waiver(shape: WaiverShape, zone: ZoneInfo) -> Waiver:
    return Waiver(
        id=shape.id,
        clause=shape.clause,
        category=shape.category,
        reason=shape.reason,
        granted_by=shape.granted_by,
        starts=midnight(shape.starts, zone),
        ends=midnight_after(shape.until, zone),
        person=shape.person,
        role=shape.role,
    )


def _checked(text: str, file: str, directive: Directive) -> tuple[WaiversShape | None, Collected]:
    faults = Collected(file)
    tree = compose(text, faults)
    fitted = fit(tree, WaiversShape, {}, faults, _WITHIN) if isinstance(tree, Table) else None
    if fitted is None:
        return None, faults
    _Check(fitted, directive, faults).look()
    return fitted.shape, faults


class _Check(Struct, frozen=True):
    """What waivers of the right shape may still get wrong.

    Attributes:
        fitted: the values with their places.
        directive: what they are exceptions from.
        faults: where what is wrong is told.
    """

    fitted: Fitted[WaiversShape]
    directive: Directive
    faults: Collected

    def look(self) -> None:
        """Look at the file as a whole, at each waiver, and at each with its neighbours."""
        named = self.fitted.shape.directive
        if named is not None and named != self.directive.id:
            message = f"These are waivers from {quote(named)}, not from {quote(self.directive.id)}."
            self.faults.add("PO209", mark_at(self.fitted.tree, ("directive",)), message, "Take the other file, or mend the id.")
        first: dict[str, int] = {}
        for place, waiver in enumerate(self.fitted.shape.waivers):
            before = first.setdefault(waiver.id, place)
            if before != place:
                line = mark_at(self.fitted.tree, ("waivers", before, "id")).line
                self._tell("PO208", place, "id", f"{quote(waiver.id)} stands already on line {line}.", "Give each its own.")
            self._of_somebody(place, waiver)
            self._from_a_clause(place, waiver)
            self._within_its_category(place, waiver)
        self._not_for_ever()

    def _tell(self, code: str, place: int, key: str, message: str, way_out: str) -> None:
        if not self._is_told(place, key):
            self.faults.add(code, mark_at(self.fitted.tree, ("waivers", place, key)), message, way_out)

    def _is_told(self, place: int, *keys: str) -> bool:
        """Whether one of a waiver's values stands for one that is told already."""
        return any(is_told(self.fitted.tree, ("waivers", place, key)) for key in keys)

    def _of_somebody(self, place: int, waiver: WaiverShape) -> None:
        """Tell waivers for nobody in particular, and those for two at once."""
        mark: Mark = key_mark(self.fitted.tree, ("waivers", place))
        if waiver.person is None and waiver.role is None:
            message = f"The waiver {quote(waiver.id)} names neither a person nor a role, so it would be for everybody."
            self.faults.add("PO201", mark, message, "Name one person, or one role.")
        if waiver.person is not None and waiver.role is not None:
            message = f"The waiver {quote(waiver.id)} names a person and a role."
            self.faults.add("PO202", mark, message, "Write two waivers, each for one of them.")
        for key, name in (("person", waiver.person), ("role", waiver.role)):
            if name is not None and name.casefold() in _EVERYBODY:
                self._tell("PO201", place, key, f"{quote(name)} would except everybody.", "Name one person, or one role.")

    def _clause(self, waiver: WaiverShape) -> Clause | None:
        return next((clause for clause in self.directive.clauses if clause.id == waiver.clause), None)

    def _from_a_clause(self, place: int, waiver: WaiverShape) -> None:
        """Tell waivers from nothing, from everything, and from what forbids nothing."""
        clause = self._clause(waiver)
        if waiver.clause.casefold() in _EVERYBODY and clause is None:
            self._tell(
                "PO201", place, "clause", "This would except from every clause.", "Name one clause; write one waiver each."
            )
        elif clause is None:
            way_out = self.faults.instead(waiver.clause, (one.id for one in self.directive.judged), "")
            self._tell("PO203", place, "clause", f"There is no clause {quote(waiver.clause)}.", way_out)
        elif clause.reading_of is not None or clause.strength is Strength.MAY:
            why = f"is only another reading of {clause.reading_of}" if clause.reading_of is not None else "permits"
            message = f"Clause {quote(clause.id)} {why}, so there is nothing to except from."
            way_out = self.faults.instead(
                "", (one.id for one in self.directive.judged if one.strength is not Strength.MAY), "Take it out."
            )
            self._tell("PO210", place, "clause", message, way_out)
        else:
            self._takes_effect(place, waiver, clause)

    def _takes_effect(self, place: int, waiver: WaiverShape, clause: Clause) -> None:
        built = _waiver(waiver, ZoneInfo(self.directive.time_zone))
        late = clause.ends is not None and built.starts >= clause.ends
        if built.ends <= clause.starts or late:
            message = f"Clause {quote(clause.id)} is not in force on any day of the waiver {quote(waiver.id)}."
            self._tell("PO212", place, "from", message, "Look at the dates, or take the waiver out.")

    def _within_its_category(self, place: int, waiver: WaiverShape) -> None:
        """Tell waivers of no category, by nobody who may grant them, or longer than the directive allows."""
        days = (waiver.until - waiver.starts).days + 1
        if days < 1:
            message = f"The waiver {quote(waiver.id)} ends on {waiver.until}, before its first day, {waiver.starts}."
            self._tell("PO207", place, "until", message, "Write a last day that is not before the first.")
        category = self.directive.waiver_categories.get(waiver.category)
        if category is None:
            nothing = "The directive allows no waivers: it has no categories."
            way_out = self.faults.instead(waiver.category, self.directive.waiver_categories, nothing)
            self._tell("PO204", place, "category", f"There is no waiver category {quote(waiver.category)}.", way_out)
            return
        if days > category.longest_days and not self._is_told(place, "from", "until"):
            last = waiver.starts + timedelta(days=category.longest_days - 1)
            message = f"The waiver {quote(waiver.id)} lasts {days} days; {quote(category.id)} allows {category.longest_days}."
            self._tell("PO205", place, "until", message, f"Let it end on {last} at the latest.")
        if folded(waiver.granted_by) not in set(map(folded, category.granted_by)):
            message = f"{quote(waiver.granted_by)} may not grant waivers of the category {quote(category.id)}."
            way_out = self.faults.instead(waiver.granted_by, category.granted_by, "")
            self._tell("PO206", place, "granted_by", message, way_out)

    def _not_for_ever(self) -> None:
        """Tell waivers that follow each other without a gap and together last longer than one may."""
        rows: dict[tuple[str | None, str | None, str, str], list[int]] = defaultdict(list)
        for place, waiver in enumerate(self.fitted.shape.waivers):
            if not self._is_told(place, "clause", "category", "from", "until"):
                rows[waiver.person, waiver.role, waiver.clause, waiver.category].append(place)
        for (_, _, _, name), places in rows.items():
            category = self.directive.waiver_categories.get(name)
            if category is not None and len(places) > 1:
                self._one_row(places, category.longest_days)

    def _one_row(self, places: Iterable[int], longest_days: int) -> None:
        waivers = self.fitted.shape.waivers
        ordered = sorted(places, key=lambda place: waivers[place].starts)
        begun, last = waivers[ordered[0]].starts, waivers[ordered[0]].until
        for place in ordered[1:]:
            waiver = waivers[place]
            if waiver.starts > last + timedelta(days=1):
                begun = waiver.starts
            last = max(last, waiver.until)
            days = (last - begun).days + 1
            if days > longest_days and waiver.starts != begun:
                message = f"With those before it the waiver {quote(waiver.id)} lasts {days} days; one may last {longest_days}."
                self._tell("PO211", place, "from", message, "Look whether the renewal is meant.")
