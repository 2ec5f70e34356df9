"""What a single value may be: each kind turns the text of the file into a value, or refuses it with a code of ours.

Every value arrives as the text that was written. The same kinds say in JSON Schema what an editor should accept: an editor
takes ``version: 1.0`` for a number, so kinds that are often written in digits allow numbers there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec import Struct
from pydantic import BeforeValidator, GetJsonSchemaHandler, ValidationInfo, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from phaseout.directive.wording import nearest, quote
from phaseout.model.access import COUNTABLE, PROTOCOLS, SERVICES
from phaseout.model.device import FORM_FACTORS, PLATFORMS
from phaseout.model.directive import SourceStatus, StageKind, Strength

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
DAYS_AT_MOST: Final = 3660

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._()-]{0,63}")
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_VERSION: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,4}")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}")
_SYSTEM_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Names that mean another zone on every machine, or none."""


def _refuse(code: str, message: str, way_out: str = "", **looked_for: object) -> NoReturn:
    """Refuse a value: with a code of ours, what is wrong, and what to do, or among which words to look for what was meant."""
    raise PydanticCustomError(code, "{message}", {"message": message, "way_out": way_out, **looked_for})


def _text(value: object) -> str:
    """Refuse lists and tables where one value belongs."""
    if isinstance(value, str):
        return value.strip()
    _refuse("PO122", "One value belongs here, not a list or a table.", "Write one value.")


def _nonblank(value: object) -> str:
    text = _text(value)
    if text:
        return text
    _refuse("PO116", "Nothing is written here.", "Write a value, or leave the key out.")


def _id(value: object) -> str:
    text = _text(value)
    if is_id(text):
        return text
    way_out = "Write at most 64 Latin letters, digits, dots, hyphens, underscores or brackets, a letter or digit first."
    _refuse("PO128", f"{quote(text)} is not an id.", way_out)


def is_id(text: str) -> bool:
    """Tell whether a text could be an id."""
    return _ID.fullmatch(text) is not None


def _date(value: object) -> date:
    text = _text(value)
    parts = _DATE.fullmatch(text)
    if parts is None:
        _refuse("PO104", f"{quote(text)} is not a date.", "Write YYYY-MM-DD.")
    year, month, day = (int(part) for part in parts.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        message = f"{quote(text)} is not a day of the calendar."
        _refuse("PO104", message, "Write a day that exists, as YYYY-MM-DD.")
    if FIRST_YEAR <= year <= LAST_YEAR:
        return found
    _refuse("PO133", f"{quote(text)} is no date of our time.", f"Write a year from {FIRST_YEAR} to {LAST_YEAR}.")


def _truth(value: object) -> bool:
    text = _text(value)
    if text in {"true", "false"}:
        return text == "true"
    _refuse("PO125", f"{quote(text)} is neither true nor false.", "Write true or false.")


def _days(value: object) -> int:
    text = _text(value)
    number = int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
    if 1 <= number <= DAYS_AT_MOST:
        return number
    _refuse("PO126", f"{quote(text)} is not a number of days.", f"Write a whole number from 1 to {DAYS_AT_MOST}.")


def _version(value: object) -> tuple[int, ...]:
    text = _text(value)
    if _VERSION.fullmatch(text):
        return tuple(int(part) for part in text.split("."))
    _refuse("PO127", f"{quote(text)} is not a version.", "Write one to five numbers with dots, such as 16.4.")


def _unit(value: object) -> tuple[str, ...]:
    text = _text(value)
    parts = tuple(" ".join(part.split()) for part in text.split("/"))  # as the staff list's paths are read
    if all(parts):
        return parts
    way_out = 'Write the names from the top down with a stroke between: "Ministry / Department".'
    _refuse("PO129", f"{quote(text)} is not a path of units: a part of it is empty.", way_out)


def _zone(value: object) -> str:
    text = _text(value)
    try:
        if _ZONE.fullmatch(text) and text not in _SYSTEM_ZONES:
            return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, OSError, ValueError):  # the name of a folder, or of something that is no zone
        pass
    near = nearest(text, (zone for zone in available_timezones() if zone[:1] == text[:1].upper()))
    way_out = f"Did you mean {quote(near)}?" if near else "Write a name of the IANA list, such as Europe/Paris."
    _refuse("PO130", f"{quote(text)} is not a time zone.", way_out)


def _url(value: object) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        if parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"\s", text):
            return text
    except ValueError:  # a bracket that does not close
        pass
    _refuse("PO132", f"{quote(text)} is not a web address.", "Begin with https:// or http://.")


def _word(kind: str, known: tuple[str, ...]) -> Callable[[object], str]:
    """Return the check that a value is one of some words."""

    def check(value: object) -> str:
        text = _text(value)
        if text in known:
            return text
        # which of the known words is meant is looked for later, and for the first faults only: that is what costs most
        _refuse("PO124", f"{quote(text)} is not {kind}.", word=text, known=known)

    return check


def _listed(value: object) -> object:
    """Take a single value for a list of one."""
    return value if isinstance(value, list) else [value]


class _OneOrMany(Struct, frozen=True):
    """Tells JSON Schema that one value may stand for a list of one, and how many there must be at least."""

    at_least: int

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return: one item, or a list."""
        several: dict[str, Any] = handler(core)
        return {"anyOf": [several["items"], several | ({"minItems": self.at_least} if self.at_least else {})]}


def _some(value: object, info: ValidationInfo) -> object:
    """Refuse a list without items, unless its items were cut out because they are wrong themselves."""
    if value == [] and not info.context:
        _refuse("PO123", "The list is empty.", "Write at least one value, or leave the key out.")
    return value


def _choices(words: tuple[str, ...] | type[StrEnum]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": [str(word) for word in words]})


def _pattern(pattern: re.Pattern[str], *types: str) -> WithJsonSchema:
    """Return a schema for texts that may also look like numbers to an editor."""
    plain: Mapping[str, object] = {"type": list(types) if len(types) > 1 else types[0]}
    return WithJsonSchema({**plain, "pattern": f"^{pattern.pattern}$"})


_DIGITS_TOO: Final = WithJsonSchema({"type": ["string", "number"]})

Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], BeforeValidator(_some), BeforeValidator(_listed), _OneOrMany(1)]
"""A list of at least one, or a single value."""

AnyNumber = Annotated[tuple[Item, ...], BeforeValidator(_listed), _OneOrMany(0)]
"""A list that may be empty, or a single value."""

Text = Annotated[str, BeforeValidator(_nonblank), WithJsonSchema({"type": "string", "minLength": 1})]
Name = Annotated[str, BeforeValidator(_nonblank), _DIGITS_TOO]
Id = Annotated[str, BeforeValidator(_id), _pattern(_ID, "string", "number")]
Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"type": "boolean"})]
Days = Annotated[int, BeforeValidator(_days), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": DAYS_AT_MOST})]
Version = Annotated[tuple[int, ...], BeforeValidator(_version), _pattern(_VERSION, "string", "number")]
Unit = Annotated[tuple[str, ...], BeforeValidator(_unit), _DIGITS_TOO]
Zone = Annotated[str, BeforeValidator(_zone), WithJsonSchema({"type": "string", "examples": ["Europe/Moscow", "UTC"]})]
Url = Annotated[str, BeforeValidator(_url), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"})]

_ACTIONS: Final = tuple(map(str, COUNTABLE))
_STRENGTHS: Final = tuple(str(strength) for strength in Strength)
_STATUSES: Final = tuple(str(status) for status in SourceStatus)
_STAGES: Final = tuple(str(kind) for kind in StageKind)

Platform = Annotated[str, BeforeValidator(_word("a platform", PLATFORMS)), _choices(PLATFORMS)]
FormFactor = Annotated[str, BeforeValidator(_word("a form factor", FORM_FACTORS)), _choices(FORM_FACTORS)]
Service = Annotated[str, BeforeValidator(_word("a work service", (*SERVICES, "*"))), _choices((*SERVICES, "*"))]
Door = Annotated[str, BeforeValidator(_word("a door", (*PROTOCOLS, "*"))), _choices((*PROTOCOLS, "*"))]
ActionWord = Annotated[str, BeforeValidator(_word("an action", _ACTIONS)), _choices(COUNTABLE)]
StrengthWord = Annotated[str, BeforeValidator(_word("a strength", _STRENGTHS)), _choices(Strength)]
StatusWord = Annotated[str, BeforeValidator(_word("a status", _STATUSES)), _choices(SourceStatus)]
StageWord = Annotated[str, BeforeValidator(_word("a stage", _STAGES)), _choices(StageKind)]
