"""Count a log's ordinary lines as its shape cuts them, on every core; give the lines that are left."""

from __future__ import annotations

import ctypes
import os
import secrets
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from queue import SimpleQueue
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phaseout.logs.lines import LONGEST_LINE, Lines, Piece
from phaseout.logs.native import TEXT_ROOM, Form, Step, library
from phaseout.logs.native import Span as NativeSpan
from phaseout.reading.given import numbers
from phaseout.reading.reader import Reader
from phaseout.reading.reduction import Times
from phaseout.reading.shape import Part, Shape

BLOCK: Final = 1 << 20
"""Bytes that are counted at a time."""

MOST_BYTES: Final = 256 << 20
"""Of each table at most; what is new when it is full is left, and the engine, which can spill, counts it."""

_PART: Final = 8192
"""Rows of one batch of what was counted."""

_ROOM: Final = 8192
"""Lines that one call may leave."""

_PLACE_BITS: Final = 32
"""A line's place while others count: its block's number shifted by this, plus its place in the block."""

_NOTHING, _SKIPPED, _KEY, _FIXED, _STAMP = range(5)

_LEAST, _GREATEST = -(2**63), 2**63 - 1

COUNTS: Final = ("key", "period", "chunk", "n", "first", "last", "first_row", "last_row", "days")
"""What is counted, in the order in which ``scan_counts`` writes it."""

_KINDS: Final = {"first": pa.timestamp("us"), "last": pa.timestamp("us")}


@dataclass(frozen=True, slots=True)
class Counted:
    """What ordinary lines come to.

    Attributes:
        keys: a row for each distinct one: its number, ``key``, and the shape's columns.
        counts: the columns of ``COUNTS``: whole numbers, but for ``first`` and ``last``, which are time stamps in UTC; rows are
            places.
    """

    keys: pa.Table
    counts: pa.Table


_Left = tuple[int, NDArray[np.int64], NDArray[np.int64]]
"""How many lines a piece has, where those that are left begin, and their places in it, from 0."""


class Scan:
    """The ordinary lines of one file.

    Args:
        shape: what they look like.
        times: how time is cut.
        lines: the file, with nothing read of it yet.
    """

    def __init__(self, shape: Shape, times: Times, lines: Lines) -> None:
        """Make the tables."""
        self._lines, self._columns = lines, shape.columns
        self._form, self._kept = _form(shape)
        self._span, arrays = _span(times)
        self._kept += arrays
        seed = secrets.randbits(64)  # so that no log can be written to make all its lines fall on one place of the table
        self._threads = max(1, os.cpu_count() or 1)
        self._pool: ThreadPoolExecutor | None = None
        self._tables: list[int] = []
        self._idle: SimpleQueue[int] = SimpleQueue()
        for _ in range(self._threads):
            table = _native().scan_begin(ctypes.byref(self._form), ctypes.byref(self._span), seed, MOST_BYTES)
            if not table:
                self.close()
                raise MemoryError
            self._tables.append(table)
            self._idle.put(table)

    def left(self) -> Iterator[pa.RecordBatch]:
        """Count the file's ordinary lines; give the lines that are left, with the columns of ``SCHEMA``."""
        self._starts = [self._lines.count]
        pool = self._pool = ThreadPoolExecutor(self._threads)
        waiting: deque[tuple[Piece, Future[_Left]]] = deque()
        for number, piece in enumerate(self._lines.pieces()):
            waiting.append((piece, pool.submit(self._count, piece, number)))
            if len(waiting) > 2 * self._threads:
                yield from self._rest(*waiting.popleft())
        while waiting:
            yield from self._rest(*waiting.popleft())

    def _count(self, piece: Piece, number: int) -> _Left:
        """Count a piece."""
        if piece.first_over:
            count = bytes(piece.whole).count(b"\n")
            return count, np.zeros(count, np.int64), np.arange(count)
        whole = np.frombuffer(piece.whole, np.uint8)
        lines, done, left = 0, ctypes.c_int64(), ctypes.c_int64()
        at, places = np.empty(_ROOM, np.int64), np.empty(_ROOM, np.int64)
        ats: list[NDArray[np.int64]] = []
        found: list[NDArray[np.int64]] = []
        start, address = 0, whole.ctypes.data
        table = self._idle.get()
        try:
            while start < len(whole):
                read = _native().scan_block(
                    table, address + start, len(whole) - start, piece.plain, (number << _PLACE_BITS) + lines,
                    at.ctypes.data, places.ctypes.data, _ROOM, ctypes.byref(left), ctypes.byref(done),
                )  # fmt: skip
                ats.append(at[: left.value] + start)
                found.append(places[: left.value] + lines)
                lines, start = lines + read, start + done.value
        finally:
            self._idle.put(table)
        return lines, np.sort(np.concatenate(ats)), np.sort(np.concatenate(found))

    def _rest(self, piece: Piece, counted: Future[_Left]) -> Iterator[pa.RecordBatch]:
        """Give the lines of a piece that are left."""
        lines, at, places = counted.result()
        before = self._starts[-1]
        self._starts.append(before + lines)
        self._lines.count = before + lines
        if not len(at):
            return
        if len(at) < lines:
            whole = bytes(piece.whole)
            piece = Piece(b"".join(whole[start : whole.index(b"\n", start) + 1] for start in at.tolist()))
        yield from self._lines.cut(Piece(piece.whole, plain=piece.plain, first_over=piece.first_over, rows=places + before + 1))

    def counted(self, key: int = 0) -> Counted:
        """Return what was counted; once, when ``left`` has come to its end.

        Args:
            key: the number of the first key.
        """
        native, first = _native(), self._tables[0]
        for other in self._tables[1:]:
            if not native.scan_merge(first, other):
                raise MemoryError
        size, width = native.scan_keys(first), len(self._columns)
        offsets = [np.empty(size + 1, np.int64) for _ in range(width)]
        texts = [np.empty(native.scan_column_bytes(first, column), np.uint8) for column in range(width)]
        tallies = np.empty((len(COUNTS), native.scan_tallies(first)), np.int64)
        native.scan_write(first, _addresses(texts), _addresses(offsets), tallies.ctypes.data)
        buffers = [[None, pa.py_buffer(offset), pa.py_buffer(text)] for offset, text in zip(offsets, texts, strict=True)]
        columns = [pa.Array.from_buffers(pa.large_string(), size, each) for each in buffers]
        counts = dict(zip(COUNTS, tallies, strict=True))
        counts["key"] += key
        starts = np.array(self._starts, np.int64) + self._lines.base + 1
        for name in ("first_row", "last_row"):
            counts[name] = starts[counts[name] >> _PLACE_BITS] + (counts[name] & ((1 << _PLACE_BITS) - 1))
        return Counted(
            _parted({"key": numbers(pa.int64(), np.arange(key, key + size)), **dict(zip(self._columns, columns, strict=True))}),
            _parted({name: numbers(_KINDS.get(name, pa.int64()), column) for name, column in counts.items()}),
        )

    def close(self) -> None:
        """Let go of the tables, once nothing counts in them any more."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        for table in self._tables:
            _native().scan_end(table)
        self._tables = []


class Scans:
    """The lines of some files of one format; the ordinary ones are counted, where that can be done.

    Args:
        reader: the format.
        times: how time is cut.
        files: with nothing read of them yet.
    """

    def __init__(self, reader: Reader, times: Times, files: Iterable[Lines]) -> None:
        """Make the tables."""
        self._files, self._scans = tuple(files), list[Scan]()
        if reader.shape is not None and not reader.behind and library() is not None:
            for lines in self._files:
                self._scans.append(Scan(reader.shape, times, lines))

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the tables."""
        for scan in self._scans:
            scan.close()

    def left(self) -> Iterator[pa.RecordBatch]:
        """Give the lines that are not counted; all of them where none can be."""
        if not self._scans:
            for lines in self._files:
                yield from lines.batches()
        for scan in self._scans:
            yield from scan.left()

    def counted(self) -> Counted | None:
        """Return what was counted, or None where none was; once, when ``left`` has come to its end."""
        found, keys = list[Counted](), 0
        for scan in self._scans:
            found.append(scan.counted(keys))
            keys += found[-1].keys.num_rows
        if not keys:
            return None
        return Counted(pa.concat_tables(each.keys for each in found), pa.concat_tables(each.counts for each in found))


def _native() -> ctypes.CDLL:
    found = library()
    assert found is not None, "there is no scan without it"  # noqa: S101
    return found


def _parted(columns: dict[str, pa.Array]) -> pa.Table:
    """Put columns together to a table of several batches, so that each core of an engine can take one."""
    table = pa.table(columns)
    return pa.Table.from_batches(table.to_batches(max_chunksize=_PART), table.schema)


def _addresses(arrays: Sequence[NDArray[Any]]) -> ctypes.Array[ctypes.c_void_p]:
    """Return where some arrays stand."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


def _form(shape: Shape) -> tuple[Form, list[object]]:
    """Return a shape as the library knows it, and what must stay alive with it."""
    steps: list[Step] = []
    for part, behind in zip_longest(shape.parts, shape.parts[1:]):
        if not part.text:
            steps.append(_field(shape, part, "" if behind is None else behind.text))
            continue
        for text in (part.text[at : at + TEXT_ROOM] for at in range(0, len(part.text), TEXT_ROOM)):
            if not steps or steps[-1].text_size:
                steps.append(Step(_NOTHING, end=-1, cut=-1))
            steps[-1].text_size, steps[-1].text, steps[-1].mask = len(text), text.encode("ascii"), b"\xff" * len(text)
    array = (Step * len(steps))(*steps)
    return Form(array, len(steps), ord(shape.never), LONGEST_LINE), [array]


def _field(shape: Shape, part: Part, behind: str) -> Step:
    """Return the step of a field, without the text behind it; where that begins, the field ends."""
    if part.is_stamp:
        return Step(_STAMP, end=-1, cut=-1)
    if part.size:
        return Step(_FIXED, part.size, end=-1, cut=-1)
    end = ord(behind[0])
    if not part.name:
        return Step(_SKIPPED, end=end, cut=-1)
    shortened = shape.shortened.get(part.name)
    if shortened is None:
        return Step(_KEY, end=end, cut=-1)
    unless = b"".join(each.encode("ascii") + b"\0" for each in shortened.unless)
    return Step(_KEY, end=end, cut=ord(shortened.at), unless_size=len(unless), unless=unless)


def _span(times: Times) -> tuple[NativeSpan, list[object]]:
    """Return how time is cut as the library knows it, and what must stay alive with it."""
    cuts, changes, offsets = (np.array(each, np.int64) for each in (times.cuts, times.changes, times.offsets))
    since = _LEAST if times.since is None else times.since
    until = _GREATEST if times.until is None else times.until
    addresses = (cuts.ctypes.data, len(cuts), len(changes), changes.ctypes.data, offsets.ctypes.data)
    return NativeSpan(*addresses, since, until), [cuts, changes, offsets]
