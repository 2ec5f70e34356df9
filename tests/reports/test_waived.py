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
    advised = Figures(answer).advised
    assert advised
    said = sentence(Figures(replace(answer, findings=(*some, *advised))))
    assert "advises against; " in said
    assert "a banned one under a waiver" in said
