"""What only a waiver covers is said."""

from __future__ import annotations

from msgspec.structs import replace

from phaseout.model.answer import Answer
from phaseout.reporting.figures import Figures
from phaseout.reporting.sentence import sentence


def test_what_only_a_waiver_covers_is_said(answer: Answer) -> None:
    some = Figures(answer).waived
    assert some
    assert "under a waiver" in sentence(Figures(replace(answer, findings=some)))
