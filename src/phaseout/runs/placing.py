"""Which days each place of logs shows: a server whose logs of a week are lost is told, though another's show its door."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo

from phaseout.model.answer import LogAccount, LogPlace

_PACKED: Final = re.compile(r"\.(?:gz|zst)$")
_TURN: Final = re.compile(r"[-_.]?(?:\d{4}-\d\d(?:-\d\d)?(?:[-_T]\d+)*|\d{6,}(?:[-_]\d+)*|(?<=\.)\d{1,3}$)")
"""What rotation puts into a file's name: a day, with or without hyphens, or a small number at the end."""


def series_of(file: str) -> str:
    """Return what is the same in the names of a log and of those that rotation has made of it.

    Example:
        >>> [series_of(each) for each in ("mx/u_ex261031.log", "mx/access.log.12.gz", "mx/mailbox.log.2026-10-31")]
        ['mx/u_ex.log', 'mx/access.log', 'mx/mailbox.log']
    """
    path = PurePath(file)
    name = _TURN.sub("", _PACKED.sub("", path.name)).rstrip(".-_")
    return str(path.with_name(name)) if name else file


def placed(accounts: Iterable[LogAccount], zone: ZoneInfo, first: date | None, last: date | None) -> tuple[LogPlace, ...]:
    """Say of each series of logs which days no file of it reaches, and on which it is oddly silent.

    Args:
        accounts: of all logs.
        zone: whose days are counted.
        first: the first day that ought to be shown; None where no log shows any.
        last: the last.
    """
    series: dict[tuple[str, str], list[LogAccount]] = defaultdict(list)
    for account in accounts:
        if account.first is not None and account.reaches is not None:
            series[series_of(account.file), account.format].append(account)
    if first is None or last is None:
        return ()
    found = []
    for (name, format_), logs in sorted(series.items()):
        spans = [_days(each, zone) for each in logs]
        missing = _missing(spans, first, last)
        reached = _between(max(first, min(spans)[0]), min(last, max(end for _, end in spans)) + timedelta(days=1))
        active = frozenset[date]().union(*(each.days for each in logs))
        lost = frozenset(missing)
        silent = _silent([day for day in reached if day not in lost], active)
        found.append(LogPlace(name, format_, len(logs), min(spans)[0], max(end for _, end in spans), missing, silent))
    return tuple(found)


def _days(account: LogAccount, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last local day that a log shows."""
    assert account.first is not None  # noqa: S101 - looked at before
    assert account.reaches is not None  # noqa: S101
    return account.first.astimezone(zone).date(), account.reaches.astimezone(zone).date()


def _missing(spans: Iterable[tuple[date, date]], first: date, last: date) -> tuple[date, ...]:
    """Return the days between two that no span reaches."""
    missing, day = list[date](), first
    for start, end in sorted(spans):
        missing += _between(day, min(start, last + timedelta(days=1)))
        day = max(day, end + timedelta(days=1))
    return (*missing, *_between(day, last + timedelta(days=1)))


LONGER_THAN_A_WEEKEND: Final = 3
"""Days in a row without a line that are told, at least."""

UNUSUAL: Final = 4
"""How many times as long as usual a silence must be to be told: a log that few use is silent often."""


def _silent(reached: Sequence[date], active: frozenset[date]) -> tuple[date, ...]:
    """Return the days of long silences between days with lines."""
    used = sum(day in active for day in reached)
    if not used:
        return ()
    odd = max(LONGER_THAN_A_WEEKEND, UNUSUAL * len(reached) / used)
    stretches = (list(days) for is_used, days in groupby(reached, key=active.__contains__) if not is_used)
    return tuple(day for days in stretches if len(days) >= odd for day in days)


def _between(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]
