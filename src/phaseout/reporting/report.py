"""What a report is: a way to write an answer down."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from msgspec import Struct

from phaseout.model.answer import Answer


class Report(Struct, frozen=True):
    """One way to write an answer down; each file of ``reports/`` defines one as ``REPORT``.

    A report takes everything from the answer: it reads no clock, no environment and no other file.

    Attributes:
        id: the name of its file.
        title: what it is, in a few words, for help texts.
        suffix: what files of this kind end in, with the dot.
        write: writes the whole report. The stream must take any character, so UTF-8, and must be opened with ``newline=""``,
            for some kinds say themselves how their lines end.
    """

    id: str
    title: str
    suffix: str
    write: Callable[[Answer, TextIO], None]
