"""An order: a directive and its waivers, made ready for judging."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Final
from zoneinfo import ZoneInfo

from phaseout.judge.reach import Reach, named, reach_of
from phaseout.judge.traits import Looks, looks_of
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Stage, StageKind, Waiver
from phaseout.model.verdict import Judgement, Ruling

ANY: Final = "*"
"""Stands for every service of a clause, and for every door that has no stages of its own."""

HARDNESS: Final = tuple(StageKind)
"""The stages from gentle to hard; of two that begin at one instant the harder counts."""


class UnknownClassError(ValueError):
    """A clause names a device class that its directive lacks; the directive room refuses that where it is read."""

    def __init__(self, device_class: str) -> None:
        """Remember which class is lacking."""
        super().__init__(f"The directive has no device class '{device_class}'.")
        self.device_class = device_class


@dataclass(frozen=True, slots=True)
class Rule:
    """A clause that decides, made ready for judging.

    Attributes:
        clause: as the directive has it.
        classes: its device classes.
        stages: by door, each door's from the earliest on.
        waivers: those for this clause, the longest-lasting first.
        rulings: those already given, by all that they depend on; this room's own memory.
    """

    clause: Clause
    classes: tuple[DeviceClass, ...]
    stages: dict[str, tuple[Stage, ...]]
    waivers: tuple[Waiver, ...]
    rulings: dict[object, Ruling] = field(default_factory=dict, repr=False, compare=False)

    @property
    def cuts(self) -> Iterator[datetime]:
        """Every instant at which what this rule says may change; not sorted."""
        yield self.clause.starts
        yield self.clause.deadline
        if self.clause.ends is not None:
            yield self.clause.ends
        yield from (stage.starts for stages in self.stages.values() for stage in stages)
        yield from (instant for waiver in self.waivers for instant in (waiver.starts, waiver.ends))

    def covers(self, service: str) -> bool:
        """Whether the clause is about a work service."""
        return ANY in self.clause.services or service in self.clause.services

    def in_force(self, at: datetime) -> bool:
        """Whether the clause says anything at an instant."""
        return self.clause.starts <= at and (self.clause.ends is None or at < self.clause.ends)

    def stage_at(self, door: str, at: datetime) -> StageKind | None:
        """Return what a door does at an instant, or None when no stage has begun there.

        The stages of ``*`` hold for the doors that have none of their own.
        """
        begun = [stage.kind for stage in self.stages.get(door, self.stages.get(ANY, ())) if stage.starts <= at]
        return begun[-1] if begun else None


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A directive and its waivers, ready for judging. Make it with ``compile_order``.

    Attributes:
        directive: as it was read.
        rules: one per clause that decides, in the directive's order.
        by_clause: the same by the clause's id.
        waivers: those for clauses that decide, by id.
        cuts: every instant at which an answer may change, in UTC, sorted, each once.
        time_zone: in which the order's dates are meant and written.
        names: the normal form of every single person that a clause or waiver names.
        reach: whom the rules and the waivers name.
        looks: the device classes that the rules name.
        counted: what any of the rules counts as use.
        profiles: those already made; this and the next three are this room's own memory, no part of the order.
        same: each profile once.
        reaching: the rules that reach a profile and are about a service, by both.
        answers: by case.
    """

    directive: Directive
    rules: tuple[Rule, ...]
    by_clause: dict[str, Rule]
    waivers: dict[str, Waiver]
    cuts: tuple[datetime, ...]
    time_zone: ZoneInfo
    names: frozenset[str]
    reach: Reach
    looks: Looks
    counted: frozenset[str]
    profiles: dict[object, object] = field(default_factory=dict, repr=False)
    same: dict[object, object] = field(default_factory=dict, repr=False)
    reaching: dict[object, tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    answers: dict[object, Judgement] = field(default_factory=dict, repr=False)


def compile_order(directive: Directive, waivers: Iterable[Waiver] = ()) -> Order:
    """Make a directive and its waivers ready for judging.

    Readings of a clause are left out: they are shown, never judged. So are waivers for clauses that the directive does not
    judge; the directive room refuses them where they are read.

    Args:
        directive: checked.
        waivers: checked against the directive.

    Raises:
        UnknownClassError: a clause names a class that the directive lacks.
    """
    judged = {clause.id for clause in directive.judged}
    longest_first = sorted(waivers, key=lambda waiver: (waiver.ends, waiver.id), reverse=True)
    kept = [waiver for waiver in longest_first if waiver.clause in judged]
    rules = tuple(_rule(directive, clause, kept) for clause in directive.judged)
    by_id = {waiver.id: waiver for waiver in kept}
    people = {name for rule in rules for name in _people(rule.clause.who)} | {waiver.person for waiver in kept if waiver.person}
    return Order(
        directive=directive,
        rules=rules,
        by_clause={rule.clause.id: rule for rule in rules},
        waivers=by_id,
        cuts=tuple(sorted({cut for rule in rules for cut in rule.cuts})),
        time_zone=ZoneInfo(directive.time_zone),
        names=frozenset(named(name) for name in people),
        reach=reach_of((rule.clause.who for rule in rules), by_id.values()),
        looks=looks_of({one.id: one for rule in rules for one in rule.classes}.values()),
        counted=frozenset[str]().union(*(rule.clause.actions for rule in rules)),
    )


def _rule(directive: Directive, clause: Clause, waivers: Iterable[Waiver]) -> Rule:
    """Make one clause ready."""
    for name in clause.devices:
        if name not in directive.classes:
            raise UnknownClassError(name)
    doors = sorted({stage.door for stage in clause.stages})
    in_time = sorted(sorted(clause.stages, key=lambda stage: HARDNESS.index(stage.kind)), key=attrgetter("starts"))
    return Rule(
        clause=clause,
        classes=tuple(directive.classes[name] for name in clause.devices),
        stages={door: tuple(stage for stage in in_time if stage.door == door) for door in doors},
        waivers=tuple(waiver for waiver in waivers if waiver.clause == clause.id),
    )


def _people(scope: Scope | None) -> frozenset[str]:
    """Return every single person that a scope or its exceptions name."""
    return frozenset() if scope is None else scope.people | _people(scope.but_not)
