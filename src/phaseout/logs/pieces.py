"""Read a log in pieces of whole lines."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec import Struct

from phaseout.logs.json_list import NOTE, Records
from phaseout.logs.opened import DamagedLogError, opened

BLOCK: Final = 1 << 19
"""How many bytes are cut at a time: large enough that the cost of a call vanishes, small enough to stay in the cache."""

LONGEST_LINE: Final = 1 << 20
"""Bytes; a longer line is rejected and only its beginning is kept."""

KEPT_OF_LONG: Final = 4096
"""Bytes kept of a line that is too long."""


class Piece(Struct, frozen=True):
    """Whole lines of a file.

    Attributes:
        whole: the lines, line ends included.
        plain: whether all of it is known to be ASCII.
        first_over: whether the first line has been shortened already.
        rows: where the lines stand in the file, as the first line's number and how many follow it one by one; None where all of
            them follow those that were cut before.
    """

    whole: bytes | memoryview
    plain: bool = False
    first_over: bool = False
    rows: tuple[tuple[int, int], ...] | None = None


@dataclass
class Pieces:
    """The pieces of one file.

    Attributes:
        path: the file.
        progress: called with the bytes of the file that are read and the lines that are cut.
        block: bytes that are read at a time.
        count: lines cut so far.
    """

    path: Path
    progress: Callable[[int, int], None] | None = None
    block: int = BLOCK
    count: int = field(default=0, init=False)
    _damage: str = field(default="", init=False)
    _is_cut_off: bool = field(default=False, init=False)
    _is_list: bool = field(default=False, init=False)

    @property
    def note(self) -> str:
        """What the reader of the report must know about the file once it is read, such as that it is cut off."""
        damage = f"damaged or cut off after line {self.count - self._is_cut_off}: {self._damage}" if self._damage else ""
        return "; ".join(filter(None, (NOTE if self._is_list else "", damage)))

    def told(self, done: int) -> None:
        """Tell how many bytes are read."""
        if self.progress is not None:
            self.progress(done, self.count)

    def pieces(self) -> Iterator[Piece]:
        """Give the file in pieces of whole lines; they can be read once."""
        # The lines of a block stay where they stand; only the one that two blocks share is put together.
        rest, over = b"", False
        for block in self._blocks():
            first = block.find(b"\n") + 1 if rest else 0
            last = block.rfind(b"\n") + 1
            if not last:
                rest += block
            else:
                if rest:
                    yield Piece(rest + block[:first], first_over=over)
                if first < last:
                    yield Piece(memoryview(block)[first:last], plain=block.isascii())
                rest, over = block[last:], False
            if len(rest) > LONGEST_LINE:
                rest, over = rest[:KEPT_OF_LONG], True
        if rest:
            self._is_cut_off = bool(self._damage)
            yield Piece(rest + b"\n", first_over=over)

    def _blocks(self) -> Iterator[bytes]:
        mark = codecs.BOM_UTF8
        with opened(self.path) as (plain, raw):
            self._is_list = isinstance(plain, Records)
            while True:
                try:
                    block = plain.read(self.block)
                except DamagedLogError as error:
                    self._damage = str(error)
                    return
                if not block:
                    return
                yield block.removeprefix(mark)
                mark = b""
                self.told(raw.tell())
