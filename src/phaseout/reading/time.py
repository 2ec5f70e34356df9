"""Expressions that turn a log's time stamps into UTC instants."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from phaseout.reading.functions import function
from phaseout.reading.on_demand import ibis, ir

FIRST_YEAR: Final = 2015
"""Time zones are followed from the first of January of this year; earlier stamps take the offset of that day."""


@function("try_strptime", "string", "string", gives="timestamp")
def parsed(text: ir.StringValue, pattern: str) -> ir.TimestampValue:
    """Read a time stamp by a strptime pattern; null when it doesn't fit. With ``%z`` the result is UTC.

    Args:
        text: the stamp.
        pattern: as in C's strptime.
    """


@function("epoch_us", "timestamp", gives="int64")
def microseconds(at: ir.TimestampValue) -> ir.IntegerValue:
    """Return an instant as microseconds since 1970, in UTC."""


@function("make_timestamp", "int64", gives="timestamp")
def timestamp(microseconds: ir.IntegerValue) -> ir.TimestampValue:
    """Return the instant that lies some microseconds after the beginning of 1970, in UTC."""


@function("divide", "int64", "int64", gives="int64")
def quotient(dividend: ir.IntegerValue, divisor: ir.IntegerValue) -> ir.IntegerValue:
    """Divide whole numbers, rounding towards zero; Ibis's own ``//`` goes through floating point."""


LATEST: Final = "latest"
"""By this name an engine is told the first local time that is later than any stamp without a year."""


@function("getvariable", "string", gives="timestamp")
def told(what: str) -> ir.TimestampScalar:
    """Return an instant that differs from run to run: the engine is told it by name; null when it is not.

    Args:
        what: its name.
    """


def pick(value: ir.Column, edges: Sequence[ir.Value], choices: Sequence[ir.Value]) -> ir.Column:
    """Choose by the interval in which a value lies: ``choices[i]`` where ``edges[i-1] <= value < edges[i]``.

    The comparisons form a balanced tree, so that a hundred edges cost seven comparisons a row.

    Args:
        value: what is compared.
        edges: ascending.
        choices: one more than edges.
    """
    if not edges:
        return choices[0]
    middle = len(edges) // 2
    lower = pick(value, edges[:middle], choices[: middle + 1])
    upper = pick(value, edges[middle + 1 :], choices[middle + 1 :])
    return ibis.ifelse(value < edges[middle], lower, upper)


@cache
def transitions(zone: ZoneInfo, last_year: int) -> tuple[tuple[datetime, int], ...]:
    """When a zone's offset changes: ``(first instant in UTC, offset in seconds)``, from ``FIRST_YEAR`` on.

    Example:
        >>> [(str(at), offset) for at, offset in transitions(ZoneInfo("Europe/Berlin"), 2026)][-2:]
        [('2026-03-29 01:00:00+00:00', 7200), ('2026-10-25 01:00:00+00:00', 3600)]
    """
    at, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    found = [(at, _offset(at, zone))]
    while at < end:
        later = min(at + timedelta(days=7), end)
        if _offset(later, zone) != found[-1][1]:
            found.append((_change(at, later, zone), _offset(later, zone)))
        at = later
    return tuple(found)


def _offset(at: datetime, zone: ZoneInfo) -> int:
    """How many seconds a zone is ahead of UTC at an instant."""
    ahead = at.astimezone(zone).utcoffset()
    return int(ahead.total_seconds()) if ahead is not None else 0


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the offset changes between two instants."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def utc_from_local(local: ir.TimestampValue, zone: ZoneInfo, last_year: int) -> ir.TimestampValue:
    """Turn local wall-clock stamps into UTC.

    An hour that the clocks repeat is taken as the earlier one; an hour that they skip as if they had not.
    """
    changes = transitions(zone, last_year)
    edges = [
        ibis.literal((at + timedelta(seconds=max(offset, changes[i][1]))).replace(tzinfo=None))
        for i, (at, offset) in enumerate(changes[1:])
    ]
    return local - pick(local, edges, [ibis.interval(seconds=offset) for _, offset in changes])


def offset_seconds(at: ir.TimestampValue, zone: ZoneInfo, last_year: int) -> ir.IntegerValue:
    """How many seconds the zone is ahead of UTC at each instant."""
    changes = transitions(zone, last_year)
    edges = [ibis.literal(start.replace(tzinfo=None)) for start, _ in changes[1:]]
    return pick(at, edges, [ibis.literal(offset, "int64") for _, offset in changes])


def with_year(text: ir.StringValue, pattern: str) -> ir.TimestampValue:
    """Read local stamps that carry no year (classic syslog) as the latest ones before the instant told as ``LATEST``.

    Args:
        text: such as ``Nov 22 04:11:06``.
        pattern: for the text alone, such as ``%b %d %H:%M:%S``.

    Returns:
        Local wall-clock stamps.
    """
    edge = told(LATEST)
    this_year = parsed(edge.year().cast("string") + " " + text, "%Y " + pattern)
    last_year = parsed((edge.year() - 1).cast("string") + " " + text, "%Y " + pattern)
    return ibis.ifelse(this_year.notnull() & (this_year < edge), this_year, last_year)
