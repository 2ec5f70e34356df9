"""A page on a terminal: headings, indented lines that wrap under themselves, and lists that say what they leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from phaseout.reporting.words import number, plain, plain_lines

Item = TypeVar("Item")


class Column(Struct, frozen=True):
    """A column of a table: its title, its width in characters (None leaves it open), and whether it is ranged right."""

    title: str
    width: int | None = None
    right: bool = False


class Page:
    """Prints plain text safely: nothing of it is taken for markup, and nothing of it moves the cursor.

    Args:
        console: where to print.
        limit: how many items of a list are shown; None shows all.
    """

    def __init__(self, console: Console, limit: int | None) -> None:
        """Remember where to print and how much."""
        self.console = console
        self.limit = limit

    def heading(self, title: str) -> None:
        """Begin a section."""
        self.console.print()
        self.console.print(Rule(Text(title, style="bold"), align="left", style="dim", characters="─"))

    def line(self, text: str, indent: int = 0, style: str = "") -> None:
        """Print a paragraph; what does not fit on a line goes on under its beginning, and nothing is cut off."""
        margin = " " * indent
        for line in Text(plain(text), style=style).wrap(self.console, self.console.width - indent, overflow="fold"):
            line.rstrip()
            self.console.print(Text.assemble(margin, line))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, header: bool = True) -> None:
        """Print a table; cells that are too long for their column wrap.

        Args:
            columns: how each is laid out.
            rows: the cells.
            header: whether the titles stand over it; they need not where the same table goes on.
        """
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=header, header_style="bold")
        table.add_column("", width=0)  # whose gap is the margin
        for one in columns:
            table.add_column(Text(one.title), justify="right" if one.right else "left", overflow="fold", width=one.width)
        for row in rows:
            table.add_row("", *(Text(plain_lines(cell), overflow="fold") for cell in row))
        self.console.print(table)

    def cut(self, items: Sequence[Item]) -> Sequence[Item]:
        """Return the items that are shown."""
        return items if self.limit is None else items[: self.limit]

    def rest(self, items: Sequence[Item], what: str, indent: int = 2) -> None:
        """Say how many items are not shown, and what shows them."""
        left = len(items) - len(self.cut(items))
        if left:
            self.line(f"… and {number(left)} more {what}: --all prints all of them, --jsonl FILE writes them.", indent, "dim")
