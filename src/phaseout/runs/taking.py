"""Take the logs: each file through its reader into the engine, every line accounted for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Final, TextIO

from phaseout.logs.lines import Lines
from phaseout.model.answer import LogAccount
from phaseout.model.fault import Fault, FaultsError
from phaseout.readers import READERS
from phaseout.reading.engine import Engine, Source, Taken
from phaseout.reading.reader import Clock, Reader, Setting
from phaseout.reading.reduction import Span
from phaseout.runs.formats import UnclearFormatError, choose
from phaseout.runs.inputs import Asked

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


@dataclass(frozen=True, slots=True)
class Log:
    """One log, and how it will be read.

    Attributes:
        path: as given.
        reader: its format; None when the file is empty, or stood in a folder and is in no known format.
        setting: what the reader must know.
        note: why it has no reader.
    """

    path: Path
    reader: Reader | None
    setting: Setting
    note: str = ""

    @property
    def zone_name(self) -> str:
        """How its times are read, for people."""
        if self.reader is None:
            return "none"
        if self.reader.clock is Clock.LOCAL and self.setting.zone is not None:
            return str(self.setting.zone)
        return "UTC" if self.reader.clock is Clock.UTC else "as each line says"


def chosen(asked: Asked) -> tuple[Log, ...]:
    """Choose each log's reader.

    Raises:
        FaultsError: PO403 no format fits, PO404 a format needs a time zone and none is given, PO406 no format has the name
            that was given, PO407 a log can't be opened, PO408 none of the logs can be read.
    """
    if asked.format is not None and asked.format not in READERS.ids:
        why, way_out = f'There is no log format "{asked.format}".', f"Name one of these: {', '.join(READERS.ids)}."
        raise FaultsError((Fault("--format", 0, 0, "PO406", why, way_out),))
    logs: list[Log] = []
    faults: list[Fault] = []
    for path in asked.logs:
        try:
            reader = choose(path, asked.format)
        except UnclearFormatError as error:
            if path not in asked.named or not path.stat().st_size:
                logs.append(Log(path, None, Setting(asked.at), error.why if path.stat().st_size else "the file is empty"))
                continue
            way_out = f"Name it with --format, one of these: {', '.join(READERS.ids)}; or leave the file out."
            faults.append(Fault(str(path), 0, 0, "PO403", error.why, way_out))
            continue
        except OSError as error:
            way_out = "Check the path, and that you may read the file."
            faults.append(Fault(str(path), 0, 0, "PO407", f"It can't be opened: {error.strerror}.", way_out))
            continue
        if reader.clock is Clock.LOCAL and asked.zone is None:
            message = (
                f"Times in this format ({reader.title}) are the server's local time, and the log doesn't say which zone that is."
            )
            faults.append(Fault(str(path), 0, 0, "PO404", message, "Give --timezone, such as --timezone Europe/Moscow."))
        logs.append(Log(path, reader, Setting(asked.at, asked.zone, str(path))))
    if not faults and all(log.reader is None for log in logs):
        way_out = "Name the folder that the logs are in, or a log's format with --format."
        faults = [
            Fault(str(log.path), 0, 0, "PO408", f"There is nothing to read: {log.note}.".replace("..", "."), way_out)
            for log in logs
        ]
    if faults:
        raise FaultsError(tuple(faults))
    return tuple(logs)


def take(
    engine: Engine, logs: Iterable[Log], span: Span, rejects: TextIO, progress: Progress | None = None
) -> tuple[LogAccount, ...]:
    """Read every log into the engine.

    Args:
        engine: keeps the sightings.
        logs: with their readers.
        span: how time is cut.
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
        for (number, log, _), taken in zip(batch, engine.take(sources, span, told), strict=True):
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
