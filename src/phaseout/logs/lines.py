"""Cut a log into record batches of lines, each with its number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phaseout.logs.pieces import KEPT_OF_LONG, LONGEST_LINE, Piece, Pieces
from phaseout.reading.given import same_text
from phaseout.reading.reader import DATED

SCHEMA: Final = pa.schema({"line": pa.string(), "row": pa.int64(), "head": pa.string()})
"""A line with its line end, its number from 1 (plus the base), and the latest head line before it (or null), behind which stands
the latest line that gives the day, where there is one, with ``DATED`` between."""

OVER: Final = f"\0 longer than {LONGEST_LINE} bytes: "
"""What stands before the kept beginning of a line that is too long; no format reads it."""


@dataclass
class Lines:
    """The lines of one file.

    Attributes:
        pieces: of which the lines are cut.
        head: lines that start with one of these texts name the columns of those that follow; empty for formats without.
        dated: lines that start with this text give the day of those that follow; empty for formats without.
        base: is added to each line's number.
    """

    pieces: Pieces
    head: tuple[str, ...] = ()
    dated: str = ""
    base: int = 0
    _latest: str | None = field(default=None, init=False)
    _day: str = field(default="", init=False)

    @property
    def _marks(self) -> tuple[str, ...]:
        """How lines begin that say something of those that follow."""
        return (*self.head, self.dated) if self.dated else self.head

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the lines as record batches with the columns of ``SCHEMA``; they can be read once."""
        for piece in self.pieces.pieces():
            yield from self.cut(piece)

    def cut(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Give one batch, or one per head line when the format has head lines."""
        whole = piece.whole
        ends = np.flatnonzero(np.frombuffer(whole, np.uint8) == 10)  # noqa: PLR2004 - the byte of a line feed
        offsets = np.zeros(len(ends) + 1, np.int32)
        np.add(ends, 1, out=offsets[1:], casting="unsafe")
        lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets.data), pa.py_buffer(whole))
        lines = _readable(lines, piece, offsets)
        edges = [0, *self._heads(whole, offsets), len(ends)]
        count = self.pieces.count
        rows = ((count + 1, len(ends)),) if piece.rows is None else piece.rows
        numbers = np.concatenate([np.arange(first, first + size) for first, size in rows])
        for start, end in pairwise(edges):
            part = lines.slice(start, end - start)
            if self.head and len(part) and (first := part[0].as_py()).startswith(self._marks):
                self._note(first.rstrip("\r\n"))
            if len(part):
                yield self._batch(part, numbers[start:end])
        if piece.rows is None:
            self.pieces.count += len(ends)

    def _note(self, line: str) -> None:
        """Remember what a line says of those that follow."""
        if self.dated and line.startswith(self.dated):
            self._day = f"{DATED}{line}"
        else:
            self._latest = line

    def _heads(self, whole: bytes | memoryview, offsets: NDArray[np.int32]) -> list[int]:
        """Return the indices of the head lines within a block, but for one at its very start."""
        found = set()
        text = bytes(whole) if self.head else b""
        for head in self._marks:
            mark, at = b"\n" + head.encode(), -1
            while (at := text.find(mark, at + 1)) >= 0:
                found.add(int(np.searchsorted(offsets, at + 1)))
        return sorted(found)

    def _batch(self, lines: pa.StringArray, numbers: NDArray[np.int64]) -> pa.RecordBatch:
        size = len(lines)
        places = np.add(numbers, self.base, dtype=np.int64)
        rows = pa.Int64Array.from_buffers(pa.int64(), size, [None, pa.py_buffer(places.data)])
        head = pa.nulls(size, pa.string()) if self._latest is None else same_text(self._latest + self._day, size)
        return pa.record_batch([lines, rows, head], schema=SCHEMA)


def _readable(lines: pa.StringArray, piece: Piece, offsets: NDArray[np.int32]) -> pa.StringArray:
    """Replace bytes that are no UTF-8, and shorten lines that are too long."""
    longest, whole = int(np.diff(offsets).max(initial=0)), piece.whole
    if not piece.first_over and longest <= LONGEST_LINE and (piece.plain or _is_text(lines)):
        return lines
    texts = []
    for i, (start, end) in enumerate(pairwise(offsets.tolist())):
        over = end - start > LONGEST_LINE or (piece.first_over and i == 0)
        text = bytes(whole[start : min(end, start + KEPT_OF_LONG) if over else end]).decode("utf-8", "replace")
        texts.append(OVER + text if over else text)
    return pa.array(texts, pa.string())


def _is_text(lines: pa.StringArray) -> bool:
    """Whether every line is UTF-8."""
    try:
        lines.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
