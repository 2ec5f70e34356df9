"""One log that an engine is to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from phaseout.reading.reader import Reader, Setting

Progress = Callable[[int, int, int], None]
"""Called with a log's number, the bytes of it read so far, and the lines of it cut so far."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log to read.

    Attributes:
        path: as given.
        number: of the file in this run, from 0.
        reader: its format.
        setting: what the reader must know.
    """

    path: str
    number: int
    reader: Reader
    setting: Setting
