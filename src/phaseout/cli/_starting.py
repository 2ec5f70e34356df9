"""Start a check for the command line: the logs are read from the moment on at which the order is known, beside all else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from msgspec import Struct

from phaseout.cli._extras import require
from phaseout.cli._inputs import instant
from phaseout.judge.order import Order
from phaseout.model.fault import Fault, FaultsError
from phaseout.runs.begun import Begun, begun
from phaseout.runs.begun import Progress as Told
from phaseout.runs.choosing import chosen
from phaseout.runs.inputs import Asked, Norms, load_norms
from phaseout.runs.paths import found_in


class Started(Struct, frozen=True):
    """A check whose logs are being read.

    Attributes:
        asked: what is asked of them.
        norms: what the accesses are held against.
        logs: the logs.
        ended: to be called when they are read: takes the progress bar away.
        at_last: takes what is to be called when the command has come to its end.
    """

    asked: Asked
    norms: Norms
    logs: Begun
    ended: Callable[[], None]
    at_last: Callable[[Callable[[], None]], object]


@contextmanager
def started(given: Mapping[str, Any]) -> Iterator[Started]:
    """Load what the accesses are held against, and read the logs meanwhile.

    Raises:
        MissingExtraError: what a check needs is not installed.
        FaultsError: with every error of the order, the waivers, the staff list and the choice of the logs' formats.
    """
    require("check")
    with ExitStack() as last, ExitStack() as stack:
        begun_: list[tuple[Asked, Begun]] = []

        def begin(order: Order) -> None:
            asked = asked_of(given, order.time_zone)
            told = stack.enter_context(progress_of(asked, quiet=bool(given.get("quiet"))))
            begun_.append((asked, stack.enter_context(begun(asked, order, told))))

        domains, encoding = dict(given["domains"]), given["people_encoding"]
        files = given["directive"], given["people"], given["waivers"]
        try:
            norms = load_norms(*files, encoding=encoding, domains=domains, once_ordered=begin)
        except FaultsError as error:
            raise FaultsError(tuple(dict.fromkeys((*error.faults, *(() if begun_ else _of_logs(given)))))) from None
        asked, logs = begun_[0]
        yield Started(asked, norms, logs, stack.close, last.callback)


def _of_logs(given: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return what is wrong with the logs of a check that has come to nothing before they were looked at."""
    try:
        chosen(asked_of(given, ZoneInfo("UTC")))
    except FaultsError as error:
        return error.faults
    return ()


def asked_of(given: Mapping[str, Any], zone: ZoneInfo) -> Asked:
    """Turn options into what is asked; times without a zone are of the order's.

    Raises:
        click.UsageError: no time is left to look at.
    """
    found = found_in(given["logs"])
    asked = Asked(
        logs=found.logs,
        left_out=found.left_out,
        at=instant(given["at"], zone) or datetime.now(UTC),
        zone=next((zone for path, zone in reversed(given["zones"]) if path is None), None),
        format=next((name for path, name in reversed(given["formats"]) if path is None), None),
        zones=tuple((path, zone) for path, zone in given["zones"] if path is not None),
        formats=tuple((path, name) for path, name in given["formats"] if path is not None),
        written_on=next((day for path, day in reversed(given["written"]) if path is None), None),
        written=tuple((path, day) for path, day in given["written"] if path is not None),
        since=instant(given["since"], zone),
        until=instant(given["until"], zone),
        doors=tuple(given["doors"]),
        named=tuple(path for path in given["logs"] if not path.is_dir()),
    )
    if asked.since is not None and asked.since >= asked.end:
        end = "--until" if asked.end == asked.until else "--at (now, unless given)"
        message = f"--since isn't before {end}: no time is left to look at."
        raise click.UsageError(message)
    return asked


@contextmanager
def progress_of(asked: Asked, *, quiet: bool) -> Iterator[Told | None]:
    """Show a bar on a terminal: share of the bytes, lines, and the time left."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - takes a twentieth of a second; the next too
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    total = sum(path.stat().st_size for path in asked.logs)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[lines]:,} lines"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Reading", total=max(total, 1), lines=0)
        counts: dict[str, int] = {}

        def told(file: str, done: int, _size: int, lines: int, before: int) -> None:
            counts[file] = lines
            bar.update(task, description=Path(file).name[-30:], completed=before + done, lines=sum(counts.values()))

        yield told
