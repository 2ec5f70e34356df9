"""The rows of a staff table as people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Final

from msgspec import Struct

from phaseout.model.fault import Fault
from phaseout.model.person import AccountKind, Person
from phaseout.people.cells import KINDS, date_of, kind_of, path_of, several
from phaseout.people.columns import Columns
from phaseout.people.grid import Grid
from phaseout.people.quote import quoted

NO_COLUMN: Final = -1
"""Stands for a column that the table lacks: each row gets an empty cell at its end, which is then the one that is read."""

NAME_PARTS: Final = ("surname", "given", "patronymic")
"""The columns that make a name when no column has all of it, in the order in which it is written."""


class Rows(Struct, frozen=True):
    """The rows of a staff table.

    Attributes:
        file: the table's name, for the faults.
        grid: knows where the cells stand.
        columns: which cell holds what.
        rows: without the header.
        faults: where what is wrong is put.
    """

    file: str
    grid: Grid
    columns: Columns
    rows: Sequence[list[str]]
    faults: list[Fault]

    def people(self) -> list[Person]:
        """Return one person for each row, ``manager`` still as written; what can't be read is left empty and told.

        Told: PO309 a row of another width, PO311 no id, PO315 no date, PO316 gone before come, PO317 an unknown kind,
        PO320 a hole in the unit's path.
        """
        places, width = self.columns.places, self.columns.width
        key, manager, kind = self._only("id"), self._only("manager"), self._only("kind")
        starts, ends, name = self._only("starts"), self._only("ends"), self._only("name")
        roles, unit, logins = _picker(places["roles"]), _picker(places["unit"]), _picker(places["logins"])
        parts = _picker([cell for part in NAME_PARTS for cell in places[part]])
        people: list[Person] = []
        for number, row in enumerate(self.rows):  # all that most rows have none of is asked for here, not in a call of its own
            if len(row) != width:
                self._fit(number, row, key)
            row.append("")
            first, last = self._days(number, row[starts], row[ends]) if row[starts] or row[ends] else (None, None)
            id_, path, account = row[key].strip(), path_of(unit(row)), kind_of(row[kind])
            person = Person(
                id_,
                row[name].strip() or " ".join(map(str.strip, parts(row))).strip() or id_,
                several(";".join(logins(row))),
                self._no_unit(number) if path is None else path,
                _roles(roles(row)),
                row[manager].strip() or None,
                first,
                last,
                self._no_kind(number, row[kind]) if account is None else account,
            )
            if not id_:
                self._report(number, "id", "PO311", "The id is empty.", "Give every row the organisation's own key.")
            people.append(person)
        return people

    def place(self, number: int, field: str, text: str) -> tuple[int, int]:
        """Return line and column of the cell in which a person's field stands.

        Args:
            number: the person's, from 0.
            field: a field of ``Person``.
            text: which of several cells is meant: the first that has it.
        """
        cells = self.columns.places.get(field, ())
        row = self.rows[number]
        cell = next((cell for cell in cells if text in row[cell]), cells[0] if cells else 0)
        return self.grid.place(number + 1, cell)

    def _only(self, field: str) -> int:
        """Return the cell of a field that one column holds."""
        return (*self.columns.places[field], NO_COLUMN)[0]

    def _fit(self, number: int, row: list[str], key: int) -> None:
        """Make a row of another width fit; one that lacks or has cells with something in them is told, and only its id kept."""
        width = self.columns.width
        if len(row) < width or any(map(str.strip, row[width:])):
            line, column = self.grid.place(number + 1, width)
            message = f"The row has {len(row)} cells, the first row has {width}."
            way_out = "Give it as many cells as there are columns; a cell with the delimiter in it stands in quotation marks."
            self.faults.append(Fault(self.file, line, column, "PO309", message, way_out))
            row[:] = [cell if place == key else "" for place, cell in enumerate((*row, *[""] * width)[:width])]
        del row[width:]

    def _days(self, number: int, starts: str, ends: str) -> tuple[date | None, date | None]:
        """Return the first and the last day."""
        first, last = self._date(number, "starts", starts), self._date(number, "ends", ends)
        if first is not None and last is not None and last < first:
            message = f"The last day, {last}, lies before the first, {first}."
            self._report(number, "ends", "PO316", message, "Correct one of the two, or leave it empty.")
        return first, last

    def _date(self, number: int, field: str, cell: str) -> date | None:
        """Return the day that a cell names."""
        if not cell:
            return None
        try:
            return date_of(cell)
        except ValueError:
            message = f"{quoted(cell)} is not a date."
            self._report(number, field, "PO315", message, "Write YYYY-MM-DD or DD.MM.YYYY, or leave the cell empty.")
            return None

    def _no_unit(self, number: int) -> tuple[str, ...]:
        """Tell a unit's path with a hole in it."""
        message = "The unit's path has an empty step."
        self._report(number, "unit", "PO320", message, 'Name every step from the top down, such as "Ministry / Finance".')
        return ()

    def _no_kind(self, number: int, cell: str) -> AccountKind:
        """Tell what is no kind of account."""
        words = ", ".join(sorted(word for word in KINDS if word.isascii() and word))
        self._report(number, "kind", "PO317", f"{quoted(cell)} is no kind of account.", f"Write one of: {words}.")
        return AccountKind.PERSON

    def _report(self, number: int, field: str, code: str, message: str, way_out: str) -> None:
        """Tell a fault of one cell."""
        self.faults.append(Fault(self.file, *self.place(number, field, ""), code, message, way_out))


def _picker(cells: Sequence[int]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return what picks some cells out of a row, quickly."""
    if len(cells) > 1:
        return itemgetter(*cells)
    if cells:
        one = cells[0]
        return lambda row: (row[one],)
    return lambda _: ()


@lru_cache(maxsize=65536)
def _roles(cells: tuple[str, ...]) -> frozenset[str]:
    """Return the roles of some cells."""
    return frozenset(role for cell in cells for role in several(cell))
