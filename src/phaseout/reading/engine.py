"""What every engine can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from phaseout.reading.on_demand import ir
from phaseout.reading.question import Table
from phaseout.reading.reader import Reader, Setting
from phaseout.reading.reduction import Span, Window

Progress = Callable[[int, int, int], None]
"""Called with a log's number, the bytes of it read so far, and the lines of it cut so far."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log to read.

    Attributes:
        path: as given.
        number: of the file in this run, from 0.
        reader: its format.
        setting: what the reader must know.
    """

    path: str
    number: int
    reader: Reader
    setting: Setting


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one log's lines.

    Attributes:
        lines: lines cut.
        fates: rows with ``fate`` (accesses, ignored, rejected), ``reason``, ``n``, ``first``, ``last``.
        rejected: rows with ``row``, ``reason``, ``line``: those that can't be read.
        note: what must be known about the file, such as that it is cut off.
    """

    lines: int
    fates: Sequence[Mapping[str, Any]]
    rejected: Sequence[Mapping[str, Any]]
    note: str


class Engine(Protocol):
    """Answers questions about the tables that it keeps.

    A question is a function that builds an expression, as ``phaseout.reading.questions`` has them, and what it is given: the
    engine alone decides whether the expression has to be built.
    """

    def take(self, sources: Sequence[Source], span: Span, window: Window, progress: Progress | None = None) -> tuple[Taken, ...]:
        """Read logs and add what they show to the sightings.

        Args:
            sources: of one format and one setting, but for the file's name.
            span: how time is cut.
            window: what of it is looked at.
            progress: told how far it is.
        """

    def sightings(self) -> Table:
        """Return all sightings, reduced over the files taken so far."""

    def forget(self) -> None:
        """Let go of what was taken so far, so that another run can begin."""

    def give(self, name: str, table: pa.Table) -> Table:
        """Make a small table known to the engine."""

    def keep(self, name: str, question: Callable[..., ir.Table], *given: Any, **named: Any) -> Table:  # noqa: ANN401 - anything
        """Answer a question once and keep the answer under a name.

        Args:
            name: of the table that is kept.
            question: builds the expression.
            given: what it is given; each ``Table`` stands for an expression of that table.
            named: the same, by name.
        """

    def ask(self, question: Callable[..., ir.Table], *given: Any, **named: Any) -> pa.Table:  # noqa: ANN401 - anything
        """Answer a question.

        Args:
            question: builds the expression.
            given: what it is given; each ``Table`` stands for an expression of that table.
            named: the same, by name.
        """

    def close(self) -> None:
        """Let go of everything."""
