"""What every engine can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa
from msgspec import Struct

from phaseout.reading.on_demand import ir
from phaseout.reading.question import Table
from phaseout.reading.source import Source
from phaseout.reading.span import Span, Window


class Counted(Struct, frozen=True):
    """What ordinary lines come to.

    Attributes:
        keys: a row for each distinct one: its number, ``key``, and the shape's columns.
        counts: ``key``, ``period``, ``chunk``, ``n``, ``first``, ``last``, ``first_row``, ``last_row`` and ``days``: whole
            numbers, but for ``first`` and ``last``, which are time stamps in UTC; rows are places.
    """

    keys: pa.Table
    counts: pa.Table


class Intake(Protocol):
    """Logs of one format and one setting, but for the file's name, on their way into an engine."""

    @property
    def sources(self) -> Sequence[Source]:
        """The logs."""

    def left(self) -> Iterator[pa.RecordBatch]:
        """Give the lines that are not counted: ``line``, ``row`` (its place) and ``head``."""

    def counted(self) -> Counted | None:
        """Return what was counted, or None where none was; once, when ``left`` has come to its end."""

    def ends(self) -> Iterable[tuple[int, str]]:
        """Give how many lines each log has, and what must be known about it; when ``left`` has come to its end."""


class Taken(Struct, frozen=True):
    """What became of one log's lines.

    Attributes:
        lines: lines cut.
        fates: rows with ``fate`` (accesses, ignored, rejected), ``reason``, ``n``, ``first``, ``last``, ``chunk``, ``days``.
        rejected: rows with ``row``, ``reason``, ``line``: those that can't be read.
        note: what must be known about the file, such as that it is cut off.
        ends: rows with ``first``, ``last``, ``first_line`` and ``last_line``, for formats whose stamps may carry no year.
        is_nameless: whether an export has records without an id, of which nobody can tell whether they stand there again.
    """

    lines: int
    fates: Sequence[Mapping[str, Any]]
    rejected: Sequence[Mapping[str, Any]]
    note: str
    ends: Sequence[Mapping[str, Any]] = ()
    is_nameless: bool = False


class Engine(Protocol):
    """Answers questions about the tables that it keeps.

    A question is a function that builds an expression, as ``phaseout.reading.questions`` has them, and what it is given: the
    engine alone decides whether the expression has to be built.
    """

    def take(self, intake: Intake, span: Span, window: Window) -> tuple[Taken, ...]:
        """Read logs and add what they show to the sightings.

        Args:
            intake: the logs.
            span: how time is cut.
            window: what of it is looked at.
        """

    def sightings(self) -> Table:
        """Return all sightings, reduced over the files taken so far."""

    def asides(self) -> Table:
        """Return what the files taken so far show that is set aside and names somebody, of logs that tell it apart."""

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
