"""Apple's build numbers: the arithmetic of ActiveSync agents, and what a build says of the version.

The arithmetic is published by Apple (support.apple.com/guide/deployment/dep7af5d7f84): the digits stay, the letter becomes its
two-digit place in the alphabet with a point after it, and a letter at the end is appended as ``000`` and its place. So ``7E18``
is ``705.018`` or, on newer devices, ``705.18``, and ``5H11A`` is ``508.01100001``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

from msgspec import Struct

_ARITHMETIC: Final = re.compile(r"(\d{1,2})(\d\d)\.(\d{1,6}?)(?:000(\d\d?))?")

_BUILD: Final = re.compile(r"(\d{1,2})([A-Z])(\d{1,6})([A-Za-z])?")

_LETTERS: Final = 26

_NUMBERED_FROM: Final = 1000
"""Beta builds carry 5000 and more, and builds for single devices four digits; neither is listed completely anywhere."""


class Build(Struct, frozen=True):
    """A build number in its parts: ``20G75`` is train 20, letter G, number 75.

    Attributes:
        train: the number that a major version keeps.
        letter: the branch within the train.
        number: the serial number within the branch.
        suffix: the letter at the end, or empty; a small one is a beta.
    """

    train: int
    letter: str
    number: int
    suffix: str = ""

    def __str__(self) -> str:
        """The build as Apple writes it."""
        return f"{self.train}{self.letter}{self.number}{self.suffix}"


def build_from_arithmetic(digits: str) -> Build | None:
    """Undo the arithmetic of an ActiveSync agent.

    Args:
        digits: what stands after the slash, such as ``2001.362``.

    Returns:
        The build, or None when the digits can't come from one.

    Example:
        >>> str(build_from_arithmetic("1607.77")), str(build_from_arithmetic("508.01100001"))
        ('16G77', '5H11A')
    """
    found = _ARITHMETIC.fullmatch(digits)
    if not found:
        return None
    train, letter, number, suffix = found.groups()
    if not 1 <= int(letter) <= _LETTERS or int(suffix or 1) not in range(1, _LETTERS + 1):
        return None
    return Build(int(train), _place(int(letter)), int(number), _suffix(int(suffix), int(number)) if suffix else "")


def build_from_text(text: str) -> Build | None:
    """Read a build as Apple writes it, such as ``20G75``; None when it is none."""
    found = _BUILD.fullmatch(text)
    if not found:
        return None
    train, letter, number, suffix = found.groups()
    return Build(int(train), letter, int(number), suffix or "")


def listed_version(build: Build) -> str | None:
    """Return the whole version of iOS or iPadOS that a listed build is; None when it is not listed.

    Example:
        >>> listed_version(Build(21, "E", 219)), listed_version(Build(20, "E", 5229, "e"))
        ('17.4', None)
    """
    return _ios_builds().get(str(build).casefold())


def ios_version(build: Build) -> str | None:
    """Say which iOS or iPadOS a build is.

    Args:
        build: of iOS or iPadOS.

    Returns:
        The version with as many parts as are known: all of them for a listed build, else those that every listed build of the
        same branch or train shares; None when the train is newer than the table.

    Example:
        >>> ios_version(Build(20, "G", 75)), ios_version(Build(20, "E", 5229, "e"))
        ('16.6', '16.4')
    """
    whole = listed_version(build)
    if whole:
        return whole
    for branch in (f"{build.train}{build.letter}", f"{build.train}"):
        shared = _shared_versions().get(branch)
        if shared:
            return shared
    return None


def is_impossible(build: Build) -> bool:
    """Whether no such build was ever published although the table covers its branch.

    A build newer than the table, a beta, and a build for a single device are never called impossible. Newer than the table is not
    only what is of a later branch than any other: Apple goes on to publish updates of older versions, with higher numbers in the
    last branch of their train.

    Example:
        >>> is_impossible(Build(17, "D", 10)), is_impossible(Build(17, "D", 50)), is_impossible(Build(99, "A", 1))
        (True, False, False)
        >>> is_impossible(Build(20, "H", 999)), is_impossible(Build(20, "G", 999))
        (False, True)
    """
    if build.suffix or build.number >= _NUMBERED_FROM or str(build).casefold() in _ios_builds():
        return False
    branch, highest = (build.train, build.letter), _highest()
    if branch >= max(highest):
        return False
    return branch not in _open() or build.number < highest[branch]


def predates(build: Build, model_id: str) -> bool:
    """Whether a build is of an iOS that came before a device, and so never ran on it.

    Args:
        build: of iOS or iPadOS.
        model_id: the device's identifier, with a comma.

    Example:
        >>> predates(Build(14, "C", 100), "iPhone14,2"), predates(Build(19, "A", 346), "iPhone14,2")
        (True, False)
    """
    found = _NUMBERED_MODEL.fullmatch(model_id)
    if not found:
        return False
    number = int(found[2])
    if found[1] == "iPhone":
        return number in _IPHONES and build.train < number + _IPHONES_TRAIN
    return build.train < (number + _IPADS_TRAIN if number <= _LAST_OLD_IPAD else _NEW_IPADS_TRAIN)


_NUMBERED_MODEL: Final = re.compile(r"(iPhone|iPad)(\d{1,2}),\d{1,2}")

_IPHONES: Final = range(3, 19)
_IPHONES_TRAIN: Final = 5
"""The iPhones whose number is 3 (iPhone 4, iOS 4, train 8) to 18 (iPhone 17, iOS 26, train 23) came with a train five higher."""

_IPADS_TRAIN: Final = 6
_LAST_OLD_IPAD: Final = 7
_NEW_IPADS_TRAIN: Final = 16
"""The iPads whose number is 1 (iOS 3.2, train 7) to 7 (iOS 10.3, train 14) came with a train six or seven higher; all later ones,
from 8 (iOS 12.1, train 16) on."""


def _place(number: int) -> str:
    """The letter at a place of the alphabet, from 1."""
    return chr(ord("A") + number - 1)


def _suffix(place: int, number: int) -> str:
    """The letter at the end: small for a beta (numbered from 1000), capital for the old carrier builds."""
    letter = _place(place)
    return letter.lower() if number >= _NUMBERED_FROM else letter


@cache
def _ios_builds() -> dict[str, str]:
    """Every published iOS and iPadOS build, case-folded, with its version."""
    with (files("phaseout.devices") / "tables" / "ios_builds.csv").open(encoding="utf-8") as table:
        return {row["build"].casefold(): row["version"] for row in csv.DictReader(table)}


@cache
def _shared_versions() -> dict[str, str]:
    """The parts of the version that all listed builds of a branch (``20G``) or of a train (``20``) share."""
    versions: dict[str, list[list[str]]] = {}
    for text, version in _ios_builds().items():
        build = build_from_text(text.upper())
        if build:
            parts = version.split(".")[:2]
            versions.setdefault(f"{build.train}{build.letter}", []).append(parts)
            versions.setdefault(f"{build.train}", []).append(parts)
    return {branch: shared for branch, told in versions.items() if (shared := _shared(told))}


def _shared(versions: list[list[str]]) -> str:
    """The leading parts that all versions share, joined; empty when they share none."""
    parts = []
    for column in zip(*versions, strict=False):
        if len(set(column)) > 1:
            break
        parts.append(column[0])
    return ".".join(parts)


@cache
def _highest() -> dict[tuple[int, str], int]:
    """The highest number below 1000 that is listed of each branch."""
    highest: dict[tuple[int, str], int] = {}
    for text in _ios_builds():
        build = build_from_text(text.upper())
        if build and build.number < _NUMBERED_FROM:
            branch = build.train, build.letter
            highest[branch] = max(highest.get(branch, 0), build.number)
    return highest


@cache
def _open() -> frozenset[tuple[int, str]]:
    """The branches that updates may still come from: the last of each train, and of the newest train the one before it, too.

    When the newest train's last branch begins, the one before it is still what devices run.
    """
    branches = sorted(_highest())
    last = {branch[0]: branch for branch in branches}
    return frozenset({*last.values(), *branches[-2:]})
