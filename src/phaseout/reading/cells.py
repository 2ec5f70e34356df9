"""Expressions that cut lines into cells, where a head line names the columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from phaseout.reading.on_demand import ibis, ir

_HELD: Final = "\x1f"  # ASCII's unit separator: stands for a comma inside quotes while the line is cut at the others

Cell = Callable[[str], "ir.StringValue"]
"""Gives the text of a column by its name; null where the head names no such column or the line is too short."""


def comma_cells(line: ir.StringValue) -> ir.ArrayValue:
    """Cut a line of comma-separated values; a comma inside quotes parts nothing (RFC 4180).

    The cells keep their quotes: ``unquoted`` takes them off those that are wanted.
    """
    held = line.split('"').map(lambda piece, i: ibis.ifelse(i % 2 == 1, piece.replace(",", _HELD), piece)).join('"')
    return ibis.ifelse(line.contains('"'), held.split(","), line.split(","))


def unquoted(cell: ir.StringValue) -> ir.StringValue:
    """Take the quotes off a cell."""
    plain = cell.strip().replace(_HELD, ",").re_replace(r'^"|"$', "").replace('""', '"')
    return ibis.ifelse(cell.contains('"'), plain, cell)


def by_name(names: ir.ArrayValue, cells: ir.ArrayValue) -> Cell:
    """Return a function that finds a line's cell by the column's name.

    Args:
        names: of the columns, as the latest head line gives them.
        cells: of the line, in the same order.
    """

    def cell(name: str) -> ir.StringValue:
        place = names.index(name)
        return ibis.ifelse(place >= 0, cells[place], ibis.null("string"))

    return cell
