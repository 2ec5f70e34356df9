"""What every engine can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

from phaseout.reading.reader import Reader, Setting
from phaseout.reading.reduction import Span

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
    """Runs the expressions; keeps the tables that they refer to."""

    def take(self, sources: Sequence[Source], span: Span, progress: Progress | None = None) -> tuple[Taken, ...]:
        """Read logs and add what they show to the sightings.

        Args:
            sources: of one format and one setting, but for the file's name.
            span: how time is cut.
            progress: told how far it is.
        """

    def sightings(self) -> ir.Table:
        """Return all sightings, reduced over the files taken so far."""

    def forget(self) -> None:
        """Let go of what was taken so far, so that another run can begin."""

    def give(self, name: str, table: pa.Table) -> ir.Table:
        """Make a small table known to the engine."""

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Compute an expression once and keep it under a name."""

    def ask(self, expression: ir.Table) -> pa.Table:
        """Compute an expression and fetch it."""

    def close(self) -> None:
        """Let go of everything."""


Unpack = Callable[[str], Mapping[str, str | None]]
"""Decodes one packed ActiveSync query into the columns of ``PACKED``."""
