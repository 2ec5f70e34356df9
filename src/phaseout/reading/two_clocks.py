"""Times of requests that two servers write down, each by its own clock. Expressions only; an engine runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from phaseout.reading.on_demand import ibis, ir

APART: Final = 5 * 60 * 1_000_000
"""How far apart two servers write one request down, in microseconds: their clocks differ (Kerberos, by which most are joined,
bears five minutes), and one writes at its beginning, the other at its end."""

APART_WAITING: Final = 60 * 60 * 1_000_000
"""The same of a request that waits for news: an ActiveSync Ping for 59 minutes at most ([MS-ASCMD] 2.2.3.84)."""


def before_it(number: ir.IntegerValue, keys: Sequence[str]) -> ir.IntegerValue:
    """Add up a number over the rows of the same keys that come before each, the earliest first, the same in every run.

    Args:
        number: a column of a table as joined, with numbers.
        keys: columns.
    """
    order = ["first", "last", "clue_set", "n", "file", "row"]
    up_to = number.sum().over(ibis.window(group_by=list(keys), order_by=order, preceding=None, following=0))
    return up_to.cast("int64") - number


def about_midnight(days: ir.Table, **measures: Callable[[ir.Table], ir.Scalar]) -> ir.Table:
    """Say of each day, and of those before and after it, when it begins and ends, and when its neighbours do.

    Args:
        days: ``day``, ``begins`` and ``ends`` in microseconds, what tells rows of one day apart, and what is measured.
        measures: how to put together what is measured; numbers are 0 on a day that shows nothing itself.

    Returns:
        What tells apart, ``day``, what is measured, ``opens`` and ``closes``, the first and the last of the day; ``evening``, the
        last of the day before; ``morning``, the first of the day after. All instants in microseconds, null where there is none.
    """
    keys = [name for name in days.columns if name not in {"begins", "ends", *measures}]
    none = {name: ibis.null("int64") for name in ("begins", "ends", "evening", "morning")}
    nothing = {name: ibis.literal(0, "int64") for name in measures if days[name].type().is_integer()}
    told = (*keys, *measures, *none)
    parts = (
        days.mutate(evening=none["evening"], morning=none["morning"]),
        days.mutate(**{**none, **nothing, "day": (days.day + 1).cast("int32"), "evening": days.ends}),
        days.mutate(**{**none, **nothing, "day": (days.day - 1).cast("int32"), "morning": days.begins}),
    )
    each = ibis.union(*(part.select(*told) for part in parts))
    return each.group_by(keys).agg(
        **{name: put_together(each) for name, put_together in measures.items()},
        opens=each.begins.min(),
        closes=each.ends.max(),
        evening=each.evening.max(),
        morning=each.morning.min(),
    )
