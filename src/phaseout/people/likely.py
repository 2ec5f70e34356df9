"""Columns of a staff list that are not known by name, and plainly hold logins or units all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from phaseout.people.cells import several
from phaseout.people.columns import Columns, plain

_OF_LOGINS: Final = (
    "login", "mail", "email", "upn", "user", "account", "логин", "почт", "пользовател", "учетн", "benutzer", "kennung", "konto",
    "anmelde",
)  # fmt: skip
_OF_UNITS: Final = (
    "unit", "department", "dept", "division", "подраздел", "отдел", "департамент", "управлени", "abteilung", "organisation",
    "organization", "bereich",
)  # fmt: skip
"""How words begin that name a column of logins, or of units."""

_OF_OTHERS: Final = (
    "private", "personal", "home", "личн", "домашн", "privat", "manager", "head", "boss", "руковод", "начальник", "leit",
    "vorges", "code", "код", "date", "дата", "datum", "last", "послед",
)  # fmt: skip
"""How words begin that say that it is another's, or none that logs know."""

_LOGIN: Final = re.compile(r"(?!\d{4}-\d\d)(?=.*[^\W\d_])[^\s,]+")
"""What a login looks like: letters among it, no blanks, no day."""

_ANSWERS: Final = frozenset({"yes", "no", "true", "false", "да", "нет", "ja", "nein"})


def likely(columns: Columns, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """Give the cells of columns that were not read and look like logins; or like units, where no column holds those.

    A name alone is not enough: what it holds must look so, too, and nobody shares a login with anybody.

    Args:
        columns: which column holds what.
        header: the first row.
        rows: the others.
    """
    for cell in columns.unread:
        words = plain(header[cell]).split()
        if any(word.startswith(_OF_OTHERS) for word in words):
            continue
        held = [value for row in rows if cell < len(row) and (value := row[cell].strip())]
        if not held:
            continue
        if any(word.startswith(_OF_LOGINS) for word in words) and _are_logins(held):
            yield cell, "logins"
        elif any(word.startswith(_OF_UNITS) for word in words) and not columns.places["unit"] and all(map(_has_letter, held)):
            yield cell, "unit"


def _are_logins(held: Sequence[str]) -> bool:
    """Whether each cell holds logins that no other cell holds."""
    logins = [login for value in held for login in several(value.casefold())]
    return len(set(logins)) == len(logins) and all(_LOGIN.fullmatch(one) and one not in _ANSWERS for one in logins)


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
