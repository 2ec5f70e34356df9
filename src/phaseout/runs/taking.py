"""Take the logs: each file through its reader into the engine, every line accounted for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, TextIO

from phaseout.logs.lines import Lines
from phaseout.model.answer import LogAccount
from phaseout.reading.engine import Engine, Source, Taken
from phaseout.reading.reader import Reader
from phaseout.reading.reduction import Span, Window
from phaseout.runs.choosing import Log

Progress = Callable[[str, int, int, int, int], None]
"""Called with a file's name, its bytes read so far and in all, the lines cut so far, and the bytes of all files before it."""

UNREAD: Final = "in no known format"
"""Why the lines of a log that nothing reads are set aside."""

TOGETHER: Final = 64 << 20
"""Bytes of files that are read as one."""

_SECRET: Final = re.compile(
    r"""(?ix)
    ((?:basic|bearer|digest|negotiate|ntlm)\s+)[^\s"',;]{4,}          # an Authorization header's value
    | ((?:pass(?:word|wd|phrase)?|pwd|secret|token|authorization|cookie|api[-_]?key)["']?\s*[=:]\s*["']?)[^\s"'&;,]+
    """
)


def without_secrets(text: str) -> str:
    """Mask what looks like a credential in a line that is kept.

    Example:
        >>> without_secrets("Authorization: Basic YW5uYTpzZWNyZXQ= x")
        'Authorization: *** x'
        >>> without_secrets("login anna password=hunter2;")
        'login anna password=***;'
    """
    masked = re.sub(r"(?i)(authorization\s*:\s*)\w+\s+\S+", r"\1***", text)
    return _SECRET.sub(lambda match: (match.group(1) or match.group(2)) + "***", masked)


def take(
    engine: Engine, logs: Iterable[Log], span: Span, window: Window, rejects: TextIO, progress: Progress | None = None
) -> tuple[LogAccount, ...]:
    """Read every log into the engine.

    Args:
        engine: keeps the sightings.
        logs: with their readers.
        span: how time is cut.
        window: what of it is looked at.
        rejects: takes the lines that can't be read, as JSON lines with their place and the reason, credentials masked.
        progress: told how far it is.

    Returns:
        One account per file, in order.
    """
    logs = tuple(logs)
    accounts: dict[int, LogAccount] = {number: _unread(log) for number, log in enumerate(logs) if log.reader is None}
    told = None if progress is None else _told(progress, logs)
    for batch in _batches(logs):
        sources = [Source(str(log.path), number, reader, log.setting) for number, log, reader in batch]
        for (number, log, _), taken in zip(batch, engine.take(sources, span, window, told), strict=True):
            for row in taken.rejected:
                text = without_secrets(row["line"].rstrip("\r\n"))
                kept = {"file": str(log.path), "line": row["row"], "reason": row["reason"], "text": text}
                rejects.write(json.dumps(kept, ensure_ascii=False) + "\n")
            accounts[number] = _account(log, taken)
    return tuple(account for _, account in sorted(accounts.items()))


def _unread(log: Log) -> LogAccount:
    """Account for a log that nothing reads: its lines are counted all the same."""
    lines = Lines(log.path)
    for _ in lines.batches():
        pass
    ignored = {UNREAD: lines.count} if lines.count else {}
    note = "; ".join(part for part in (log.note, lines.note) if part)
    return LogAccount(str(log.path), "none", log.zone_name, lines.count, 0, ignored, 0, note=note)


def _batches(logs: Sequence[Log]) -> Iterator[list[tuple[int, Log, Reader]]]:
    """Put neighbouring logs of one format together, up to ``TOGETHER``: many small files then cost little more than one."""
    batch: list[tuple[int, Log, Reader]] = []
    size = 0
    for number, log in enumerate(logs):
        if log.reader is None:
            continue
        more = log.path.stat().st_size
        alike = batch and log.reader.id == batch[0][2].id and log.setting.zone == batch[0][1].setting.zone
        if batch and not (alike and size + more <= TOGETHER):
            yield batch
            batch, size = [], 0
        batch.append((number, log, log.reader))
        size += more
    if batch:
        yield batch


def _told(progress: Progress, logs: Sequence[Log]) -> Callable[[int, int, int], None]:
    sizes = [log.path.stat().st_size for log in logs]
    before = [0, *accumulate(sizes)]
    return lambda number, done, lines: progress(str(logs[number].path), done, sizes[number], lines, before[number])


def _account(log: Log, taken: Taken) -> LogAccount:
    """Turn an engine's counts into an account."""
    fates = taken.fates
    stamps = [stamp for row in fates for stamp in (row["first"], row["last"]) if stamp is not None]
    account = LogAccount(
        file=str(log.path),
        format="none" if log.reader is None else log.reader.id,
        time_zone=log.zone_name,
        lines=taken.lines,
        accesses=sum(row["n"] for row in fates if row["fate"] == "accesses"),
        ignored={row["reason"]: row["n"] for row in sorted(fates, key=lambda row: row["reason"]) if row["fate"] == "ignored"},
        rejected=sum(row["n"] for row in fates if row["fate"] == "rejected"),
        first=utc(min(stamps)) if stamps else None,
        last=utc(max(stamps)) if stamps else None,
        note=taken.note,
    )
    if not account.adds_up:
        message = f"{account.file}: the accounting does not add up; this is a fault of phaseout, and no answer is given."
        raise AssertionError(message)
    return account


def utc(at: datetime) -> datetime:
    """Return an engine's stamp, which carries no zone or UTC, as an instant in UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
