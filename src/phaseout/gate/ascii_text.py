"""Texts for protocols that carry nothing but ASCII: Cyrillic in Latin letters, as people write it where they have no other."""

from __future__ import annotations

import unicodedata
from typing import Final

_LETTERS: Final = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўәғқңөұүһ"

_LATIN: Final = (
    ("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya i yi ye g u a gh q ng o u u h")
    .replace(".", "")
    .split(" ")
)
"""For each of those; the hard and the soft sign are left out. The last ones are Ukrainian, Belarusian and Kazakh."""

_SMALL: Final = dict(zip(_LETTERS, _LATIN, strict=True))

_SIGNS: Final = dict.fromkeys("«»„“”", '"') | dict.fromkeys("‘’‚ʼ", "'") | dict.fromkeys("‐‑‒–—−", "-")  # noqa: RUF001 - meant

_TABLE: Final = str.maketrans(_SMALL | {letter.upper(): latin.capitalize() for letter, latin in _SMALL.items()} | _SIGNS)


def in_ascii(text: str) -> str:
    """Return a text in printable ASCII; a letter that has no Latin one becomes a question mark.

    Example:
        >>> in_ascii("Телефоны «Apple» — запрещены, § 1, café")
        'Telefony "Apple" - zapreshcheny, ? 1, cafe'
    """
    if text.isascii() and text.isprintable():
        return text
    bare = unicodedata.normalize("NFKD", text.translate(_TABLE))  # codespell:ignore normalize - Python's own name
    return "".join(_one(letter) for letter in bare if not unicodedata.combining(letter))


def _one(letter: str) -> str:
    """Return a letter that is ASCII, a blank for one that ends or breaks a line, or a question mark."""
    if not letter.isascii():
        return "?"
    return letter if letter.isprintable() else " "
