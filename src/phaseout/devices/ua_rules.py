"""ua-parser's shared rules (its Rust backend), each set compiled on the first agent that needs it."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

_NOBODY: Final = frozenset({"generic", "generic_android", "generic_android_tablet", "generic_inettv", "spider", "other"})
"""Brands by which the shared rules say that they do not know."""


_NO_PROGRAMS: Final = frozenset({"Other", "Android", "Mobile Safari UI/WKWebView"})
"""Families by which the shared rules name no program: none, the bare system, and any program with a web view of Apple's."""


class RuledSystem(Struct, frozen=True):
    """A system as the shared rules name it.

    Attributes:
        family: such as ``Mac OS X``.
        version: dotted, or None.
    """

    family: str
    version: str | None


class RuledDevice(Struct, frozen=True):
    """A device as the shared rules name it.

    Attributes:
        brand: or None when they do not know.
        model: or None.
        is_robot: whether it is a crawler.
    """

    brand: str | None
    model: str | None
    is_robot: bool = False


def _whole(text: str) -> str:
    """Return a text that the shared rules can take: what is half a character, as in broken JSON, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def system(text: str) -> RuledSystem | None:
    """The system that the shared rules find in an agent, or None."""
    found = _systems().extract(_whole(text))
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
    found = next((found for rules in _devices() if (found := rules.extract(_whole(text)))), None)
    if not found:
        return None
    brand = found.brand
    known = brand if brand and brand.casefold() not in _NOBODY else None
    return RuledDevice(known, (found.model or "").strip(" -_/") or None if known else None, is_robot=brand == "Spider")


def program(text: str) -> str | None:
    """The browser or program that the shared rules find in an agent, or None."""
    found = _programs().extract(_whole(text))
    return found.family if found and found.family not in _NO_PROGRAMS else None


# Each set is compiled when it is first asked; the systems' and the programs' take some 30 ms.


@cache
def _systems() -> Any:  # noqa: ANN401 - of a library without types
    import ua_parser_rs  # noqa: PLC0415 - heavy, and many runs see no browser

    return ua_parser_rs.OSExtractor(map(_SYSTEM_OR_PROGRAM, _matchers()[1]))


@cache
def _programs() -> Any:  # noqa: ANN401 - as above
    import ua_parser_rs  # noqa: PLC0415 - as above

    return ua_parser_rs.UserAgentExtractor(map(_SYSTEM_OR_PROGRAM, _matchers()[0]))


@cache
def _devices() -> tuple[Any, ...]:
    """Return the rules of devices in parts, the first that fits counts; a thread that compiles them stops others part by part."""
    import ua_parser_rs  # noqa: PLC0415 - as above

    rules = list(map(_DEVICE, _matchers()[2]))
    parts = (rules[start : start + _PART] for start in range(0, len(rules), _PART))
    return tuple(ua_parser_rs.DeviceExtractor(part) for part in parts)


_PART: Final = 160
"""Rules that are compiled in one go: some 25 ms, in which the interpreter does nothing else; all of them take 0.1 s."""

_SYSTEM_OR_PROGRAM: Final = attrgetter("regex", "family", "major", "minor", "patch", "patch_minor")
_DEVICE: Final = attrgetter("regex", "regex_flag", "family", "brand", "model")


def _matchers() -> Any:  # noqa: ANN401 - as above
    """Return the rules: of programs, of systems, of devices."""
    from ua_parser.loaders import load_lazy_builtins  # noqa: PLC0415 - as above

    return load_lazy_builtins()
