"""The agents of Apple's own mail, calendar and contacts programs, and of programs that name Apple's systems the same way."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from phaseout.devices.apple_builds import (
    Build,
    build_from_arithmetic,
    build_from_text,
    ios_version,
    is_impossible,
    listed_version,
    predates,
)
from phaseout.devices.apple_models import AppleModel, family, find_model, model_from_identifier
from phaseout.devices.system_versions import is_of_the_system
from phaseout.model.device import Device, Grade

_ACTIVESYNC: Final = re.compile(r"Apple-([A-Z]+?)(\d+(?:C|,|_)\d+)?/([\d.]+)\b", re.IGNORECASE)

_SYSTEM: Final = re.compile(
    r"(?<![\w-])(iPhone OS|iPadOS|iOS|macOS|Mac OS X|Mac_OS_X|Mac OS|OS X|watchOS|tvOS|visionOS|xrOS)"
    r"[ /](?:Version )?(\d+(?:[._]\d+)*)"
    r"(?:[ ,;]*\((?:[Bb]uild )?(\d{1,2}[A-Z]\d+[a-z]?)\))?"
)
"""A system by Apple's own name, its version, often its build: ``iOS/16.3 (20D47)``, ``Mac OS X Version 10.11 (Build 15B42)``;
never behind a hyphen, where the number is a program's (``Nextcloud-iOS/4.9``)."""

_SYSTEMS: Final = {
    "iPhone OS": "ios", "iPadOS": "ipados", "iOS": "ios", "macOS": "macos", "Mac OS X": "macos", "Mac_OS_X": "macos",
    "Mac OS": "macos", "OS X": "macos", "watchOS": "watchos", "tvOS": "tvos", "visionOS": "other", "xrOS": "other",
}  # fmt: skip

_FORGED: Final = "Build {build} was never published: forged or scripted client."

_OLDER: Final = "Build {build} is older than any {model}: forged or scripted client."


def activesync_agent(text: str) -> Device | None:
    """Read ``Apple-iPhone14C2/2001.362``; None when the text is something else."""
    if text[: len("apple-")].casefold() != "apple-":
        return None
    found = _ACTIVESYNC.match(text)
    if not found:
        return None
    name, identifier, digits = found.groups()
    model = model_from_identifier(f"{name}{identifier}") if identifier else family(name)
    if model is None:
        return None
    return _with_build(model, digits, f"ActiveSync agent of an Apple {name}")


def _with_build(model: AppleModel, digits: str, reason: str) -> Device:
    """A device with what its agent's number says; a build that was never published, or never ran on it, is marked."""
    build = build_from_arithmetic(digits)
    if build is None:
        return _apple(model, reason=f"{reason}; its number {digits} is no build.")
    told = f"{reason}; {digits} is build {build} by Apple's arithmetic"
    if model.platform not in {"ios", "ipados"}:
        return _apple(model, reason=f"{told}; of which version, no table says.", build=build)
    if is_impossible(build):
        return _apple(model, reason=f"{told}, which was never published.", build=build, against=_FORGED.format(build=build))
    if model.model_id and predates(build, model.model_id):
        against = _OLDER.format(build=build, model=model.name or model.model_id)
        return _apple(model, reason=f"{told}, which is older than the device.", build=build, against=against)
    version = ios_version(build)
    return _apple(model, reason=f"{told}{_of_version(version)}.", build=build, version=version)


def system_agent(text: str) -> Device | None:
    """Read an agent that names Apple's system itself: ``iOS/16.3 (20D47) dataaccessd/1.0``; None when it names none."""
    found = next((one for one in _SYSTEM.finditer(text) if _is_own(one, text)), None) or _SYSTEM.search(text)
    if not found or "like Mac OS X" in text or "(like " in text:
        return None
    name, version, digits = found.groups()
    if not _is_own(found, text):
        return _named_by_program(name, version, text)
    version = version.replace("_", ".")
    model = find_model(text) or _family_in(text)
    platform = model.platform if model and model.platform == "ipados" else _SYSTEMS[name]
    reason = f"The agent names {name.replace('_', ' ')} {version}{f' build {digits}' if digits else ''} itself"
    known = model is not None or platform in _SHAPES
    device = apple_system(platform, version, digits, f"{reason}{'' if known else '; iPhones and iPads say the same'}.")
    if model:
        device = replace(device, model_id=model.model_id, model=model.name, form_factor=model.form_factor)
    return replace(device, app=_program(text))


def _is_own(found: re.Match[str], text: str) -> bool:
    """Whether the number behind a system's name is the system's: by where it stands, or by that version's build behind it."""
    if is_of_the_system(text, found.start()):
        return True
    build = build_from_text(found[3]) if found[3] else None
    known = ios_version(build) if build else None
    return known is not None and _fits(found[2].replace("_", "."), known)


def _named_by_program(name: str, version: str, text: str) -> Device:
    """A program whose name says the system, such as ``Outlook for iOS/4.2445``: the number is its own."""
    model = find_model(text) or _family_in(text)
    reason = f"The program's name says {name.replace('_', ' ')}; {version} is the program's version, not the system's."
    device = apple_system(model.platform if model and model.platform == "ipados" else _SYSTEMS[name], None, None, reason)
    if model:
        device = replace(device, model_id=model.model_id, model=model.name, form_factor=model.form_factor)
    return replace(device, app=_program(text))


def apple_system(platform: str, version: str | None, build: str | None, reason: str) -> Device:
    """A device of which the client names Apple's system, its version and its build in plain words.

    Args:
        platform: one of Apple's.
        version: as the client writes it, or None.
        build: as Apple writes it, or None.
        reason: from what this was read.

    Returns:
        The device; a build that was never published, or that is of another version, is marked.
    """
    parsed = build_from_text(build) if build else None
    against: tuple[str, ...] = ()
    is_whole = False
    if parsed and platform in {"ios", "ipados"}:
        if is_impossible(parsed):
            against = (_FORGED.format(build=parsed),)
        elif version and not _fits(version, ios_version(parsed)):
            against = (f"Build {parsed} is iOS {ios_version(parsed)}, not {version}.",)
        whole = listed_version(parsed)
        # Programs leave parts of it out: ``iOS/17.4 (21E236)`` is 17.4.1.
        version = whole if whole and version and f"{whole}.".startswith(f"{version}.") else version or ios_version(parsed)
        is_whole = not against and whole is not None and version == whole
    return Device(
        maker="Apple",
        platform=platform,
        platform_version=None if against else version,
        build=build,
        form_factor=_SHAPES.get(platform),
        grade=Grade.WEAK if against else Grade.CLAIMED,
        reason=reason,
        contradictions=against,
        version_is_whole=is_whole,
    )


def _fits(version: str, known: str | None) -> bool:
    """Whether a stated version and what the table says of its build can both be true, as far as both go."""
    pairs = zip(version.split("."), (known or "").split("."), strict=False)
    return not known or all(one == other for one, other in list(pairs)[:2])


_SHAPES: Final = {"ipados": "tablet", "macos": "desktop", "watchos": "watch", "tvos": "tv", "other": "other"}

_FAMILY: Final = re.compile(r"\b(iPhone|iPad|iPod)\b(?! OS)")

_PROGRAM: Final = re.compile(r"([A-Za-z][\w. -]{0,60}?)/[\d.]+")

_NO_PROGRAMS: Final = frozenset(_SYSTEMS) | {
    "CFNetwork",
    "Darwin",
    "ExchangeWebServices",
    "CalendarStore",
    "CardDAVPlugin",
    "Mozilla",
}


def _family_in(text: str) -> AppleModel | None:
    """The family that the text names in plain words, or None."""
    found = _FAMILY.search(text)
    return family(found[1]) if found else None


def _program(text: str) -> str | None:
    """The first program that the agent names, the system and the libraries left aside."""
    names = (found[1].strip() for found in _PROGRAM.finditer(text))
    return next((name for name in names if name not in _NO_PROGRAMS), None)


def _apple(
    model: AppleModel, *, reason: str, build: Build | None = None, version: str | None = None, against: str = ""
) -> Device:
    """A device of Apple's that synchronises mail; a build that can't be tells no version and makes the grade weak."""
    return Device(
        maker="Apple",
        platform=model.platform,
        platform_version=version,
        build=str(build) if build else None,
        model_id=model.model_id,
        model=model.name,
        form_factor=model.form_factor,
        app="Apple Mail",
        grade=Grade.WEAK if against else Grade.CLAIMED,
        reason=reason,
        contradictions=(against,) if against else (),
        version_is_whole=build is not None and version is not None and version == listed_version(build),
    )


def _of_version(version: str | None) -> str:
    """How a reason goes on about the version."""
    return f", iOS {version}" if version else ", newer than the table of versions"
