"""The phrases of a directive: whom, what, when, which devices; each a piece of a plain sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from phaseout.model.device import FORM_FACTORS, PLATFORM_NAMES, PLATFORMS
from phaseout.model.directive import Clause, DeviceClass, Maker, Scope, SourceStatus, StageKind
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, Predicate, VersionRange

SERVICE_NAMES: Final[Mapping[str, str]] = {
    "mail": "work mail",
    "calendar": "work calendars",
    "contacts": "work contacts",
    "files": "work files",
    "chat": "work chat",
    "sign-in": "the work sign-in",
    "directory": "the staff directory",
    "*": "any work service",
}
"""How sentences name the work services."""

DOOR_NAMES: Final[Mapping[str, str]] = {
    "activesync": "ActiveSync", "imap": "IMAP", "pop3": "POP3", "smtp": "SMTP", "webmail": "webmail",
    "ews": "Exchange web services", "mapi": "MAPI", "rest": "REST interfaces", "caldav": "CalDAV", "carddav": "CardDAV",
    "sign-in": "sign-in", "mobile-management": "mobile device management", "*": "every other door",
}  # fmt: skip
"""How sentences name the doors."""

STATUS_NAMES: Final[Mapping[SourceStatus, str]] = {
    SourceStatus.OFFICIAL: "officially published",
    SourceStatus.CONFIRMED: "confirmed",
    SourceStatus.REPORTED: "reported",
    SourceStatus.NOT_CONFIRMED: "not confirmed",
    SourceStatus.DENIED: "denied",
}
"""How far a source's word is established."""

STAGE_SENTENCES: Final[Mapping[StageKind, str]] = {
    StageKind.OBSERVE: "lets such devices in and notes it",
    StageKind.WARN: "lets such devices in and warns",
    StageKind.QUARANTINE: "holds such devices back until somebody decides",
    StageKind.BLOCK: "refuses such devices",
}
"""What a door does at each stage."""

_ACTION_NAMES: Final[Mapping[str, str]] = {
    "use": "reading, writing or synchronising",
    "presence": "a connection that is merely kept open",
    "set-up": "setting up a device",
    "attempt": "a sign-in that fails",
}

_FORM_FACTOR_NAMES: Final[Mapping[str, str]] = {
    "phone": "phones", "tablet": "tablets", "desktop": "desktop and notebook computers", "tv": "television sets",
    "watch": "watches", "console": "game consoles", "car": "cars", "reader": "e-book readers", "server": "servers",
    "other": "other devices",
}  # fmt: skip

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_name(day: date) -> str:
    """Return a day as people write it, in whatever language the machine is set.

    Example:
        >>> day_name(date(2023, 7, 17))
        '17 July 2023'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day that begins at an instant of a directive."""
    return instant.astimezone(zone).date()


def last_day(end: datetime, zone: ZoneInfo) -> date:
    """Return the last day before an instant at which something ends."""
    return local_day(end, zone) - timedelta(days=1)


def listed(names: Iterable[str], link: str = "and") -> str:
    """Join names as a sentence does.

    Example:
        >>> listed(["mail", "calendar", "contacts"])
        'mail, calendar and contacts'
    """
    *before, last = list(names) or [""]
    return f"{', '.join(before)} {link} {last}" if before else last


def whom(scope: Scope) -> str:
    """Return whom a clause reaches, as the subject of a sentence.

    Example:
        >>> whom(Scope(units=(("Ministry", "Finance"),), but_not=Scope(roles=frozenset({"minister"}))))
        'staff of Ministry / Finance and the units below it, except those with the role minister,'
    """
    named = _those(scope)
    return f"{named}, except {_those(scope.but_not)}," if scope.but_not is not None else named


def _those(scope: Scope) -> str:
    if scope.everyone:
        return "all staff"
    parts = [_units(scope.units)] if scope.units else []
    if scope.roles:
        word = "role" if len(scope.roles) == 1 else "roles"
        parts.append(f"those with the {word} {listed(sorted(scope.roles), 'or')}")
    if scope.people:
        parts.append(listed(sorted(scope.people)))
    *before, last = parts or ["nobody"]
    return f"{', '.join(before)}, and {last}" if before else last


def _units(units: tuple[tuple[str, ...], ...]) -> str:
    """Return units as a sentence does; those of one department are not led down from the top one by one."""
    parents = {unit[:-1] for unit in units}
    if len(units) > 1 and len(parents) == 1 and () not in parents:
        return f"staff of {' / '.join(units[0][:-1])} ({'; '.join(unit[-1] for unit in units)}) and the units below them"
    below = "it" if len(units) == 1 else "them"
    return f"staff of {listed(' / '.join(unit) for unit in units)} and the units below {below}"


def what_used(clause: Clause) -> str:
    """Return what the clause is about: the services, and the verb that fits them."""
    names = listed((SERVICE_NAMES[service] for service in clause.services), "or")
    return f"open {names}" if clause.services == ("mail",) else f"use {names}"


def on_devices(clause: Clause, classes: Mapping[str, DeviceClass]) -> str:
    """Return the devices that a clause names, as the end of a sentence."""
    return f"on {listed((classes[name].title for name in clause.devices), 'or')}"


def counted(actions: Iterable[str]) -> str:
    """Return what counts as using a service."""
    return listed((name for action, name in _ACTION_NAMES.items() if action in set(actions)), "or")


def described(test: Predicate, makers: Mapping[str, Maker], spellings: Mapping[str, str]) -> str:
    """Return a device test in words.

    Args:
        test: as built.
        makers: by id.
        spellings: names as the order writes them, by their form without case.

    Example:
        >>> old = Is(platform=frozenset({"ios"}), version=VersionRange(below=(16,)))
        >>> described(AllOf((old, Not(Is(app=frozenset({"mail"}))))), {}, {"mail": "Mail"})
        'devices running iOS in versions below 16, and not (devices through the program Mail)'
    """
    if isinstance(test, Is):
        return _fields(test, makers, spellings)
    if isinstance(test, Not):
        return f"not ({described(test.part, makers, spellings)})"
    link = "; or " if isinstance(test, AnyOf) else ", and "
    return link.join(_grouped(part, test, makers, spellings) for part in test.parts)


def _grouped(part: Predicate, whole: AnyOf | AllOf, makers: Mapping[str, Maker], spellings: Mapping[str, str]) -> str:
    """Return a part in words, in brackets where "and" and "or" would run together."""
    mixed = isinstance(part, AnyOf | AllOf) and type(part) is not type(whole)
    said = described(part, makers, spellings)
    return f"({said})" if mixed else said


def _fields(test: Is, makers: Mapping[str, Maker], spellings: Mapping[str, str]) -> str:
    """Return what the fields ask for: ``phones made by Apple running iOS in versions below 16``."""
    shapes = listed((_FORM_FACTOR_NAMES[name] for name in FORM_FACTORS if name in test.form_factor), "or")
    parts = [shapes or "devices"]
    if test.maker:
        parts.append(f"made by {listed(_maker_names(test.maker, makers, spellings), 'or')}")
    if test.model:
        parts.append(f"of the model {listed((spellings.get(name, name) for name in test.model), 'or')}")
    if test.platform:
        parts.append(f"running {listed((PLATFORM_NAMES[name] for name in PLATFORMS if name in test.platform), 'or')}")
    if test.version is not None:
        parts.append(_range(test.version))
    if test.app:
        parts.append(f"through the program {listed((spellings.get(name, name) for name in sorted(test.app)), 'or')}")
    return " ".join(parts)


def _maker_names(names: frozenset[str], makers: Mapping[str, Maker], spellings: Mapping[str, str]) -> list[str]:
    """Return makers by their trade names; the names of a maker that is meant as a whole are not listed one by one."""
    whole = [maker for maker in makers.values() if {name.casefold() for name in maker.names} <= names]
    covered = {name.casefold() for maker in whole for name in maker.names}
    said = [maker.name + (" (with its brands and affiliates)" if len(maker.names) > 1 else "") for maker in whole]
    # A maker's name begins with a capital, in most languages and catalogues.
    plain = (spellings.get(name, name) for name in names - covered)
    return said + sorted(name[:1].upper() + name[1:] for name in plain)


def _range(version: VersionRange) -> str:
    low = f"from {_dotted(version.at_least)} on" if version.at_least is not None else ""
    high = f"below {_dotted(version.below)}" if version.below is not None else ""
    return f"in versions {' and '.join(part for part in (low, high) if part)}"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
