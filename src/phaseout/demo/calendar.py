"""The demo's days. Nothing here asks a clock: the last day is fixed, so that the same seed gives the same bytes for ever."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final

ZONE: Final = "Europe/Moscow"
"""Where the ministry and its servers are; three hours ahead of UTC all year since 2014."""

AHEAD: Final = 3 * 3600
"""Seconds by which the ministry's clocks are ahead of UTC."""

LAST_DAY: Final = date(2026, 10, 31)
"""The last local day of the logs."""

A_DAY: Final = 86_400
"""Seconds."""

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As logs write them, whatever the language of the machine."""

_EPOCH: Final = date(1970, 1, 1).toordinal()
_SATURDAY: Final = 5


def day_number(day: date) -> int:
    """Return a day as days since 1970."""
    return day.toordinal() - _EPOCH


@lru_cache(maxsize=4096)
def day_of(number: int) -> date:
    """Return the day that is so many days after the first of January 1970."""
    return date.fromordinal(number + _EPOCH)


def local_day(at: int) -> int:
    """Return the number of the local day in which an instant, in seconds since 1970 UTC, lies."""
    return (at + AHEAD) // A_DAY


def midnight(number: int) -> int:
    """Return the instant at which a local day begins."""
    return number * A_DAY - AHEAD


def is_weekend(number: int) -> bool:
    """Whether a day is a Saturday or a Sunday."""
    return day_of(number).weekday() >= _SATURDAY


@lru_cache(maxsize=4096)
def iso_day(number: int) -> str:
    """Return a day as ``2026-08-03``."""
    return day_of(number).isoformat()


def clock(seconds: int) -> str:
    """Return seconds as the time of day, ``09:05:00``; whole days are left out."""
    return f"{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def iso_utc(at: int, between: str = "T") -> str:
    """Return an instant in UTC, as ``2026-08-03T06:05:00``."""
    return f"{iso_day(at // A_DAY)}{between}{clock(at)}"


def iso_local(at: int) -> str:
    """Return an instant by the ministry's clocks, as ``2026-08-03 09:05:00``."""
    return iso_utc(at + AHEAD, " ")


def syslog_local(at: int) -> str:
    """Return an instant as classic syslog does, without a year: ``Aug  3 09:05:00``."""
    day = day_of(local_day(at))
    return f"{MONTHS[day.month - 1]} {day.day:2d} {clock(at + AHEAD)}"


def bracketed(at: int) -> str:
    """Return an instant as web servers do: ``03/Aug/2026:09:05:00 +0300``."""
    day = day_of(local_day(at))
    return f"{day.day:02d}/{MONTHS[day.month - 1]}/{day.year}:{clock(at + AHEAD)} +0300"


def thousandth(at: int) -> str:
    """Return milliseconds for an instant: any, but always the same."""
    return f"{at * 37 % 1000:03d}"


@lru_cache(maxsize=4)
def days_before_end(days: int) -> range:
    """Return the numbers of the last days of the demo, the last one included."""
    end = day_number(LAST_DAY) + 1
    return range(end - days, end)


def moment(at: int) -> str:
    """Return an instant for files that people read: ``2026-08-03T09:05:00+03:00``."""
    zone = timezone(timedelta(seconds=AHEAD))
    return datetime.fromtimestamp(at, zone).isoformat()
