"""The answer on a terminal, or as plain text in a pipe: coverage first, the answer in one sentence last."""

from __future__ import annotations

from typing import Final, TextIO

from rich.console import Console

from phaseout.model.answer import Answer
from phaseout.reporting.figures import Figures
from phaseout.reporting.report import Report
from phaseout.reporting.screen.coverage import show_coverage
from phaseout.reporting.screen.findings import show_findings
from phaseout.reporting.screen.page import Page
from phaseout.reporting.sentence import sentence
from phaseout.reporting.words import day_and_time

WIDTH: Final = 100
"""Columns of a text file."""


def show(answer: Answer, console: Console, limit: int | None = None) -> None:
    """Print an answer.

    Args:
        answer: what a check found.
        console: where to print; from 80 columns on, everything is readable.
        limit: how many items of a list are printed; a line says how many are not. None prints all.
    """
    figures, page = Figures(answer), Page(console, limit)
    _opening(page, figures)
    show_coverage(page, figures)
    show_findings(page, figures)
    page.heading("The answer")
    page.line(sentence(figures), style="bold")


def write(answer: Answer, stream: TextIO) -> None:
    """Write an answer as plain text, with nothing left out."""
    show(answer, Console(file=stream, width=WIDTH, force_terminal=False, color_system=None, _environ={}))


def _opening(page: Page, figures: Figures) -> None:
    answer, directive = figures.answer, figures.answer.directive
    page.line(directive.title, style="bold")
    page.line(f"{directive.issuer}, version {directive.version}. phaseout {answer.version}.")
    asked = "".join(
        f" {word} {day_and_time(instant, figures.zone)}"
        for word, instant in (("from", answer.since), ("until", answer.until))
        if instant is not None
    )
    page.line(
        f"As of {day_and_time(answer.at, figures.zone)}{f'; asked{asked}' if asked else ''}; times in {directive.time_zone}."
    )
    if answer.pseudonymised:
        page.line("Names, logins and device ids are replaced by pseudonyms.")


REPORT = Report(id="terminal", title="the answer as plain text", suffix=".txt", write=write)
