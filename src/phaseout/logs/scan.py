"""Count a log's ordinary lines as its shape cuts them; give the lines that are left."""

from __future__ import annotations

import codecs
import ctypes
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from itertools import takewhile
from queue import SimpleQueue
from typing import Final

from msgspec import Struct

from phaseout.logs.form import Ordinary
from phaseout.logs.native import RUN, Stretch, needed
from phaseout.logs.opened import opened
from phaseout.logs.pieces import KEPT_OF_LONG, LONGEST_LINE, Piece, Pieces

STRETCH: Final = 16 << 20
"""Bytes of a file that are counted at a time: so many that the counting seldom waits for its turn beside other work in Python."""

MOST_BYTES: Final = 256 << 20
"""Of each table at most; what is new when it is full is left, and the engine, which can spill, counts it."""

PLACE_BITS: Final = 32
"""A line's place while others count: its part's number shifted by this, plus its place in the part."""

_ROOM: Final = 8192
"""Runs of lines that one call may leave."""

_LOOKED_AT: Final = 1 << 16
"""Bytes that are read at a time to find where a line ends."""

_Read = Callable[[int, int], bytes]
"""Gives the bytes from a place on, so many."""

_Run = tuple[int, int, int, int]
"""Lines one behind the other that are left; its numbers are those of ``RUN``."""


class _Part(Struct, frozen=True):
    """A part of a file that has been counted.

    Attributes:
        lines: how many it has.
        runs: those that are left.
        read: gives their bytes.
        done: bytes of the file up to its end; None where the file tells itself.
        is_over: whether it is the kept beginning of a line that is too long.
    """

    lines: int
    runs: list[_Run]
    read: _Read
    done: int | None = None
    is_over: bool = False


class Scan:
    """The ordinary lines of one file.

    Args:
        form: what they look like.
        pieces: the file, with nothing read of it yet.
        seed: of the keys' hashes.
        threads: so many tables are counted in.
    """

    def __init__(self, form: Ordinary, pieces: Pieces, seed: int, threads: int) -> None:
        """Make the tables."""
        self.pieces, self.columns, self._form = pieces, form.columns, form
        self.tables: list[int] = []
        self.starts = [0]
        self._idle: SimpleQueue[int] = SimpleQueue()
        for _ in range(threads):
            table = needed().scan_begin(ctypes.byref(form.form), ctypes.byref(form.span), seed, MOST_BYTES)
            if not table:
                self.close()
                raise MemoryError
            self.tables.append(table)
            self._idle.put(table)

    def left(self, pool: Executor, is_stopped: Callable[[], bool]) -> Iterator[Piece]:
        """Count the file's ordinary lines; give the lines that are left, each with its number.

        Args:
            pool: counts, in as many threads as there are tables.
            is_stopped: whether nobody wants the rest any more.
        """
        with opened(self.pieces.path) as (plain, raw):
            file, about = raw.fileno(), os.fstat(raw.fileno())
            is_file = plain is raw and stat.S_ISREG(about.st_mode) and about.st_size > 0  # some systems tell no size
            counts = self._of_file(file, about.st_size) if is_file else self._of_pieces()
            waiting: deque[Future[_Part]] = deque()
            try:
                for count in takewhile(lambda _: not is_stopped(), counts):
                    waiting.append(pool.submit(count))
                    if len(waiting) > 2 * len(self.tables):
                        yield from self._rest(waiting.popleft().result())
                while waiting:
                    yield from self._rest(waiting.popleft().result())
            finally:  # the file stays open until nothing reads it any more
                for each in waiting:
                    if not each.cancel():
                        each.exception()

    def _of_file(self, file: int, size: int) -> Iterator[Callable[[], _Part]]:
        """Give what counts a file's parts, each of whole lines."""
        begin = number = 0
        while begin < size:
            end = _line_end(file, begin + STRETCH, size)
            yield partial(self._count_stretch, file, begin, end, number)
            begin, number = end, number + 1

    def _of_pieces(self) -> Iterator[Callable[[], _Part]]:
        """Give what counts the parts of a file that has to be unpacked, or can't be read twice."""
        for number, piece in enumerate(self.pieces.pieces()):
            yield partial(self._count_piece, piece, number)

    def _count_stretch(self, file: int, begin: int, end: int, number: int) -> _Part:
        """Count a part of a file."""
        stretch, found = Stretch(at=begin), list[_Run]()
        runs = (ctypes.c_int64 * (_ROOM * len(RUN)))()
        table = self._idle.get()
        try:
            while stretch.at < end and not stretch.error:
                needed().scan_stretch(table, file, ctypes.byref(stretch), end, number << PLACE_BITS, runs, _ROOM)
                found += _runs(runs, stretch.runs)
        finally:
            self._idle.put(table)
        if stretch.error:
            raise OSError(stretch.error, os.strerror(stretch.error), str(self.pieces.path))
        return _Part(stretch.lines, sorted(found), partial(_bytes_of, file), end)

    def _count_piece(self, piece: Piece, number: int) -> _Part:
        """Count a piece."""
        whole = bytes(piece.whole)
        if piece.first_over:
            return _Part(1, [(0, len(whole), 0, 1)], lambda _, __: whole, is_over=True)
        begin = ctypes.cast(ctypes.c_char_p(whole), ctypes.c_void_p).value or 0
        used, done, at, lines, found = ctypes.c_int64(), ctypes.c_int64(), 0, 0, list[_Run]()
        runs = (ctypes.c_int64 * (_ROOM * len(RUN)))()
        table = self._idle.get()
        try:
            while at < len(whole):
                row = (number << PLACE_BITS) + lines
                read = needed().scan_block(table, begin + at, len(whole) - at, row, runs, _ROOM, *map(ctypes.byref, (used, done)))
                found += [(at + from_, size, lines + place, n) for from_, size, place, n in _runs(runs, used.value)]
                at, lines = at + done.value, lines + read
        finally:
            self._idle.put(table)
        return _Part(lines, sorted(found), lambda at, size: whole[at : at + size])

    def _rest(self, part: _Part) -> Iterator[Piece]:
        """Give the lines of a part that are left."""
        before = self.starts[-1]
        self.starts.append(before + part.lines)
        self.pieces.count = before + part.lines
        if part.done is not None:
            self.pieces.told(part.done)
        texts, rows, together = list[bytes](), list[tuple[int, int]](), 0
        for at, size, place, lines in part.runs:
            if size > LONGEST_LINE or part.is_over:
                text = part.read(at, KEPT_OF_LONG if size > LONGEST_LINE else size)
                yield Piece(_exactly(text, 1), first_over=True, rows=((before + place + 1, 1),))
                continue
            text = part.read(at, size)
            texts.append(_exactly(text if at or part.done is None else text.removeprefix(codecs.BOM_UTF8), lines))
            rows.append((before + place + 1, lines))
            together += size
            if together >= self.pieces.block:
                yield Piece(b"".join(texts), rows=tuple(rows))
                texts, rows, together = [], [], 0
        if texts:
            yield Piece(b"".join(texts), rows=tuple(rows))

    def close(self) -> None:
        """Let go of the tables, in which nothing may be counted any more."""
        for table in self.tables:
            needed().scan_end(table)
        self.tables = []


def _runs(numbers: ctypes.Array[ctypes.c_int64], count: int) -> Iterator[_Run]:
    """Return the first of the runs that a call filled."""
    filled = iter(numbers[: count * len(RUN)])
    return zip(filled, filled, filled, filled, strict=True)


def _line_end(file: int, at: int, size: int) -> int:
    """Return where the line ends in which a byte of a file stands, or the file."""
    at -= 1  # where this is the byte of a line feed, the line ends with it
    while at < size:
        read = os.pread(file, _LOOKED_AT, at)
        feed = read.find(b"\n")
        if feed >= 0:
            return at + feed + 1
        if not read:
            break
        at += len(read)
    return size


def _bytes_of(file: int, at: int, size: int) -> bytes:
    """Read some bytes of a file, fewer where it has become shorter since."""
    found = b""
    while len(found) < size and (read := os.pread(file, size - len(found), at + len(found))):
        found += read
    return found


def _exactly(text: bytes, lines: int) -> bytes:
    """Return a text of so many lines: the last of a file may have no end, and a file may have changed since it was counted."""
    if text.endswith(b"\n") and text.count(b"\n") == lines:
        return text
    found = text.split(b"\n")[:lines]
    return b"".join(each + b"\n" for each in [*found, *[b""] * (lines - len(found))])
