"""Bring logs of one format to an engine: what of them was counted, and the lines that are left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from phaseout.logs.ahead import Ahead
from phaseout.logs.counted import counted_of, together
from phaseout.logs.lines import Lines
from phaseout.reading.engine import Counted, Engine, Taken
from phaseout.reading.source import PLACE_BITS, Progress, Source
from phaseout.reading.span import Span, Window, times_of


class Intake:
    """Some logs of one format and setting, on their way into an engine.

    Args:
        ahead: reads them.
    """

    def __init__(self, ahead: Ahead) -> None:
        """Take them over."""
        self._ahead, self.sources = ahead, ahead.sources

    def left(self) -> Iterator[pa.RecordBatch]:
        """Give the lines that are not counted, with the columns of ``SCHEMA``; all of them where none can be."""
        files = zip(self.sources, self._ahead.files, strict=True)
        lines = [Lines(pieces, source.reader.head, source.reader.dated, source.number << PLACE_BITS) for source, pieces in files]
        for number, piece in self._ahead.left():
            yield from lines[number].cut(piece)

    def counted(self) -> Counted | None:
        """Return what was counted, or None where none was; once, when ``left`` has come to its end."""
        found, keys = list[Counted](), 0
        for source, scan in zip(self.sources, self._ahead.scans, strict=False):
            found.append(counted_of(scan, source.number << PLACE_BITS, keys))
            keys += found[-1].keys.num_rows
            scan.close()
        return together(found) if keys else None

    def ends(self) -> Iterator[tuple[int, str]]:
        """Give how many lines each log has, and what must be known about it; when ``left`` has come to its end."""
        for pieces in self._ahead.files:
            yield pieces.count, pieces.note


def read_into(
    engine: Engine, sources: Sequence[Source], span: Span, window: Window, progress: Progress | None = None
) -> tuple[Taken, ...]:
    """Read logs of one format and setting into an engine.

    Args:
        engine: keeps the sightings.
        sources: the logs.
        span: how time is cut.
        window: what of it is looked at.
        progress: told how far it is.
    """
    with Ahead(sources, times_of(span, window, by_day=sources[0].setting.by_day), progress) as ahead:
        return engine.take(Intake(ahead), span, window)
