"""Hold the logs against each other: what stands in two of them counts twice; whether it does, whoever keeps them knows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from phaseout.logs.pieces import Pieces
from phaseout.model.answer import LogAccount
from phaseout.runs.notes import notes_joined

LEAST_COPY: Final = 20
"""Lines from which on two logs with the same figures are hardly two."""

CLOCKS_APART: Final = timedelta(seconds=10)
"""By which two servers may write one request down at different times."""

SAME_SHARE: Final = 0.01
"""By how much the accesses of two servers in a row differ at most."""


def compared(accounts: tuple[LogAccount, ...], without_ids: frozenset[int]) -> tuple[LogAccount, ...]:
    """Say of each log what it seems to share with one before it; its accesses count all the same.

    Args:
        accounts: of all logs.
        without_ids: numbers of those that are exports with records of which nobody can tell whether they stand in another, too.
    """
    looks: dict[tuple[object, ...], LogAccount] = {}
    of_days: dict[tuple[object, ...], list[LogAccount]] = defaultdict(list)
    exports: dict[str, list[LogAccount]] = defaultdict(list)
    marked = []
    for number, account in enumerate(accounts):
        alike, before = of_days[account.format, account.days], exports[account.format]
        note = _copies(account, looks) or _behind(account, alike)
        if number in without_ids:
            note = note or _overlaps(account, before)
            before.append(account)
        alike.append(account)
        marked.append(replace(account, note=notes_joined(account.note, note)) if note else account)
    return tuple(marked)


def _copies(account: LogAccount, looks: dict[tuple[object, ...], LogAccount]) -> str:
    """Say that a log is a copy of one before it, or looks like one, for two servers may well be alike."""
    figures = account.format, account.lines, account.accesses, account.rejected, account.first, account.last
    first = looks.setdefault((*figures, *sorted(account.ignored.items())), account) if account.lines else account
    if first is account:
        return ""
    if _digest(account.file) == _digest(first.file):
        return f"Line for line the same as {first.file}, so that all in it counts twice: leave one of them out."
    if account.lines < LEAST_COPY:
        return ""
    return f"As many lines of each kind, from and to the same instants, as {first.file}: if it is a copy, leave it out."


def _behind(account: LogAccount, alike: Iterable[LogAccount]) -> str:
    """Say that a log shows about what one before it shows in the same format, as of two web servers in a row.

    That can't be told from two servers that share the work.
    """
    other = next((one for one in alike if _shows_the_same(account, one)), None)
    if other is None:
        return ""
    return (
        f"About as many accesses as {other.file}, from and to the same times: if one of the two servers stands behind the other, "
        "each request counts twice; leave one of the two logs out."
    )


def _shows_the_same(one: LogAccount, other: LogAccount) -> bool:
    """Whether two logs of one format may be of the same requests."""
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return False
    fewer, more = sorted((one.accesses, other.accesses))
    apart = max(abs(one.first - other.first), abs(one.last - other.last))
    return fewer >= LEAST_COPY and apart <= CLOCKS_APART and more - fewer <= SAME_SHARE * more


def _overlaps(account: LogAccount, before: Iterable[LogAccount]) -> str:
    """Say that an export shows days that one before it shows, where records of both have no id.

    On one day, the one may end and the other begin.
    """
    other = next((one for one in before if len(one.days & account.days) > 1), None)
    if other is None:
        return ""
    return (
        f"It shows days that {other.file} shows, too, and in both there are records without an id: those that stand in both "
        "exports count twice. Export each day once, or leave one of the two out."
    )


def _digest(file: str) -> bytes:
    """Return what only the same content has, packed or not."""
    digest = hashlib.sha256()
    for piece in Pieces(Path(file)).pieces():
        digest.update(bytes(piece.whole))
    return digest.digest()
