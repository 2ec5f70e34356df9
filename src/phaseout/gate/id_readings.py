"""An IMAP ID list that says a thing twice: every way to read it, since a client may not choose which word counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final

from phaseout.gate.asked import LONGEST_CLUE

MOST: Final = 12
"""Readings that are judged at most; Dovecot passes on 255 characters, in which hardly more can be said twice."""

LONGEST: Final = 16 * LONGEST_CLUE
"""Characters of a list that are read; programs write some hundreds."""

LONGEST_WORD: Final = 80
"""Characters of each word of a list in which more stands than counts; so many are left of it in Dovecot's log, too."""

_COUNTS: Final = frozenset({'"name"', '"os"', '"os-version"', '"vendor"', '"version"', '"x-android-device-model"'})
"""The keys that say what a device is: what a client puts before them must not hide them."""

_WORD: Final = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|(NIL)(?=\s|$))', re.IGNORECASE | re.DOTALL)
"""A quoted word as it stands, escapes and all, or NIL."""


def readings(text: str) -> tuple[str, ...]:
    """Return every way to read an ID list.

    Args:
        text: as Dovecot passes it on: the words of the list without its parentheses.

    Returns:
        The text alone, of a long one what counts of it, when each key stands in it once, in any case; else one list for each way,
        each key in it once.

    Example:
        >>> readings('"name" "iPhone Mail" "NAME" "Thunderbird"')
        ('"name" "iPhone Mail"', '"name" "Thunderbird"')
    """
    return _readings(text[:LONGEST])


@lru_cache(maxsize=1024)
def _readings(text: str) -> tuple[str, ...]:
    words = _words(text)
    if len(text) > LONGEST_CLUE:
        pairs = [(_cut(key), _cut(value)) for key, value in zip(words[::2], words[1::2], strict=False)]
        pairs.sort(key=lambda pair: pair[0].casefold() not in _COUNTS)
        words = [word for pair in pairs for word in pair]
        text = " ".join(words)
    said: dict[str, list[str]] = {}
    for key, value in zip(words[::2], words[1::2], strict=False):
        values = said.setdefault(key.casefold(), [])
        if value not in values:
            values.append(value)
    if all(len(values) == 1 for values in said.values()):
        return (text,)
    return tuple(dict.fromkeys(islice(_ways(said), MOST)))


def _ways(said: dict[str, list[str]]) -> Iterator[str]:
    """Give the first of each, the second of each, and so on; then each further word beside the first of all others."""
    for turn in range(max(map(len, said.values()))):
        yield _written({key: values[min(turn, len(values) - 1)] for key, values in said.items()})
    first = {key: values[0] for key, values in said.items()}
    for key, values in said.items():
        for value in values[1:]:
            yield _written(first | {key: value})


def _written(fields: dict[str, str]) -> str:
    return " ".join(f"{key} {value}" for key, value in fields.items())


def _cut(word: str) -> str:
    """Return a quoted word with no more than what is left of it; never half of an escape."""
    return word if len(word) <= LONGEST_WORD + 2 else f'"{word[1 : LONGEST_WORD + 1].rstrip(chr(92))}"'


def _words(text: str) -> list[str]:
    """Cut the list into its words, quoted as they stand; what is no word ends it."""
    words, place, text = [], 0, text.strip().removeprefix("(").removesuffix(")")
    while found := _WORD.match(text, place):
        words.append("NIL" if found[2] else f'"{found[1]}"')
        place = found.end()
    return words
