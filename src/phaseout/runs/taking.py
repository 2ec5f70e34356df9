"""Take the logs: each file through its reader into the engine, every line accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TextIO

from phaseout.logs.intake import Intake
from phaseout.logs.pieces import Pieces
from phaseout.model.answer import LogAccount
from phaseout.model.secrets import line_without_secrets
from phaseout.reading.engine import Engine, Taken
from phaseout.runs.begun import Begun
from phaseout.runs.choosing import Log
from phaseout.runs.chunk_days import days_in
from phaseout.runs.notes import notes_joined

LEAST_JUMP: Final = timedelta(days=180)
"""From which on times that jump back within a log, or ahead of the check, are no disorder but a wrong year."""

UNREAD: Final = "in no known format"
"""Why the lines of a log that nothing reads are set aside."""


WITHHELD: Final = "(withheld: it may name people)"
"""Stands for a line that can't be read where people are not to be named."""


def take(
    engine: Engine, logs: Begun, rejects: TextIO, at: datetime, *, withheld: bool = False
) -> tuple[tuple[LogAccount, ...], frozenset[int]]:
    """Read every log into the engine.

    Args:
        engine: keeps the sightings.
        logs: what is read.
        rejects: takes the lines that can't be read, as JSON lines with their place and the reason, credentials masked.
        at: when the check is made; what is stamped long after it is damaged.
        withheld: whether those lines themselves are not told, and their files only by their number; a path may name people, too.

    Returns:
        One account per file, in order; and the numbers of exports with records that have no id.
    """
    accounts: dict[int, LogAccount] = {number: _unread(log) for number, log in enumerate(logs.logs) if log.reader is None}
    without_ids = set[int]()
    for ahead in logs.ahead:
        for source, taken in zip(ahead.sources, engine.take(Intake(ahead), logs.span, logs.window), strict=True):
            log = logs.logs[source.number]
            for row in taken.rejected:
                text = WITHHELD if withheld else line_without_secrets(row["line"].rstrip("\r\n"))
                file = f"log {source.number + 1} of {len(logs.logs)}" if withheld else str(log.path)
                kept = {"file": file, "line": row["row"], "reason": row["reason"], "text": text}
                rejects.write(json.dumps(kept, ensure_ascii=False) + "\n")
            accounts[source.number] = _account(log, taken, at)
            if taken.is_nameless:
                without_ids.add(source.number)
    return tuple(account for _, account in sorted(accounts.items())), frozenset(without_ids)


def _unread(log: Log) -> LogAccount:
    """Account for a log that nothing reads: its lines are counted all the same."""
    pieces = Pieces(log.path)
    lines = sum(bytes(piece.whole).count(b"\n") for piece in pieces.pieces())
    pieces.count = lines
    ignored = {UNREAD: lines} if lines else {}
    note = notes_joined(log.note, pieces.note)
    return LogAccount(str(log.path), "none", log.zone_name, lines, 0, ignored, 0, note=note)


def _account(log: Log, taken: Taken, at: datetime) -> LogAccount:
    """Turn an engine's counts into an account."""
    fates = taken.fates
    stamps = [utc(stamp) for row in fates for stamp in (row["first"], row["last"]) if stamp is not None]
    ignored = Counter[str]()
    for row in fates:
        if row["fate"] == "ignored":
            ignored[row["reason"]] += row["n"]
    account = LogAccount(
        file=str(log.path),
        format="none" if log.reader is None else log.reader.id,
        time_zone=log.zone_name,
        lines=taken.lines,
        accesses=sum(row["n"] for row in fates if row["fate"] == "accesses"),
        ignored=dict(sorted(ignored.items())),
        rejected=sum(row["n"] for row in fates if row["fate"] == "rejected"),
        first=min(stamps, default=None),
        last=max(stamps, default=None),
        reaches=max((stamp for stamp in stamps if stamp <= at + LEAST_JUMP), default=None),
        note=notes_joined(taken.note, *map(_jump, taken.ends)),
        latest=log.latest,
        days=frozenset(day for row in fates if row["first"] is not None for day in days_in(row["chunk"], row["days"])),
    )
    if not account.adds_up:
        message = f"{account.file}: the accounting does not add up; this is a fault of phaseout, and no answer is given."
        raise AssertionError(message)
    return account


def _jump(ends: Mapping[str, Any]) -> str:
    """Say that a log's times jump back by a year, which those of no log do whose years are right."""
    back = ends["last"] - ends["first"]
    if ends["last_line"] >= ends["first_line"] or back < LEAST_JUMP:
        return ""
    return (
        f"Its stamps carry no year, and as dated they jump back by {back.days} days between line {ends['last_line']} and line "
        f"{ends['first_line']}: say with --written on which day it was last written, for years may be wrong."
    )


def utc(at: datetime) -> datetime:
    """Return an engine's stamp, which carries no zone or UTC, as an instant in UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
