"""Begin to read the logs, beside whatever else a run needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import accumulate, chain
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from phaseout.judge.order import Order
from phaseout.logs.ahead import Ahead
from phaseout.reading.source import Source
from phaseout.reading.span import Span, Window, times_of
from phaseout.runs.choosing import Log, chosen
from phaseout.runs.inputs import Asked

Progress = Callable[[str, int, int, int, int], None]
"""Called with a file's name, its bytes read so far and in all, the lines cut so far, and the bytes of all files before it."""

TOGETHER: Final = 64 << 20
"""Bytes of files that are read as one."""


class Begun(Struct, frozen=True):
    """Logs of which the first are being read.

    Attributes:
        logs: all of them.
        span: how time is cut.
        window: what of it is looked at.
        ahead: those that are read together, one batch after the other; once.
    """

    logs: tuple[Log, ...]
    span: Span
    window: Window
    ahead: Iterator[Ahead]


@contextmanager
def begun(asked: Asked, order: Order, progress: Progress | None = None) -> Iterator[Begun]:
    """Choose how each log is read, and begin with the first beside whatever else is done.

    Args:
        asked: what is asked of which logs.
        order: what cuts time.
        progress: told how far it is.

    Raises:
        FaultsError: a log's format is not known, or it needs a time zone.
    """
    logs = chosen(asked)
    span = Span(order.cuts, order.time_zone, asked.at.year + 1)
    window = Window(asked.since, asked.end)
    told = None if progress is None else _told(progress, logs)
    with ExitStack() as stack:
        each = (_ahead(batch, span, window, told) for batch in _batches(_in_series(logs)))
        first = next(each, None)
        if first is not None:
            stack.enter_context(first)
        yield Begun(logs, span, window, chain(() if first is None else (first,), _one_by_one(each)))


def _ahead(batch: Sequence[Source], span: Span, window: Window, told: Callable[[int, int, int], None] | None) -> Ahead:
    return Ahead(batch, times_of(span, window, by_day=batch[0].setting.by_day), told)


def _in_series(logs: Sequence[Log]) -> tuple[Log, ...]:
    """Have those logs counted by day of whose requests another one shows the same.

    Where one is written before it is known what becomes of a request, what others set aside is told apart, too.
    """
    readers = {log.reader.id: log.reader for log in logs if log.reader is not None}
    series = {id_ for back in readers.values() for front in back.repeats if front in readers for id_ in (front, back.id)}
    series |= {id_ for id_, reader in readers.items() if reader.by_day}
    is_beforehand = any(reader.beforehand and id_ in series for id_, reader in readers.items())
    alone = (log.reader is None or log.reader.id not in series for log in logs)
    return tuple(
        log if is_alone else replace(log, setting=replace(log.setting, by_day=True, tells_aside=is_beforehand))
        for log, is_alone in zip(logs, alone, strict=True)
    )


def _one_by_one(batches: Iterable[Ahead]) -> Iterator[Ahead]:
    """Give each while it is read."""
    for ahead in batches:
        with ahead:
            yield ahead


def _batches(logs: Sequence[Log]) -> Iterator[list[Source]]:
    """Put neighbouring logs of one format together, up to ``TOGETHER``: many small files then cost little more than one."""
    batch: list[Source] = []
    size = 0
    for number, log in enumerate(logs):
        if log.reader is None:
            continue
        more = log.path.stat().st_size
        source = Source(str(log.path), number, log.reader, log.setting, log.latest)
        alike = batch and _same(source) == _same(batch[0])
        if batch and not (alike and size + more <= TOGETHER):
            yield batch
            batch, size = [], 0
        batch.append(source)
        size += more
    if batch:
        yield batch


def _same(source: Source) -> tuple[str, ZoneInfo | None, bool, date | None]:
    """Return what must be the same of logs that are read as one."""
    return source.reader.id, source.setting.zone, source.setting.is_zoned, source.latest


def _told(progress: Progress, logs: Sequence[Log]) -> Callable[[int, int, int], None]:
    sizes = [log.path.stat().st_size for log in logs]
    before = [0, *accumulate(sizes)]
    return lambda number, done, lines: progress(str(logs[number].path), done, sizes[number], lines, before[number])
