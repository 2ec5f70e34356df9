"""What an export is: a way to write an order down for a door that takes rules instead of asking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TextIO

from msgspec import Struct

from phaseout.exporting.rules import Client, Rules
from phaseout.model.effect import Effect

Write = Callable[[Rules, TextIO], None]
"""Writes a whole file. The stream must take any character, so UTF-8, and must leave line ends as they are."""

Answers = Callable[[Client], Effect]
"""What the door would do with a client; pure."""


class Note(Struct, frozen=True):
    """Something that the rules can't express, or that the operator must know.

    Attributes:
        name: a stable name, such as ``devices-in-part``.
        text: one sentence or two.
    """

    name: str
    text: str

    def __str__(self) -> str:
        """The note on one line."""
        return f"{self.name}: {self.text}"


class Export(Struct, frozen=True):
    """One kind of rules; each file of ``exports/`` defines one as ``EXPORT``.

    Attributes:
        id: the name of its file.
        title: what it is, in a few words, for help texts.
        suffix: what files of this kind end in, with the dot.
        doors: the doors at which such rules stand.
        write: writes the rules.
        answers: returns what the door would do with each client once the rules stand; ``phaseout parity`` asks it.
        notes: returns what the rules can't express.
        beside: further files by what their names end in, instead of ``suffix``.
        takes_ids: whether it needs the object ids of a directory service.
    """

    id: str
    title: str
    suffix: str
    doors: tuple[str, ...]
    write: Write
    answers: Callable[[Rules], Answers]
    notes: Callable[[Rules], tuple[Note, ...]]
    beside: Mapping[str, Write] = {}
    takes_ids: bool = False
