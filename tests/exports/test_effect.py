"""What exports take an order to do is what the gate does when its operator chose nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from phaseout.exporting.effect import effect_of
from phaseout.gate.decision import Effect as GateEffect
from phaseout.gate.policy import Policy
from phaseout.gate.policy import effect_of as gate_effect_of
from phaseout.model.directive import StageKind
from phaseout.model.verdict import Ruling, Verdict


@pytest.mark.parametrize(("verdict", "stage", "waiver"), list(product(Verdict, [None, *StageKind], [None, "W-1"])))
def test_exports_and_gate_agree(verdict: Verdict, stage: StageKind | None, waiver: str | None) -> None:
    ruling = Ruling("1", verdict, "", waiver, stage)
    gate = gate_effect_of(ruling, Policy(quarantine_as=GateEffect.QUARANTINE))
    assert effect_of(ruling).value == gate.value
