"""Whose number stands behind a system's name: the system's (``DAVx5/4.4 Android/15``) or a program's (``Nine Android/4.9``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_COMMENT: Final = re.compile(r"\([^()]*\)")

_CUT: Final = re.compile(r"[;,:=|\[{]")

_OPENERS: Final = frozenset({"", "(", ";", ","})
"""What most agents have before the system's name; nothing else needs to be looked at then."""

_VERSION: Final = re.compile(r"/v?\d\S*|(?<![\w.])(?:v\d|\d+\.\d)\S*")
"""A program's own version: behind its name and a slash, behind a ``v``, or a number with a point."""

_DEVICES: Final = re.compile(r"(?<![\w-])(?:iPhone|iPad|iPod)(?![\w-])")
"""Names of devices before the system's, which are no program's."""

_FOR: Final = re.compile(r"\w\W+for\s*$", re.IGNORECASE)

_JOINED: Final = re.compile(r"\w[-_]$")


def is_of_the_system(text: str, place: int) -> bool:
    """Say whether the number behind the system's name is the system's.

    It is where the name stands first, in the agent or in a part of it that brackets or semicolons set off, and where the program
    before it has a version of its own. Else the name is part of the program's: ``Outlook for iOS``, ``Nine Android``.

    Args:
        text: the agent, plain.
        place: where the system's name begins.

    Example:
        >>> text = "Outlook for iOS/4.2 (iPhone; iOS 17.4)"
        >>> [is_of_the_system(text, found.start()) for found in re.finditer("iOS", text)]
        [False, True]
    """
    before = text[:place]
    if before.rstrip()[-1:] in _OPENERS:
        return True
    opened = before.rfind("(")
    in_brackets = opened > before.rfind(")")
    part = _CUT.split(before[opened + 1 :] if in_brackets else _COMMENT.sub(" ", before))[-1]
    if _JOINED.search(part):
        return False
    versions = list(_VERSION.finditer(part))
    name = part[versions[-1].end() :] if versions else part
    if _FOR.search(name):
        return False
    return in_brackets or bool(versions) or not _DEVICES.sub("", name).strip()


def of_the_system(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield where a pattern that begins with a system's name finds a version that is the system's, in the order of the text."""
    return (found for found in pattern.finditer(text) if is_of_the_system(text, found.start()))
