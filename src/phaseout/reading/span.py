"""How time is cut, and what of it is looked at."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.reading.time import LATEST, transitions

SINCE: Final = "since"
UNTIL: Final = "until"
"""By these names an engine is told the first instant that is looked at, and the first that is not looked at any more."""


class Times(Struct, frozen=True):
    """How time is cut, as numbers: microseconds, counted from 1970 in UTC where they are instants.

    Attributes:
        cuts: the instants at which a period begins, ascending.
        changes: the instants at which the zone's offset from UTC changes, ascending.
        offsets: the zone's offsets; one more than changes.
        since: the first instant that is looked at, or None.
        until: the first instant that is not looked at any more, or None.
        days: how many days are counted together.
    """

    cuts: tuple[int, ...]
    changes: tuple[int, ...]
    offsets: tuple[int, ...]
    since: int | None
    until: int | None
    days: int


class Span(Struct, frozen=True):
    """How time is cut.

    Attributes:
        cuts: the instants at which an answer may change, ascending, in UTC; period ``i`` begins at ``cuts[i - 1]``.
        zone: whose days are counted.
        last_year: until when the zone's changes are followed.
    """

    cuts: tuple[datetime, ...]
    zone: ZoneInfo
    last_year: int


class Window(Struct, frozen=True):
    """What of the time is looked at. It differs from run to run, so no expression holds it: it is told when one is run.

    Attributes:
        since: the first instant that is looked at, in UTC, or None.
        until: the first instant that is not looked at any more, in UTC, or None.
    """

    since: datetime | None = None
    until: datetime | None = None

    def told(self, latest: date | None) -> dict[str, datetime | None]:
        """Return what is told, by the names by which expressions ask for it.

        Args:
            latest: the last local day that stamps without a year may show; None where stamps carry a year.
        """
        return {
            SINCE: self.since and naive(self.since),
            UNTIL: self.until and naive(self.until),
            LATEST: None if latest is None else datetime.combine(latest + timedelta(days=1), time()),
        }


DAYS_A_CHUNK: Final = 63
"""How many days share one integer of day bits: as many as a signed one of 64 bits has."""


def times_of(span: Span, window: Window, *, by_day: bool = False) -> Times:
    """Return how time is cut as numbers.

    Args:
        span: how it is cut.
        window: what of it is looked at.
        by_day: whether each day is counted apart.
    """
    changes = transitions(span.zone, span.last_year)
    return Times(
        cuts=tuple(_number(cut) for cut in span.cuts),
        changes=tuple(_number(at) for at, _ in changes[1:]),
        offsets=tuple(offset * 1_000_000 for _, offset in changes),
        since=None if window.since is None else _number(window.since),
        until=None if window.until is None else _number(window.until),
        days=1 if by_day else DAYS_A_CHUNK,
    )


def _number(at: datetime) -> int:
    """Return an instant as microseconds since 1970, in UTC."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def naive(at: datetime) -> datetime:
    """Return an instant without its zone, as engines keep it."""
    return at.replace(tzinfo=None)
