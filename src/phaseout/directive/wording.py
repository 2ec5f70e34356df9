"""How error messages quote what was written, and what they suggest instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

_QUOTED_AT_MOST: Final = 60
_COMPARED_AT_MOST: Final = 64
"""Comparing costs the product of both lengths; nobody misspells a longer word by accident."""

_KNOWN_AT_MOST: Final = 500
"""Among more names than this none is looked for."""

_LISTED_AT_MOST: Final = 20


def quote(text: str) -> str:
    r"""Quote what was written, on one line, without characters that move a terminal's cursor.

    Example:
        >>> print(quote("2023-13-01"), quote("two\nlines"))
        "2023-13-01" "two\nlines"
    """
    cut = text if len(text) <= _QUOTED_AT_MOST else text[: _QUOTED_AT_MOST - 1] + "…"
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut) + '"'


def nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """Return the known word that was most likely meant, or None.

    Args:
        word: what was written.
        known: what could have been meant.
        cutoff: how like it must be, from 0 to 1.

    Example:
        >>> nearest("dedline", ["deadline", "from", "until"])
        'deadline'
    """
    by_folded = {name.casefold(): name for name in known}
    if len(word) > _COMPARED_AT_MOST or len(by_folded) > _KNOWN_AT_MOST:
        return None
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else None


def instead(word: str, known: Iterable[str], nothing: str) -> str:
    """Say what to write instead of a word that is not known.

    Args:
        word: what was written.
        known: what could have been written.
        nothing: the sentence for the case that there is nothing to choose from.

    Example:
        >>> instead("phne", ["phone", "tablet"], "There is none.")
        'Did you mean "phone"?'
        >>> instead("x", ["phone", "tablet"], "There is none.")
        'Write one of: phone, tablet.'
    """
    names = sorted(known)
    near = nearest(word, names)
    if near is not None:
        return f"Did you mean {quote(near)}?"
    if not names:
        return nothing
    listed = ", ".join(names[:_LISTED_AT_MOST])
    return f"Write one of: {listed}{', …' if len(names) > _LISTED_AT_MOST else ''}."
