"""ua-parser's shared rules (its Rust backend), built on the first agent that needs them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_NOBODY: Final = frozenset({"generic", "generic_android", "generic_android_tablet", "generic_inettv", "spider", "other"})
"""Brands by which the shared rules say that they do not know."""


_NO_PROGRAMS: Final = frozenset({"Other", "Android", "Mobile Safari UI/WKWebView"})
"""Families by which the shared rules name no program: none, the bare system, and any program with a web view of Apple's."""


@dataclass(frozen=True, slots=True)
class RuledSystem:
    """A system as the shared rules name it.

    Attributes:
        family: such as ``Mac OS X``.
        version: dotted, or None.
    """

    family: str
    version: str | None


@dataclass(frozen=True, slots=True)
class RuledDevice:
    """A device as the shared rules name it.

    Attributes:
        brand: or None when they do not know.
        model: or None.
        is_robot: whether it is a crawler.
    """

    brand: str | None
    model: str | None
    is_robot: bool = False


def system(text: str) -> RuledSystem | None:
    """The system that the shared rules find in an agent, or None."""
    found = _rules().os.extract(text)
    if not found or found.family == "Other":
        return None
    parts = (found.major, found.minor, found.patch)
    numbers: list[str] = []
    for part in parts:
        if not part or not part.isdigit():
            break
        numbers.append(part)
    return RuledSystem(found.family, ".".join(numbers) or None)


def device(text: str) -> RuledDevice | None:
    """The device that the shared rules find in an agent, or None."""
    found = _rules().device.extract(text)
    if not found:
        return None
    brand = found.brand
    known = brand if brand and brand.casefold() not in _NOBODY else None
    return RuledDevice(known, found.model if known else None, is_robot=brand == "Spider")


def program(text: str) -> str | None:
    """The browser or program that the shared rules find in an agent, or None."""
    found = _rules().program.extract(text)
    return found.family if found and found.family not in _NO_PROGRAMS else None


@dataclass(frozen=True, slots=True)
class _Rules:
    """The three sets of rules, compiled."""

    os: Any
    device: Any
    program: Any


@cache
def _rules() -> _Rules:
    """Compile the rules; takes some 0.2 s, once."""
    from ua_parser.loaders import load_lazy_builtins  # noqa: PLC0415 - heavy, and many runs see no browser
    from ua_parser.regex import Resolver  # noqa: PLC0415 - as above

    rules = Resolver(load_lazy_builtins())
    return _Rules(os=rules.os, device=rules.de, program=rules.ua)
