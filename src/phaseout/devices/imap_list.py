"""IMAP ID lists (RFC 2971): the protocol's own parenthesised list, and Dovecot's ``k=v, k=v``."""

from __future__ import annotations

import re
from typing import Final

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(NIL)\b', re.IGNORECASE)

_PAIR: Final = re.compile(r"(?:^|,\s*)([A-Za-z][\w.-]*)=")

_KEYS: Final = frozenset({
    "name", "version", "os", "os-version", "vendor", "support-url", "address", "date", "command", "arguments", "environment",
    "guid", "aguid", "x-android-device-model", "x-android-mobile-net-operator", "event",
})  # fmt: skip
"""Keys of RFC 2971 and those that clients add."""


def id_fields(value: str) -> dict[str, str]:
    """Read an ID list in either form.

    Args:
        value: the list's text; a list that was cut at either end is read as far as it goes.

    Returns:
        The fields by their lower-case names; NIL and empty values are left out.

    Example:
        >>> id_fields('("name" "iPhone Mail" "vendor" NIL)'), id_fields("name=iPad Mail, version=14D27")
        ({'name': 'iPhone Mail'}, {'name': 'iPad Mail', 'version': '14D27'})
    """
    text = value.strip()
    return _quoted(text) if '"' in text and not _PAIR.match(text) else _pairs(text)


def _quoted(text: str) -> dict[str, str]:
    """Quoted words, key and value in turn; when the start was cut off, the first known key sets the turn."""
    if text.count('"') % 2 and not text.startswith(("(", '"')):
        text = f'"{text}'
    words = [None if found[2] else found[1].replace('\\"', '"').replace("\\\\", "\\") for found in _QUOTED.finditer(text)]
    start = next((place for place, word in enumerate(words) if word and word.casefold() in _KEYS), 0)
    return {key.casefold(): word for key, word in zip(words[start::2], words[start + 1 :: 2], strict=False) if key and word}


def _pairs(text: str) -> dict[str, str]:
    """``k=v, k=v``; neither commas nor equal signs are escaped, so a value ends only where the next key begins."""
    if text.startswith("("):
        text = text[1:].removesuffix(")")
    starts = list(_PAIR.finditer(text))
    fields: dict[str, str] = {}
    for place, found in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(text)
        word = text[found.end() : end].strip().strip('"')
        if word and word.upper() != "NIL":
            fields.setdefault(found[1].casefold(), word)
    return fields
