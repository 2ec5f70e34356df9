"""The literal strings that a simple regular expression stands for, for sources that list names as patterns."""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 400
"""Strings from which on an alternative is left out: it is no list of names any more."""

_ATOM: Final = re.compile(r"\\(.)|\[([^\]^\\-]{1,12})\]|\((?:\?:)?|[^\\\[\](){}|*+?^$.]")

_ANYTHING: Final = re.compile(r"^.*\.\*", re.DOTALL)


def literals(pattern: str) -> list[str]:
    r"""List the strings that the alternatives of a pattern stand for.

    Args:
        pattern: literals, groups, small sets and question marks; what stands before ``.*`` is dropped.

    Returns:
        The strings; an alternative that uses anything else is left out.

    Example:
        >>> literals(r"Android.*\b(TAB|PAD)-?1|Slate[ ]7|x{2}")
        ['TAB-1', 'TAB1', 'PAD-1', 'PAD1', 'Slate 7']
    """
    return [text for part in _split(pattern) for text in _expand(_ANYTHING.sub("", part)) or [] if text]


def _split(pattern: str) -> list[str]:
    """Cut at the bars that stand outside groups and sets."""
    parts, depth, start, place = [], 0, 0, 0
    while place < len(pattern):
        sign = pattern[place]
        if sign == "\\":
            place += 1
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "|" and depth == 0:
            parts.append(pattern[start:place])
            start = place + 1
        place += 1
    return [*parts, pattern[start:]]


def _expand(part: str) -> list[str] | None:
    """The strings of one alternative, or None when it is more than a list of names."""
    strings, rest = [""], part
    while rest:
        step = _step(rest)
        if step is None:
            return None
        choices, rest = step
        if rest.startswith("?"):
            choices, rest = [*choices, ""], rest[1:]
        elif rest.startswith("+"):
            rest = rest[1:]
        strings = [head + tail for head in strings for tail in choices]
        if len(strings) > _MOST:
            return None
    return strings


def _step(rest: str) -> tuple[list[str], str] | None:
    """The choices of the first atom and what follows it."""
    found = _ATOM.match(rest)
    if not found:
        return None
    if found[0].startswith("("):
        end = _closing(rest)
        if end is None:
            return None
        inner = [_expand(part) for part in _split(rest[found.end() : end])]
        choices = [text for texts in inner if texts is not None for text in texts]
        return (choices, rest[end + 1 :]) if None not in inner else None
    if found[1] is not None:
        return (
            ([""] if found[1] == "b" else [found[1]], rest[found.end() :]) if not found[1].isalnum() or found[1] == "b" else None
        )
    return list(found[2]) if found[2] else [found[0]], rest[found.end() :]


def _closing(rest: str) -> int | None:
    """Where the group that opens the text closes."""
    depth = 0
    for place, sign in enumerate(rest):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place
    return None
