"""One log that an engine is to read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from msgspec import Struct

from phaseout.reading.reader import Reader, Setting

PLACE_BITS: Final = 40
"""A place is one integer: the file's number shifted by this, plus the line's number (a trillion lines a file)."""

Progress = Callable[[int, int, int], None]
"""Called with a log's number, the bytes of it read so far, and the lines of it cut so far."""


class Source(Struct, frozen=True):
    """One log to read.

    Attributes:
        path: as given.
        number: of the file in this run, from 0.
        reader: its format.
        setting: what the reader must know.
        latest: the last local day that its stamps may show, for formats whose stamps may carry no year.
    """

    path: str
    number: int
    reader: Reader
    setting: Setting
    latest: date | None = None
