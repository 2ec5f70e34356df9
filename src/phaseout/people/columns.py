# ruff: noqa: RUF001 - Russian column names look like Latin letters in places
"""Which column of a table holds what, found by the columns' names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import dropwhile
from typing import Final

from msgspec import Struct

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        "id", "person id", "employee id", "employee number", "personnel number", "staff id", "staff number", "person", "key",
        "табельный номер", "таб номер", "табельный", "код", "код сотрудника", "ид", "идентификатор", "номер сотрудника",
        "id сотрудника", "личный номер",
        "personalnummer", "personal nr", "pers nr", "mitarbeiternummer", "mitarbeiter nr", "mitarbeiter id",
    ),
    "name": (
        "name", "full name", "display name", "cn", "employee", "employee name",
        "фио", "полное имя", "фамилия имя отчество", "сотрудник", "работник", "отображаемое имя", "выводимое имя",
        "физическое лицо",
        "vollständiger name", "anzeigename", "mitarbeiter",
    ),
    "surname": ("surname", "last name", "family name", "sn", "фамилия", "nachname", "familienname"),
    "given": ("given name", "first name", "forename", "имя", "vorname"),
    "patronymic": ("middle name", "patronymic", "отчество"),
    "logins": (
        "login", "logins", "login name", "user", "username", "account", "accounts", "samaccountname", "user principal name",
        "upn", "uid", "user logon name", "e mail", "e mails", "email address", "email addresses", "mail", "mails", "address",
        "addresses", "mailbox", "alias", "aliases", "mail nickname", "proxyaddresses", "primary smtp address",
        "windows email address",
        "логин", "логины", "имя входа", "имя входа пользователя", "имя пользователя", "пользователь", "учетная запись",
        "учетные записи", "почта", "эл почта", "электронная почта", "адрес", "адрес электронной почты", "адрес эл почты",
        "почтовый ящик", "псевдонимы",
        "benutzer", "benutzername", "benutzerkennung", "anmeldename", "benutzeranmeldename", "kennung", "konto", "mailadresse",
        "e mail adresse", "e mail adressen", "postfach",
    ),
    "unit": (
        "unit", "unit path", "department", "department path", "division", "organisational unit", "organizational unit",
        "org unit", "ou", "level", "подразделение", "структурное подразделение", "путь подразделения", "отдел", "департамент",
        "уровень",
        "abteilung", "organisationseinheit", "bereich", "ebene",
    ),
    "roles": (
        "role", "roles", "position", "job title", "title", "group", "groups",
        "роль", "роли", "должность", "группа", "группы",
        "rolle", "rollen", "funktion", "gruppe", "gruppen", "stellenbezeichnung",
    ),
    "manager": (
        "manager", "manager id", "supervisor", "head", "reports to",
        "руководитель", "начальник", "табельный номер руководителя", "таб номер руководителя", "id руководителя",
        "vorgesetzter", "vorgesetzte", "führungskraft",
    ),
    "starts": (
        "from", "start", "starts", "start date", "since", "hired", "hire date", "first day",
        "с", "дата приема", "дата начала", "принят", "работает с", "дата приема на работу",
        "eintritt", "eintrittsdatum", "von", "ab",
    ),
    "ends": (
        "until", "end", "ends", "end date", "to", "left", "last day", "leaving date",
        "по", "до", "дата увольнения", "дата окончания", "уволен", "работает по",
        "austritt", "austrittsdatum", "bis",
    ),
    "kind": (
        "kind", "type", "account type", "account kind",
        "тип", "вид", "тип учетной записи", "вид учетной записи",
        "kontoart", "kontotyp",
    ),
}  # fmt: skip
"""What a column may be called, by what it holds; without case, punctuation, blanks, and the dots of "ё". Directories write their
names without blanks (``employeeID``)."""

OWN: Final = frozenset({
    "ad", "windows", "win", "ldap", "sso", "corporate", "corp", "company", "work", "business", "dienstlich", "dienstliche",
    "geschäftlich", "geschäftliche", "корпоративный", "корпоративная", "корпоративное", "рабочий", "рабочая", "рабочее",
    "служебный", "служебная", "служебное",
})  # fmt: skip
"""Words before or behind the name of a column of logins that say whose the logins are: the organisation's own."""

OWN_BEFORE: Final = OWN | {
    "domain", "network", "office", "internal", "primary", "main", "netzwerk", "domäne", "доменный", "доменная", "доменное",
    "сетевой", "сетевое", "основной", "основная", "внутренний", "внутренняя",
}  # fmt: skip
"""Such words that say something else behind it, as ``user domain`` does."""

OWN_BEHIND: Final = OWN | {"домена", "домен"}
"""Such words behind it."""

SEVERAL: Final = frozenset({"logins", "roles", "unit"})
"""What several columns may hold together; those of a unit are its path from the top down, by number or else left to right."""

SHORTEST_GUESS: Final = 5
"""Names with fewer letters are near to too much."""

MOST_LETTERS: Final = 2
"""By how many letters a misspelt name is longer or shorter at most."""

_FIELDS: Final = {name.replace(" ", ""): field for field, names in NAMES.items() for name in names}
_ADDRESSES: Final = frozenset({"address", "addresses", "адрес"})
"""Names of logins that with such a word would be a house's."""

_NUMBER: Final = re.compile(r"(?P<name>.*?)(?P<number>\d{1,2})")


class Columns(Struct, frozen=True):
    """Where what stands.

    Attributes:
        places: the cells' numbers from 0, by what they hold; empty when no column holds it.
        twice: cells whose column another one before it holds already, with what they hold.
        misspelt: cells whose column's name is close to one that is missing, with that name.
        unread: cells whose column has a name that is not known.
        width: how many columns there are.
    """

    places: Mapping[str, tuple[int, ...]]
    twice: tuple[tuple[int, str], ...]
    misspelt: tuple[tuple[int, str], ...]
    unread: tuple[int, ...]
    width: int

    @property
    def known(self) -> int:
        """How many columns are understood."""
        return sum(len(cells) for cells in self.places.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """What a staff list must have and this one has not, in words for people."""
        have = {field for field, cells in self.places.items() if cells}
        needs = (({"id"}, "id"), ({"name", "surname", "given"}, "name"), ({"logins"}, "login or e-mail"))
        return tuple(word for fields, word in needs if not fields & have)


def columns_of(header: Sequence[str]) -> Columns:
    """Find out which column holds what.

    Example:
        >>> columns_of(["Табельный номер", "ФИО", "E-Mail", "Birthday"]).places["logins"]
        (2,)
    """
    found: dict[str, list[tuple[int, int]]] = {field: [] for field in NAMES}
    twice: list[tuple[int, str]] = []
    strange: list[tuple[int, str]] = []
    for cell, title in enumerate(header):
        field, number = _meaning(title)
        if field is None:
            strange.append((cell, plain(title)))
        elif found[field] and field not in SEVERAL:
            twice.append((cell, field))
        else:
            found[field].append((number, cell))
    places = {field: tuple(cell for _, cell in sorted(cells)) for field, cells in found.items()}
    unread = tuple(cell for cell, name in strange if name)
    return Columns(places, tuple(twice), tuple(_misspelt(strange, places)), unread, len(header))


def plain(title: str) -> str:
    """Return a column's name without case, punctuation, and the dots of "ё"."""
    return " ".join(re.sub(r"[\W_]+", " ", title.replace("№", " номер ").casefold().replace("ё", "е")).split())


def _meaning(title: str) -> tuple[str | None, int]:
    """Return what a column holds, and its number when it has one."""
    words = plain(title).replace("active directory", "ad").split()
    name = "".join(words)
    if name in _FIELDS:
        return _FIELDS[name], 0
    rest = list(dropwhile(OWN_BEFORE.__contains__, words))
    while rest and rest[-1] in OWN_BEHIND:
        rest.pop()
    if len(rest) < len(words) and _FIELDS.get("".join(rest)) == "logins" and not _ADDRESSES.intersection(rest):
        return "logins", 0
    numbered = _NUMBER.fullmatch(name)
    field = _FIELDS.get(numbered["name"]) if numbered else None
    if numbered and field in SEVERAL:
        return field, int(numbered["number"])
    return None, 0


def _misspelt(strange: Iterable[tuple[int, str]], places: Mapping[str, tuple[int, ...]]) -> Iterable[tuple[int, str]]:
    """Give the columns whose name is that of a missing one but for a letter or two."""
    missing = [name for field, names in NAMES.items() if not places[field] for name in names if len(name) >= SHORTEST_GUESS]
    for cell, title in strange:
        near = [name for name in missing if abs(len(name) - len(title)) <= MOST_LETTERS]
        for close in get_close_matches(title, near, n=1, cutoff=0.8):
            yield cell, close
