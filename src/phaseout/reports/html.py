"""The answer as one HTML page: it holds everything that it shows, needs no script, and loads nothing from anywhere.

What a very large answer leaves out of the page is said in its place, with where to find it: see ``reporting.page.view.Limits``.
"""

from __future__ import annotations

from typing import TextIO

from phaseout.model.answer import Answer
from phaseout.reporting.page.view import rendered
from phaseout.reporting.report import Report


def write(answer: Answer, stream: TextIO) -> None:
    """Write an answer as a page."""
    stream.write(rendered(answer))


REPORT = Report(id="html", title="the answer as one HTML page", suffix=".html", write=write)
