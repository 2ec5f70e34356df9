"""Cut a log into record batches of lines, each with its number."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phaseout.logs.opened import DamagedLogError, opened

BLOCK: Final = 1 << 19
"""How many bytes are cut at a time: large enough that the cost of a call vanishes, small enough to stay in the cache."""

LONGEST_LINE: Final = 1 << 20
"""Bytes; a longer line is rejected and only its beginning is kept."""

KEPT_OF_LONG: Final = 4096
"""Bytes kept of a line that is too long."""

SCHEMA: Final = pa.schema({"line": pa.string(), "row": pa.int64(), "head": pa.string()})
"""A line with its line end, its number from 1 (plus the base), and the latest head line before it (or null)."""

OVER: Final = f"\0 longer than {LONGEST_LINE} bytes: "
"""What stands before the kept beginning of a line that is too long; no format reads it."""


@dataclass
class Lines:
    """The lines of one file.

    Attributes:
        path: the file.
        head: lines that start with one of these texts name the columns of those that follow; empty for formats without.
        progress: called with the bytes of the file read so far and the lines cut so far.
        base: is added to each line's number.
        count: lines cut so far.
        note: what the reader of the report must know about the file, such as that it is cut off.
    """

    path: Path
    head: tuple[str, ...] = ()
    progress: Callable[[int, int], None] | None = None
    base: int = 0
    count: int = field(default=0, init=False)
    note: str = field(default="", init=False)
    _latest: str | None = field(default=None, init=False)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the lines as record batches with the columns of ``SCHEMA``; they can be read once."""
        # The lines of a block stay where they stand; only the one that two blocks share is put together.
        rest, over = b"", False
        for block in self._blocks():
            first = block.find(b"\n") + 1 if rest else 0
            last = block.rfind(b"\n") + 1
            if not last:
                rest += block
            else:
                if rest:
                    yield from self._cut(rest + block[:first], first_over=over)
                yield from self._cut(memoryview(block)[first:last], plain=block.isascii())
                rest, over = block[last:], False
            if len(rest) > LONGEST_LINE:
                rest, over = rest[:KEPT_OF_LONG], True
        if rest:
            yield from self._cut(rest + b"\n", first_over=over)

    def _blocks(self) -> Iterator[bytes]:
        with opened(self.path) as (plain, raw):
            while True:
                try:
                    block = plain.read(BLOCK)
                except DamagedLogError as error:
                    self.note = f"damaged or cut off after line {self.count}: {error}"
                    return
                if not block:
                    return
                yield block if self.count else block.removeprefix(codecs.BOM_UTF8)
                if self.progress is not None:
                    self.progress(raw.tell(), self.count)

    def _cut(self, whole: bytes | memoryview, *, plain: bool = False, first_over: bool = False) -> Iterator[pa.RecordBatch]:
        """Give one batch, or one per head line when the format has head lines.

        Args:
            whole: whole lines, line ends included.
            plain: whether all of it is known to be ASCII.
            first_over: whether the first line has been shortened already.
        """
        ends = np.flatnonzero(np.frombuffer(whole, np.uint8) == 10)  # noqa: PLR2004 - the byte of a line feed
        offsets = np.zeros(len(ends) + 1, np.int32)
        np.add(ends, 1, out=offsets[1:], casting="unsafe")
        lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets.data), pa.py_buffer(whole))
        lines = _readable(lines, whole, offsets, plain=plain, first_over=first_over)
        edges = [0, *self._heads(whole, offsets), len(ends)]
        for start, end in pairwise(edges):
            part = lines.slice(start, end - start)
            if self.head and len(part) and (first := part[0].as_py()).startswith(self.head):
                self._latest = first.rstrip("\r\n")
            if len(part):
                yield self._batch(part)

    def _heads(self, whole: bytes | memoryview, offsets: NDArray[np.int32]) -> list[int]:
        """Return the indices of the head lines within a block, but for one at its very start."""
        found = set()
        text = bytes(whole) if self.head else b""
        for head in self.head:
            mark, at = b"\n" + head.encode(), -1
            while (at := text.find(mark, at + 1)) >= 0:
                found.add(int(np.searchsorted(offsets, at + 1)))
        return sorted(found)

    def _batch(self, lines: pa.StringArray) -> pa.RecordBatch:
        size = len(lines)
        first = self.base + self.count + 1
        numbers = np.arange(first, first + size, dtype=np.int64)
        rows = pa.Int64Array.from_buffers(pa.int64(), size, [None, pa.py_buffer(numbers.data)])
        self.count += size
        head = pa.nulls(size, pa.string()) if self._latest is None else pa.repeat(pa.scalar(self._latest), size)
        return pa.record_batch([lines, rows, head], schema=SCHEMA)


def _readable(
    lines: pa.StringArray, whole: bytes | memoryview, offsets: NDArray[np.int32], *, plain: bool, first_over: bool
) -> pa.StringArray:
    """Replace bytes that are no UTF-8, and shorten lines that are too long."""
    longest = int(np.diff(offsets).max(initial=0))
    if not first_over and longest <= LONGEST_LINE and (plain or _is_text(lines)):
        return lines
    texts = []
    for i, (start, end) in enumerate(pairwise(offsets.tolist())):
        over = end - start > LONGEST_LINE or (first_over and i == 0)
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
