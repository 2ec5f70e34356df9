"""An access under a waiver is none of a violation's, whenever it was."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from phaseout.model.answer import Answer
from phaseout.reporting.figures import Figures
from phaseout.reporting.sentence import sentence


def test_the_last_that_counts_is_under_no_waiver(answer: Answer) -> None:
    before = min(one.first for one in answer.violations) - timedelta(days=30)
    findings = tuple(replace(one, counted_last=before) for one in answer.findings)
    figures = Figures(replace(answer, findings=findings))
    assert (figures.last_violation, figures.recent) == (before, 0)
    assert all(clause.last in {None, before} for clause in figures.clauses)


def test_what_only_a_waiver_covers_is_said(answer: Answer) -> None:
    some = Figures(answer).waived
    assert some
    assert "under a waiver" in sentence(Figures(replace(answer, findings=some)))
