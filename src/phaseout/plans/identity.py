"""What tells two questions apart: everything that their expressions can depend on, but for the code itself."""

from __future__ import annotations

import hashlib
import json
import sys
import zoneinfo
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from enum import Enum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.plans.origin import is_ours
from phaseout.plans.plan import written_schema
from phaseout.reading.question import Question, Table


class Identity(Struct, frozen=True):
    """What tells a question apart from all others.

    Attributes:
        text: the same for two questions only when their expressions are the same.
        lasting: whether that holds in another run, too; where a question is given something that can't be told in words, such
            as a function of somebody else's package, the text holds only as long as the question lives.
    """

    text: str
    lasting: bool


def identity(question: Question) -> Identity:
    """Tell a question apart from all others."""
    passing: list[object] = []
    told = [_told(part, passing) for part in (question.make, question.given, question.named)]
    return Identity(json.dumps(told), lasting=not passing)


def _told(value: Any, passing: list[object]) -> object:  # noqa: ANN401 - a question may be given anything
    """Return a value as plain data; a list begins with what it tells, so that nothing can be taken for something else."""
    if value is None or type(value) in {bool, int, float, str}:
        return value
    told = _parts(value)
    if told is None:
        passing.append(value)
        return ["passing", id(value)]
    return [type(value).__name__, *(_told(part, passing) for part in told)]


def _parts(value: Any) -> tuple[Any, ...] | None:  # noqa: ANN401, PLR0911, C901 - one case a kind of value
    """Return what a value consists of, or None when it can't be told."""
    match value:
        case tuple() | list():
            return (*value,)
        case Mapping():
            return tuple(value.items())
        case Table():
            columns = written_schema(value.schema)
            return None if columns is None else (value.name, columns)
        case Enum():
            return (_place(value), value.name, value.value) if is_ours(type(value)) else None
        case datetime():
            return (value.isoformat(), value.fold, value.tzinfo)
        case timezone():
            return (value.utcoffset(None),)
        case timedelta():
            return (value.days, value.seconds, value.microseconds)
        case ZoneInfo():
            return None if value.key is None else (value.key, _rules_of(value.key))
        case FunctionType():
            return (_place(value),) if is_ours(value) and _is_found(value) else None
        case Struct() if is_ours(type(value)):
            return (_place(value), *((name, getattr(value, name)) for name in value.__struct_fields__))
    return None


def _place(value: Any) -> str:  # noqa: ANN401 - of a function, or of what has a class
    named = value if isinstance(value, FunctionType) else type(value)
    return f"{named.__module__}:{named.__qualname__}"


def _is_found(function: FunctionType) -> bool:
    """Whether a function is what its module has under its name; not one that was made within another, or put in its place."""
    return getattr(sys.modules.get(function.__module__), function.__qualname__, None) is function


@cache
def _rules_of(zone: str) -> str:
    """Return a digest of a zone's rules: they change with the machine's own, not with phaseout."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder, zone)
        if path.is_file():
            return hashlib.sha256(path.read_bytes()).hexdigest()
    return f"tzdata {version('tzdata')}"
