"""Judge each distinct case once."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

import pyarrow as pa
from msgspec import Struct

from phaseout.judge.decide import banned_alike, judge_alike
from phaseout.judge.order import Order
from phaseout.judge.profile import Profile
from phaseout.model.access import Action
from phaseout.model.device import PLATFORMS, Device
from phaseout.model.verdict import Judgement, Ruling, Verdict
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, TEXT, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import CASE, cases
from phaseout.runs.numbering import Numbered


class State(IntEnum):
    """How a case stands; of a person's cases the highest counts."""

    CLEAN = 1
    CANNOT_TELL = 2
    ADVISED = 3
    WAIVED = 4
    VIOLATING = 5


PLATFORM_NUMBERS: Final = {platform: number for number, platform in enumerate((*PLATFORMS, "unknown"))}
"""Platforms as numbers; ``unknown`` stands for "cannot tell"."""


class Judged(Struct, frozen=True):
    """What the cases were judged to be.

    Attributes:
        rulings: a table with the columns of ``CASE``, ``clause``, ``verdict``, ``waiver`` (-1 for none), ``reason``: the
            rulings that speak against something, or could not tell.
        states: a table with the columns of ``CASE``, ``state``, ``banned`` (1, 0, or -1 for "cannot tell"); cases of people
            whom no clause reaches are not in it, for they are all clean.
        platforms: a table with ``device`` and ``platform``.
        clauses: what the numbers in ``clause`` stand for.
        waivers: what the numbers in ``waiver`` stand for.
        reasons: what the numbers in ``reason`` stand for: the sentence, and what would settle it.
    """

    rulings: Table
    states: Table
    platforms: Table
    clauses: tuple[str, ...]
    waivers: tuple[str, ...]
    reasons: tuple[tuple[str, tuple[str, ...]], ...]


def instant_of(order: Order, period: int) -> datetime:
    """Return an instant of a period; every instant of it is judged alike."""
    return order.cuts[period - 1] if period else order.cuts[0] - timedelta(seconds=1)


def state_of(judgement: Judgement) -> State:
    """Say how a case stands, waivers considered."""
    return max((_state(ruling) for ruling in judgement.rulings), default=State.CLEAN)


_STATES: Final = {Verdict.VIOLATION: State.VIOLATING, Verdict.ADVISED: State.ADVISED, Verdict.CANNOT_TELL: State.CANNOT_TELL}


def _state(ruling: Ruling) -> State:
    if ruling.verdict is Verdict.VIOLATION and ruling.waiver is not None:
        return State.WAIVED
    return _STATES.get(ruling.verdict, State.CLEAN)


def judged(engine: Engine, table: Table, order: Order, numbered: Numbered) -> Judged:
    """Judge every case of the sightings."""
    reached = [number for number, profile in enumerate(numbered.profiles) if profile.clauses]
    profiles = engine.give("reached", plain_table({"profile": NUMBER}, [reached]))
    cases_found = engine.ask(cases, table, profiles) if reached else None
    columns = [] if cases_found is None else [cases_found.column(name).to_pylist() for name in CASE]
    book = _Book(order, numbered.profiles, numbered.devices)
    for case in zip(*columns, strict=True):
        book.enter(case)
    platforms = [PLATFORM_NUMBERS[device.platform or "unknown"] for device in numbered.devices]
    of_device = plain_table({"device": NUMBER, "platform": NUMBER}, [range(len(platforms)), platforms])
    return Judged(
        rulings=engine.give("rulings", _table(book.rulings, "clause", "verdict", "waiver", "reason")),
        states=engine.give("states", _table(book.states, "state", "banned")),
        platforms=engine.give("platforms", of_device),
        clauses=tuple(book.clauses),
        waivers=tuple(book.waivers),
        reasons=tuple(book.reasons),
    )


Case = tuple[int, int, str, str, str, int]
"""The columns of ``CASE``: profile, device, service, protocol, action, period."""

_CASE_TYPES: Final = {
    "profile": NUMBER, "device": NUMBER, "service": TEXT, "protocol": TEXT, "action": TEXT, "period": NUMBER,
}  # fmt: skip


def _table(rows: list[tuple[Any, ...]], *numbers: str) -> pa.Table:
    """Turn rows of a case and some numbers into a table."""
    types = _CASE_TYPES | dict.fromkeys(numbers, NUMBER)
    return plain_table(types, list(zip(*rows, strict=True)) or [()] * len(types))


class _Book:
    """Collects rulings and states, row by row; what is alike is judged once."""

    def __init__(self, order: Order, profiles: tuple[Profile, ...], devices: tuple[Device, ...]) -> None:
        self.order, self.profiles = order, profiles
        self.clauses: dict[str, int] = {clause.id: number for number, clause in enumerate(order.directive.judged)}
        self.waivers: dict[str, int] = {}
        self.reasons: dict[tuple[str, tuple[str, ...]], int] = {}
        self.rulings: list[tuple[object, ...]] = []
        self.states: list[tuple[object, ...]] = []
        looks = [order.looks.of(device) for device in devices]
        self._traits = tuple(dict.fromkeys(looks))
        numbers = {traits: number for number, traits in enumerate(self._traits)}
        self._look = [numbers[traits] for traits in looks]
        self._said: dict[Case, tuple[tuple[int, int], list[tuple[int, ...]]]] = {}

    def enter(self, case: Case) -> None:
        """Judge one case and enter what was said."""
        profile, device, service, protocol, action, period = case
        alike = (profile, self._look[device], service, protocol, action, period)
        found = self._said.get(alike)
        if found is None:
            found = self._said[alike] = self._judged(alike)
        state, rulings = found
        self.states.append((*case, *state))
        for ruling in rulings:
            self.rulings.append((*case, *ruling))

    def _judged(self, alike: Case) -> tuple[tuple[int, int], list[tuple[int, ...]]]:
        """Return state and ban of a case, in which a look stands for the device, and the rulings to be told, all in numbers."""
        number, look, service, protocol, action, period = alike
        profile, traits, at = self.profiles[number], self._traits[look], instant_of(self.order, period)
        judgement = judge_alike(self.order, profile, traits, service, protocol, Action(action), at)
        ban = banned_alike(self.order, profile, traits, service)
        told = [self._numbers(ruling) for ruling in judgement.rulings if ruling.verdict >= Verdict.CANNOT_TELL]
        banned = -1 if ban is None or action == Action.CLAIM.value else int(ban)
        return (int(state_of(judgement)), banned), told

    def _numbers(self, ruling: Ruling) -> tuple[int, ...]:
        waiver = -1 if ruling.waiver is None else self.waivers.setdefault(ruling.waiver, len(self.waivers))
        reason = self.reasons.setdefault((ruling.reason, ruling.settles), len(self.reasons))
        return self.clauses[ruling.clause], int(ruling.verdict), waiver, reason
