"""Days as engines count them: bits of a chunk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from phaseout.reading.questions import day_number

EPOCH: Final = date(1970, 1, 1)


def days_in(chunk: int, bits: int) -> Iterable[date]:
    """Give the days that a chunk's bits stand for."""
    while bits:
        low = bits & -bits
        yield EPOCH + timedelta(days=day_number(chunk, low.bit_length() - 1))
        bits ^= low
