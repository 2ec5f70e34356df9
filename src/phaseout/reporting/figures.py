"""The figures of an answer: what every report counts, counted once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.model.answer import Answer, Finding, LogAccount
from phaseout.model.directive import Clause, Strength, Waiver
from phaseout.model.person import AccountKind, Person
from phaseout.model.verdict import Verdict
from phaseout.reporting.words import NOBODY, counted, path, who

RECENT: Final = timedelta(days=7)
"""What "in the last days" means: a week, so that everybody's working days are in it."""


class Lines(Struct, frozen=True):
    """What became of all lines of all logs: lines = accesses + ignored + rejected."""

    lines: int
    accesses: int
    ignored: Mapping[str, int]
    rejected: int

    @property
    def set_aside(self) -> int:
        """The lines that were ignored, for whatever reason."""
        return sum(self.ignored.values())

    @property
    def missing(self) -> int:
        """Lines that nothing accounts for; anything but 0 is a fault of phaseout."""
        return self.lines - self.accesses - self.set_aside - self.rejected


class ClauseFigures(Struct, frozen=True):
    """What was found under one clause: ``holders`` says who violates it, ``last`` is the last access that counts against it.

    ``accesses`` counts those of the violations that no waiver covers, ``waived_accesses`` those that one does. Who has both is
    one of the ``violating`` and one of the ``waived``.
    """

    clause: Clause
    holders: str
    violating: int
    waived: int
    advised: int
    cannot_tell: int
    accesses: int
    waived_accesses: int
    last: datetime | None


class Figures:
    """What can be counted in an answer.

    A person who breaks two clauses, or one with two devices, has several findings and counts once.

    Args:
        answer: what a check found.
    """

    def __init__(self, answer: Answer) -> None:
        """Keep the answer; what is asked for is counted when it is asked for."""
        self.answer = answer
        self.zone = ZoneInfo(answer.directive.time_zone)

    @cached_property
    def violations(self) -> tuple[Finding, ...]:
        """Violations that no waiver covers wholly."""
        return self.answer.violations

    @cached_property
    def waived(self) -> tuple[Finding, ...]:
        """What would be a violation if no waiver covered all of it."""
        return tuple(one for one in self.answer.findings if one.verdict is Verdict.VIOLATION and one.waived)

    @cached_property
    def partly_waived(self) -> tuple[Finding, ...]:
        """Violations of which a waiver covers a part."""
        return tuple(one for one in self.violations if one.waived_accesses)

    @cached_property
    def advised(self) -> tuple[Finding, ...]:
        """What is advised against."""
        return tuple(one for one in self.answer.findings if one.verdict is Verdict.ADVISED)

    @cached_property
    def cannot_tell(self) -> tuple[Finding, ...]:
        """What can't be told."""
        return tuple(one for one in self.answer.findings if one.verdict is Verdict.CANNOT_TELL)

    @cached_property
    def _ids(self) -> dict[str, set[str]]:
        """The ids of each name that anybody has whom the answer shows."""
        found: dict[str, set[str]] = defaultdict(set)
        for person in chain((one.person for one in self.answer.findings), self.answer.coverage.never_seen):
            found[person.name].add(person.id)
        for id_, name in self.answer.coverage.names.items():
            found[name].add(id_)
        return found

    def who(self, person: Person) -> str:
        """Write a person's name; with the id where several have that name."""
        namesake = person.name and len(self._ids.get(person.name, ())) > 1
        return f"{who(person)} [{person.id}]" if namesake else who(person)

    def account(self, id_: str) -> str:
        """Write the name of one whom the coverage knows by id, with the id."""
        name = self.answer.coverage.names.get(id_) or id_
        return name if name == id_ else f"{name} [{id_}]"

    def holders(self, findings: Iterable[Finding], more: str = "") -> str:
        """Say whom findings are about: people of the staff, and apart from them accounts that are no member's own.

        Args:
            findings: about them.
            more: stands before each word, such as ``more ``.
        """
        persons = {one.person.id: one.person for one in findings}
        staff = sum(one.kind is AccountKind.PERSON for one in persons.values())
        accounts = len(persons) - staff
        members = counted(staff, f"{more}person", f"{more}people")
        if not accounts:
            return members
        named = counted(accounts, f"{more}account", f"{more}accounts")
        return f"{members} and {named}" if staff else named

    def unit_of(self, finding: Finding) -> str:
        """Return the short path of a finding's unit, or what stands in its place."""
        return NOBODY if finding.person.kind is AccountKind.UNKNOWN else self.short(finding.person.unit)

    @cached_property
    def top(self) -> tuple[str, ...]:
        """The path that all units have in common; it is said once and left out after that."""
        paths = [unit.unit for unit in self.answer.units if unit.unit]
        shared = tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False)))
        return shared if len(paths) > 1 else ()

    def short(self, unit: tuple[str, ...]) -> str:
        """Return a unit's path below the path that all have in common; the top itself by its own name."""
        if self.top and unit[: len(self.top)] == self.top:
            return path(unit[len(self.top) :] or self.top[-1:])
        return path(unit)

    @cached_property
    def violating(self) -> int:
        """How many people have a violation that no waiver covers wholly."""
        return people_of(self.violations)

    @cached_property
    def people_waived(self) -> int:
        """How many people have at worst a violation that a waiver covers wholly."""
        return people_of(self.worst["waived"])

    @cached_property
    def people_advised(self) -> int:
        """How many people use at worst what they were advised against."""
        return people_of(self.worst["advised"])

    @cached_property
    def people_untold(self) -> int:
        """Of how many people nothing is known but that something can't be told."""
        return people_of(self.worst["cannot tell"])

    @cached_property
    def worst(self) -> Mapping[str, tuple[Finding, ...]]:
        """Of each person the findings of the worst sort, by it: as by unit, who is in one group is in no other."""
        sorts = {"violation": self.violations, "waived": self.waived, "advised": self.advised, "cannot tell": self.cannot_tell}
        found: dict[str, tuple[Finding, ...]] = {}
        before = set[str]()
        for name, findings in sorts.items():
            found[name] = tuple(one for one in findings if one.person.id not in before)
            before |= {one.person.id for one in findings}
        return found

    @cached_property
    def last_violation(self) -> datetime | None:
        """The last access that counts as a violation."""
        return max((one.last for one in self.violations), default=None)

    @cached_property
    def seen_until(self) -> datetime:
        """The instant up to which logs showed anything: the last time stamp, within what was asked for."""
        asked = min(self.answer.at, self.answer.until or self.answer.at)
        shown = max((log.reaches for log in self.answer.coverage.logs if log.reaches is not None), default=asked)
        return min(asked, shown)

    @cached_property
    def recent(self) -> int:
        """How many people had a violation in the last week that the logs show."""
        return people_of(one for one in self.violations if one.last > self.seen_until - RECENT)

    @cached_property
    def never_seen(self) -> int:
        """How many people of those whom the order reaches were never seen."""
        return len(self.answer.coverage.never_seen)

    @cached_property
    def lines(self) -> Lines:
        """What became of all lines."""
        return lines_of(self.answer.coverage.logs)

    @cached_property
    def clauses(self) -> tuple[ClauseFigures, ...]:
        """What was found under each clause that decides, in the order of the directive."""
        return tuple(self._clause(clause) for clause in self.answer.directive.judged)

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """Every waiver that covers anything that was found, by its id."""
        found = {waiver.id: waiver for one in self.answer.findings for waiver in one.waivers}
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def deadlines(self) -> tuple[datetime, ...]:
        """The deadlines of the clauses that bind, in order, each once."""
        return tuple(sorted({clause.deadline for clause in self.answer.directive.judged if clause.strength is Strength.MUST}))

    def _clause(self, clause: Clause) -> ClauseFigures:
        def under(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
            return tuple(one for one in findings if one.clause == clause.id)

        violations = under(self.violations)
        return ClauseFigures(
            clause=clause,
            holders=self.holders(violations),
            violating=people_of(violations),
            waived=people_of(under((*self.waived, *self.partly_waived))),
            advised=people_of(under(self.advised)),
            cannot_tell=people_of(under(self.cannot_tell)),
            accesses=sum(one.counted_accesses for one in violations),
            waived_accesses=sum(one.waived_accesses for one in (*violations, *under(self.waived))),
            last=max((one.last for one in violations), default=None),
        )


def lines_of(logs: Iterable[LogAccount]) -> Lines:
    """Add up what became of the lines of some logs."""
    added = tuple(logs)
    ignored: Counter[str] = Counter()
    for log in added:
        ignored.update(log.ignored)
    return Lines(
        lines=sum(log.lines for log in added),
        accesses=sum(log.accesses for log in added),
        ignored=dict(ignored.most_common()),
        rejected=sum(log.rejected for log in added),
    )


def people_of(findings: Iterable[Finding]) -> int:
    """Return how many people findings are about."""
    return len({one.person.id for one in findings})


def also_waived(figures: Figures) -> str:
    """Say that a waiver covers a part of what some did whom the report names for a violation."""
    are = "is" if people_of(figures.partly_waived) == 1 else "are"
    return f"A waiver covers a part of what {figures.holders(figures.partly_waived)} did who {are} named under the violations."
