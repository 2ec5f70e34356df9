"""Expressions that read ISO 8601 time stamps, with or without an offset."""

from __future__ import annotations

from typing import Final

from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.time import parsed

ZONED_STAMP: Final = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
"""The shape of such a stamp that says how far its clock is from UTC, for patterns of whole lines."""

ISO_STAMP: Final = rf"{ZONED_STAMP}?"
"""The same, with or without that."""

_OFFSET: Final = r"([+-]\d\d:?\d\d)$"
_SECONDS: Final = 19  # characters of ``2026-11-22T04:08:46``
_A_MINUTE: Final = 60
_AN_HOUR: Final = 3600


def wall_clock(text: ir.StringValue) -> ir.TimestampValue:
    """Return what the clock showed, to the second, whatever the offset; null when the text is no stamp.

    Args:
        text: such as ``2026-11-22T04:08:46.123+03:00`` or ``2026-11-22 04:08:46,123``.
    """
    return parsed(text.substr(0, _SECONDS).replace("T", " "), "%Y-%m-%d %H:%M:%S")


def has_offset(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a stamp says how far its clock is from UTC."""
    return text.endswith("Z") | text.re_search(_OFFSET)


def instant(text: ir.StringValue) -> ir.TimestampValue:
    """Return the instant in UTC; a stamp without an offset is taken as UTC, one that is none gives null.

    Args:
        text: such as ``2026-11-22T04:08:46.123+03:00``, or with ``Z``, or with neither.
    """
    offset = text.re_extract(_OFFSET, 1)
    hours = offset.substr(1, 2).try_cast("int64")
    minutes = offset.right(2).try_cast("int64")
    ahead = (hours * _AN_HOUR + minutes * _A_MINUTE) * ibis.ifelse(offset.startswith("-"), -1, 1)
    clock = wall_clock(text)
    return ibis.ifelse(offset == "", clock, clock - ahead.as_interval("s"))
