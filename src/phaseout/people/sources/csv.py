"""Staff lists as CSV: columns found by their names, in any order.

The delimiter is the one of comma, semicolon and tab under which the first row has most columns that are understood; a first
line ``sep=;``, as Excel writes it, is obeyed. Quoting is that of RFC 4180.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from phaseout.model.fault import Fault, FaultsError, Severity
from phaseout.people.columns import NAMES, Columns, columns_of
from phaseout.people.grid import BrokenQuotingError, Grid, lines_of
from phaseout.people.likely import likely
from phaseout.people.quote import quoted
from phaseout.people.rows import Rows
from phaseout.people.source import Listed, PeopleSource
from phaseout.people.staff import checked
from phaseout.people.text import text_of

DELIMITERS: Final = ",;\t"
"""What may stand between cells."""

MOST_FAULTS: Final = 1000
"""Faults that are told at most: a list with so many has one cause."""


def read(data: bytes, file: str, encoding: str | None = None) -> Listed:
    """Read a staff list.

    Args:
        data: all of the file.
        file: its name, for the faults.
        encoding: which encoding the user says it has; None means UTF-8, or what its byte order mark says.

    Raises:
        FaultsError: everything that is wrong in it, PO301 to PO324. PO325 and PO326 are warnings.
    """
    lines = lines_of(text_of(data, file, encoding))
    grid = _grid(lines)
    faults: list[Fault] = []
    rows = _rows(grid, file, faults)
    header = rows.pop(0) if rows else []
    columns = columns_of(header)
    if header or not faults:
        _check_header(grid, header, columns, file)
    if not (rows or faults):
        raise FaultsError((_empty(file),))
    table = Rows(file, grid, columns, rows, faults)
    people, found = checked(table.people(), file, table.place)
    faults.extend(fault for fault in found if fault.severity is Severity.ERROR)
    if faults:
        raise FaultsError(_most(faults, file))
    warnings = [fault for fault in found if fault.severity is Severity.WARNING]
    for cell, field in likely(columns, header, rows):
        warnings.append(_unread(file, grid.place(0, cell), header[cell], NAMES[field][0]))
    return Listed(people, tuple(sorted(warnings)), tuple(header[cell].strip() for cell in columns.unread))


def _unread(file: str, place: tuple[int, int], title: str, name: str) -> Fault:
    """Tell a column that was not read and plainly holds what would be needed."""
    message = f'The column {quoted(title)} was not read, and its name and cells look like those of a column "{name}".'
    way_out = f'Call it "{name}" if it is one; else give it another name.'
    return Fault(file, *place, "PO325", message, way_out, Severity.WARNING)


def _grid(lines: Sequence[str]) -> Grid:
    """Find the delimiter."""
    first = next((number for number, line in enumerate(lines) if line.strip(" \t,;\r\n")), 0)
    head = lines[first].strip() if lines else ""
    if head.casefold().startswith("sep=") and len(head) == len("sep=;"):
        return Grid(lines, head[-1], first + 1)
    return Grid(lines, max(DELIMITERS, key=lambda delimiter: _understood(lines, delimiter, first)), first)


def _understood(lines: Sequence[str], delimiter: str, first: int) -> tuple[int, int]:
    """Return how many columns of the first row are understood under a delimiter, and how many there are."""
    try:
        header = next(Grid(lines, delimiter, first).rows(), [])
    except BrokenQuotingError:
        header = []
    columns = columns_of(header)
    return columns.known, columns.width


def _rows(grid: Grid, file: str, faults: list[Fault]) -> list[list[str]]:
    """Read the rows up to the first whose quoting is broken; what follows it can't be told apart."""
    rows: list[list[str]] = []
    try:
        rows.extend(grid.rows())
    except BrokenQuotingError as broken:
        message = "This cell's quotation marks do not match; nothing after it can be read."
        way_out = 'Close the quotation mark, and write one inside a cell as two: "".'
        faults.append(Fault(file, broken.line, broken.column, "PO310", message, way_out))
    return rows


def _check_header(grid: Grid, header: Sequence[str], columns: Columns, file: str) -> None:
    """Refuse a header under which no row could be understood."""
    if not header:
        raise FaultsError((_empty(file),))
    line = grid.starts[0] + 1
    faults = []
    found = quoted(", ".join(header))
    for word in columns.missing:
        message = f'There is no column "{word}".'
        way_out = f"Name the columns in the first row; the names known for it stand in docs/errors/PO306. Found: {found}."
        faults.append(Fault(file, line, 0, "PO306", message, way_out))
    for cell, holds in columns.twice:
        message = f"Two columns hold the same thing ({NAMES[holds][0]}); the second is {quoted(header[cell])}."
        faults.append(Fault(file, *grid.place(0, cell), "PO307", message, "Leave one of them out, or give it another name."))
    for cell, close in columns.misspelt:
        message = f"The column {quoted(header[cell])} is not known."
        way_out = f'Did you mean "{close}"? If it is something else, leave it out or give it another name.'
        faults.append(Fault(file, *grid.place(0, cell), "PO308", message, way_out))
    if faults:
        raise FaultsError(tuple(faults))


def _empty(file: str) -> Fault:
    """Tell a list without a single person."""
    way_out = "Give it a first row with the columns' names, and one row for each person."
    return Fault(file, 0, 0, "PO305", "The staff list names nobody.", way_out)


def _most(faults: Sequence[Fault], file: str) -> tuple[Fault, ...]:
    """Return the first faults by place; where they are cut off, how many more there are."""
    in_order = sorted(faults)
    told, untold = in_order[:MOST_FAULTS], in_order[MOST_FAULTS:]
    if untold:
        message = f"There are {len(untold):,} faults more from here on."
        way_out = "So many faults have one cause, such as a wrong delimiter; correct the first ones."
        told.append(Fault(file, untold[0].line, untold[0].column, "PO324", message, way_out))
    return tuple(told)


SOURCE: Final = PeopleSource(id="csv", title="CSV", suffixes=(".csv", ".tsv", ".txt"), read=read)
"""Staff lists as CSV."""
