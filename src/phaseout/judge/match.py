"""Whether a device is what a device class says: yes, no, or cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from phaseout.model.device import APPLE_NAMES, APPLE_PRODUCTS, APPLE_SYSTEMS, DEVICE_FIELDS, NEVER_APPLE, SYSTEM_FORMS, Device
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, Predicate, VersionRange

LONGEST_PART: Final = 9
"""Digits that one part of a version may have; what is longer is no version, and slow to read."""


class Match(Struct, frozen=True):
    """A three-valued answer.

    Attributes:
        holds: True, False, or None for "cannot tell".
        settles: the device fields that would settle a "cannot tell", in the order of ``Device``; else empty.
    """

    holds: bool | None
    settles: tuple[str, ...] = ()

    def __invert__(self) -> Match:
        """Kleene's "not"."""
        return self if self.holds is None else told(holds=not self.holds)


YES: Final = Match(holds=True)
NO: Final = Match(holds=False)


def unknown(*settles: str) -> Match:
    """Return the "cannot tell" that the named device fields would settle."""
    return Match(None, tuple(sorted(set(settles), key=DEVICE_FIELDS.index)))


def told(*, holds: bool) -> Match:
    """Return yes or no."""
    return YES if holds else NO


def any_of(parts: Iterable[Match]) -> Match:
    """Kleene's "or": yes when any part holds, no when none does, else cannot tell."""
    seen = tuple(parts)
    if YES in seen:
        return YES
    open_fields = [name for part in seen for name in part.settles]
    return unknown(*open_fields) if any(part.holds is None for part in seen) else NO


def all_of(parts: Iterable[Match]) -> Match:
    """Kleene's "and": no when any part fails, yes when all hold, else cannot tell."""
    return ~any_of(~part for part in parts)


def matches(predicate: Predicate, device: Device) -> Match:
    """Say whether a device is what the predicate describes.

    Only fields speak: contradictions and the grade of the evidence change nothing here, for identification has already
    emptied the fields on which the evidence disagrees.

    Args:
        predicate: the test of a device class.
        device: with None in every field that can't be told.

    Example:
        >>> apple = Is(maker=frozenset({"apple"}), form_factor=frozenset({"phone"}))
        >>> matches(apple, Device(maker="Apple"))
        Match(holds=None, settles=('form_factor',))
        >>> matches(apple, Device(form_factor="desktop")).holds
        False
    """
    match predicate:
        case Is():
            return all_of(test(predicate, device) for test in _FIELD_TESTS)
        case AnyOf(parts):
            return any_of(matches(part, device) for part in parts)
        case AllOf(parts):
            return all_of(matches(part, device) for part in parts)
        case Not(part):
            return ~matches(part, device)


def _one_of(wanted: frozenset[str], value: str | None, field: str) -> Match:
    """Say whether a field's value is one of those wanted; an empty set is no test."""
    if not wanted:
        return YES
    return unknown(field) if value is None else told(holds=value in wanted)


def _folded(value: str | None) -> str | None:
    """Fold the case of a value that may be missing."""
    return None if value is None else value.casefold()


def _maker(test: Is, device: Device) -> Match:
    if device.maker is None and device.platform in NEVER_APPLE and test.maker and test.maker <= APPLE_NAMES:
        return NO
    return _one_of(test.maker, _folded(device.maker), "maker")


def _platform(test: Is, device: Device) -> Match:
    if test.platform and device.platform is None and _folded(device.maker) == "apple" and not test.platform & APPLE_SYSTEMS:
        return NO
    # Programs on iPads call the system iOS, too.
    if device.platform == "ios" and device.form_factor is None and "ipados" in test.platform and "ios" not in test.platform:
        return unknown("form_factor")
    return _one_of(test.platform, device.platform, "platform")


def _version(test: Is, device: Device) -> Match:
    return YES if test.version is None else in_range(test.version, device.platform_version, is_whole=device.version_is_whole)


def _form_factor(test: Is, device: Device) -> Match:
    possible = SYSTEM_FORMS.get(device.platform or "")
    if test.form_factor and device.form_factor is None and possible:
        if possible <= test.form_factor:
            return YES
        if not possible & test.form_factor:
            return NO
    return _one_of(test.form_factor, device.form_factor, "form_factor")


def _model(test: Is, device: Device) -> Match:
    if not test.model:
        return YES
    model_id, name = _folded(device.model_id), _folded(device.model)
    with_maker = f"{device.maker} {device.model_id}".casefold() if device.maker and device.model_id else None
    patterns = test.model
    if not any(value and value.startswith(APPLE_PRODUCTS) for value in (model_id, name)) and _is_not_apples(device):
        patterns = tuple(pattern for pattern in patterns if not pattern.startswith(APPLE_PRODUCTS))
    return any_of(_pattern(pattern, model_id, name, with_maker) for pattern in patterns)


def _is_not_apples(device: Device) -> bool:
    return device.platform in NEVER_APPLE if device.maker is None else device.maker.casefold() not in APPLE_NAMES


def _app(test: Is, device: Device) -> Match:
    return _one_of(test.app, _folded(device.app), "app")


_FIELD_TESTS: Final[tuple[Callable[[Is, Device], Match], ...]] = (_maker, _platform, _version, _form_factor, _model, _app)


def _pattern(pattern: str, model_id: str | None, name: str | None, with_maker: str | None) -> Match:
    """Say whether a shell pattern fits the identifier, with the maker before it or without, or the trade name.

    Any may fit. That neither does is told by the one that the pattern is meant for: by the trade name when the pattern
    has a blank in it (``galaxy s2*``), for few identifiers have one, else by the identifier (``iphone14,?``, ``sm-g99*``).
    """
    if any(value is not None and fnmatchcase(value, pattern) for value in (model_id, name, with_maker)):
        return YES
    if model_id is None and name is None:
        return unknown("model_id", "model")
    if " " in pattern and " " not in (model_id or ""):
        return unknown("model") if name is None else NO
    return unknown("model_id") if model_id is None else NO


def version_parts(version: str) -> tuple[int, ...]:
    """Read the parts of a dotted version up to the first that is not a plain number.

    Example:
        >>> version_parts("17.4.1"), version_parts("6.0-beta"), version_parts("XP")
        ((17, 4, 1), (6,), ())
    """
    parts: list[int] = []
    for part in version.split("."):
        if not (part.isascii() and part.isdigit() and len(part) <= LONGEST_PART):
            break
        parts.append(int(part))
    return tuple(parts)


def is_below(known: tuple[int, ...], bound: tuple[int, ...], *, is_whole: bool = False) -> bool | None:
    """Say whether a version is lower than a bound.

    Args:
        known: the parts of the version.
        bound: those of the bound.
        is_whole: whether those are all parts of the version; else further ones may follow.

    Example:
        >>> is_below((17,), (17, 2)), is_below((16, 7), (17,)), is_below((17,), (17, 0))
        (None, True, False)
        >>> is_below((17,), (17, 2), is_whole=True)
        True
    """
    wanted = list(bound)
    while wanted and wanted[-1] == 0:
        wanted.pop()
    for position, part in enumerate(wanted):
        if position == len(known):
            return True if is_whole else None
        if known[position] != part:
            return known[position] < part
    return False


def in_range(versions: VersionRange, version: str | None, *, is_whole: bool = False) -> Match:
    """Say whether a platform version, as far as it is known, lies in a range.

    Args:
        versions: the range.
        version: dotted, or None.
        is_whole: whether no part of the version is missing.

    Example:
        >>> in_range(VersionRange(below=(17, 2)), "17")
        Match(holds=None, settles=('platform_version',))
    """
    known = version_parts(version or "")
    if not known:
        return unknown("platform_version")
    high_enough = YES if versions.at_least is None else ~_kleene(is_below(known, versions.at_least, is_whole=is_whole))
    low_enough = YES if versions.below is None else _kleene(is_below(known, versions.below, is_whole=is_whole))
    return all_of((high_enough, low_enough))


def _kleene(holds: bool | None) -> Match:  # noqa: FBT001 - the value is the argument
    """Turn a three-valued truth about the version into a match."""
    return unknown("platform_version") if holds is None else told(holds=holds)
