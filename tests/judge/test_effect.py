"""What a ruling does at a door; and the gate, whose operator chose nothing else, does the same as exported rules."""

from __future__ import annotations

from itertools import product

import pytest

from phaseout.gate.policy import Policy
from phaseout.judge.effect import effect_of
from phaseout.model.directive import StageKind
from phaseout.model.effect import Effect, gentler
from phaseout.model.verdict import Ruling, Verdict

EVERY = list(product(Verdict, [None, *StageKind], [None, "W-1"]))


@pytest.mark.parametrize(("verdict", "stage", "waiver"), EVERY)
def test_exports_and_gate_agree(verdict: Verdict, stage: StageKind | None, waiver: str | None) -> None:
    ruling = Ruling("1", verdict, "", waiver, stage)
    assert effect_of(ruling) is Policy(quarantine_as=Effect.QUARANTINE).effect_of(ruling)


@pytest.mark.parametrize(("verdict", "stage", "waiver"), EVERY)
def test_only_a_violation_in_a_blocking_stage_is_blocked(verdict: Verdict, stage: StageKind | None, waiver: str | None) -> None:
    blocked = effect_of(Ruling("1", verdict, "", waiver, stage)) is Effect.BLOCK
    assert blocked == (verdict is Verdict.VIOLATION and stage is StageKind.BLOCK and waiver is None)


@pytest.mark.parametrize("chosen", list(Effect))
@pytest.mark.parametrize("stage", [None, *StageKind])
@pytest.mark.parametrize("at_worst", [Verdict.ADVISED, Verdict.VIOLATION])
def test_the_unknown_fares_no_worse_than_the_known(at_worst: Verdict, stage: StageKind | None, chosen: Effect) -> None:
    known = effect_of(Ruling("1", at_worst, "", stage=stage))
    unknown = effect_of(Ruling("1", Verdict.CANNOT_TELL, "", stage=stage, at_worst=at_worst), cannot_tell=chosen)
    assert unknown is gentler(known, chosen)
