"""A shape: what a format's ordinary lines look like, as data, so that they can be cut without an expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

_FIELD: Final = re.compile(r"\{(?P<name>\w*)(?::(?P<form>\w+))?\}")

STAMP: Final = "clf"
"""The form of a stamp such as ``20/Nov/2026:08:01:05 +0300``, as web servers write it."""


class Shortened(Struct, frozen=True):
    """A field that is cut, since what stands behind differs from line to line and tells nothing.

    Attributes:
        at: the character from which on it is left out.
        unless: a field that holds one of these is kept whole.
    """

    at: str
    unless: tuple[str, ...]


class Part(Struct, frozen=True):
    """One part of a shape: a text that must stand there, or a field.

    Attributes:
        text: what must stand there; empty for a field.
        name: the column that the field becomes; empty for one that is passed over.
        size: of a field that has always as many digits; 0 for one that ends where the next text begins.
        is_stamp: whether it is the time.
    """

    text: str = ""
    name: str = ""
    size: int = 0
    is_stamp: bool = False


class Shape(Struct, frozen=True):
    """What ordinary lines look like.

    A line that has the shape to the letter, in ASCII, is counted as it is cut here; any other goes through the reader's
    ``rows``. Both must say the same of an ordinary line: a test holds them to it.

    Attributes:
        template: texts, and fields in braces: ``{}`` is passed over, ``{user}`` becomes a column, ``{status:3}`` one of three
            digits, ``{at:clf}`` the time. A field holds neither the first character of the text behind it nor ``never``.
            What stands behind the template's end is passed over.
        never: a character that stands nowhere but where the template has it.
        shortened: fields that are cut.
        beyond: what no ordinary line has right behind the template's end, for there it would say something; empty for nothing.
    """

    template: str
    never: str
    shortened: Mapping[str, Shortened] = {}
    beyond: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The template, taken apart.

        Example:
            >>> [part.name or part.text for part in Shape('[{at:clf}] "{request}"', '"').parts]
            ['[', 'at', '] "', 'request', '"']
        """
        found, end = [], 0
        for match in _FIELD.finditer(self.template):
            if match.start() > end:
                found.append(Part(text=self.template[end : match.start()]))
            form = match["form"] or ""
            size = int(form) if form.isdigit() else 0
            found.append(Part(name=match["name"], size=size, is_stamp=form == STAMP))
            end = match.end()
        if end < len(self.template):
            found.append(Part(text=self.template[end:]))
        return tuple(found)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its fields become, in their order."""
        return tuple(part.name for part in self.parts if part.name and not part.is_stamp)
