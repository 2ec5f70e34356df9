"""A table as text: its rows, and where each cell stands, so that faults can name the place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct


class BrokenQuotingError(ValueError):
    """A cell's quotation marks do not match.

    Attributes:
        line: where the cell begins.
        column: where the cell begins.
    """

    def __init__(self, line: int, column: int) -> None:
        """Remember the cell's place."""
        super().__init__(f"broken quoting at {line}:{column}")
        self.line = line
        self.column = column


class Grid(Struct, frozen=True):
    """A table as text.

    Attributes:
        lines: with their line breaks, as the text has them.
        delimiter: what stands between cells.
        first: the number, from 0, of the line on which the table begins.
        starts: the number, from 0, of the line on which each row that was given so far begins.
    """

    lines: Sequence[str]
    delimiter: str
    first: int = 0
    starts: list[int] = []

    def rows(self) -> Iterator[list[str]]:
        """Give the rows that have anything in them, the header first.

        Raises:
            BrokenQuotingError: a quotation mark is never closed, or text follows the closing one.
        """
        reader = csv.reader(self.lines[self.first :], delimiter=self.delimiter, strict=True, skipinitialspace=True)
        start = self.first
        try:
            for row in reader:
                if "".join(row).strip():
                    self.starts.append(start)
                    yield row
                start = self.first + reader.line_num
        except csv.Error:
            raise BrokenQuotingError(*self._last_cell(start, self.first + reader.line_num)) from None

    def place(self, row: int, cell: int) -> tuple[int, int]:
        """Return line and column, from 1, of a cell of a row that was given.

        Args:
            row: its number from 0, the header being 0.
            cell: its number from 0; the row's begin is returned for a cell that the row does not have.
        """
        start = self.starts[row]
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.lines)
        begins = list(self._begins("".join(self.lines[start:end]), cell + 1))
        return self._place(start, begins[cell] if cell < len(begins) else 0)

    def _last_cell(self, start: int, end: int) -> tuple[int, int]:
        """Return the place of the last cell that could be begun."""
        *_, last = self._begins("".join(self.lines[start:end]), None)
        return self._place(start, last)

    def _begins(self, text: str, most: int | None) -> Iterator[int]:
        """Give where cells begin in a text, up to the row's end or the first cell that is not well quoted."""
        pattern = _cell(self.delimiter)
        position = given = 0
        while most is None or given < most:
            yield position
            given += 1
            found = pattern.match(text, position)
            if found is None or not text.startswith(self.delimiter, found.end()):
                return
            position = found.end() + 1

    def _place(self, line: int, offset: int) -> tuple[int, int]:
        """Return line and column, from 1, of a character counted from the begin of a line."""
        while line < len(self.lines) and offset >= len(self.lines[line]):
            offset -= len(self.lines[line])
            line += 1
        return line + 1, offset + 1


def lines_of(text: str) -> list[str]:
    """Split a text at LF, CR LF and CR, as editors count lines; the line breaks are kept."""
    return list(io.StringIO(text, newline=""))


@lru_cache
def _cell(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of one whole cell, up to the delimiter or the row's end."""
    plain = rf'[^"{delimiter}\r\n][^{delimiter}\r\n]*'
    return re.compile(rf' *+(?:"(?:[^"]+|"")*+"|{plain}|)(?={delimiter}|\r|\n|\Z)')
