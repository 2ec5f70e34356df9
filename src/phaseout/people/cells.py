"""What single cells of a staff list mean."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Final

from phaseout.model.person import AccountKind

KINDS: Final = {
    "": AccountKind.PERSON,
    "person": AccountKind.PERSON, "user": AccountKind.PERSON, "человек": AccountKind.PERSON, "сотрудник": AccountKind.PERSON,
    "личный": AccountKind.PERSON, "личная": AccountKind.PERSON,
    "shared": AccountKind.SHARED, "shared mailbox": AccountKind.SHARED, "общий": AccountKind.SHARED, "общая": AccountKind.SHARED,
    "service": AccountKind.SERVICE, "service account": AccountKind.SERVICE, "служебный": AccountKind.SERVICE,
    "служебная": AccountKind.SERVICE, "сервисный": AccountKind.SERVICE, "сервисная": AccountKind.SERVICE,
}  # fmt: skip
"""The words for what stands behind an account; an empty cell means a person."""

_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def several(cell: str) -> tuple[str, ...]:
    r"""Return the values of a cell that may hold more than one, separated by ``;``, ``|`` or a line break.

    Example:
        >>> several(r'anna@example.org; EXAMPLE\anna;')
        ('anna@example.org', 'EXAMPLE\\anna')
    """
    if not (";" in cell or "|" in cell or "\n" in cell or "\r" in cell):  # nearly every cell; the rest holds for it as well
        part = cell.strip()
        return (part,) if part else ()
    parts = cell.replace("|", ";").replace("\n", ";").replace("\r", ";").split(";")
    return tuple([part for part in map(str.strip, parts) if part])


@lru_cache(maxsize=65536)
def path_of(cells: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the unit that cells name, from the top down; None when a step of the path is empty.

    A stroke parts two steps wherever it stands, as it does in a directive.

    Example:
        >>> path_of(("Ministry / Finance", "Payroll", "")), path_of(("Ministry", "", "Payroll"))
        (('Ministry', 'Finance', 'Payroll'), None)
    """
    filled = list(map(str.strip, cells))
    while filled and not filled[-1]:
        filled.pop()
    steps = tuple(" ".join(step.split()) for cell in filled for step in cell.split("/"))
    return steps if all(steps) else None


@lru_cache(maxsize=65536)
def date_of(cell: str) -> date | None:
    """Read ``YYYY-MM-DD`` or ``DD.MM.YYYY``. Dates with slashes are refused: nobody can tell the day from the month.

    Raises:
        ValueError: it is written in another way, or there is no such day.

    Example:
        >>> date_of("17.07.2023"), date_of("")
        (datetime.date(2023, 7, 17), None)
    """
    cell = cell.strip()
    if not cell:
        return None
    if found := _ISO.fullmatch(cell):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DOTTED.fullmatch(cell):
        return date(int(found[3]), int(found[2]), int(found[1]))
    raise ValueError(cell)


@lru_cache(maxsize=1024)
def kind_of(cell: str) -> AccountKind | None:
    """Return what stands behind an account, or None when the word is not known."""
    return KINDS.get(" ".join(cell.split()).casefold())
