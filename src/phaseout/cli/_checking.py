"""Run a check for the command line: load, show progress, write every output whole or not at all."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO, cast

import click

from phaseout.cli import FAILED_ON, OK
from phaseout.cli._inputs import instant
from phaseout.model.answer import Answer
from phaseout.model.person import Person
from phaseout.model.verdict import Verdict
from phaseout.reports import REPORTS
from phaseout.runs.check import Checked, check
from phaseout.runs.inputs import Asked, Norms, load_norms, logs_in
from phaseout.runs.taking import Progress as Told

OUTPUTS: Final = ("html", "jsonl", "csv", "ocsf")
"""The reports that an option of the same name writes to a file."""

REJECTED: Final = Path("phaseout-rejected.jsonl")
"""Where lines that can't be read are kept, unless an option says otherwise."""

_FAIL_ON: Final = {"violation": Verdict.VIOLATION, "advised": Verdict.ADVISED, "cannot-tell": Verdict.CANNOT_TELL}


def asked_of(given: Mapping[str, Any], norms: Norms) -> Asked:
    """Turn options into what is asked."""
    zone = norms.order.time_zone
    return Asked(
        logs=logs_in(given["logs"]),
        at=instant(given["at"], zone) or datetime.now(UTC),
        zone=next((zone for path, zone in reversed(given["zones"]) if path is None), None),
        format=next((name for path, name in reversed(given["formats"]) if path is None), None),
        zones=tuple((path, zone) for path, zone in given["zones"] if path is not None),
        formats=tuple((path, name) for path, name in given["formats"] if path is not None),
        since=instant(given["since"], zone),
        until=instant(given["until"], zone),
        doors=tuple(given["doors"]),
        named=tuple(path for path in given["logs"] if not path.is_dir()),
    )


def norms_of(given: Mapping[str, Any]) -> Norms:
    """Load what the accesses are held against."""
    domains = dict(given["domains"])
    return load_norms(given["directive"], given["people"], given["waivers"], encoding=given["people_encoding"], domains=domains)


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


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """Write a file beside its place and move it there when it is whole; on any error nothing is left."""
    try:
        handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - closed below, before it is moved
            "w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8", newline=""
        )
    except OSError as error:
        raise click.FileError(str(path), hint=error.strerror or str(error)) from None
    beside = Path(handle.name)
    try:
        with handle:
            yield cast("TextIO", handle)
        beside.chmod(0o600 if path.suffix == ".jsonl" else 0o640)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def checked(given: Mapping[str, Any]) -> Iterator[tuple[Checked, Path | None]]:
    """Run a check; give it with the place of the rejected lines, if there are any."""
    norms = norms_of(given)
    asked = asked_of(given, norms)
    target = given.get("rejects") or REJECTED
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as rejects:
        with progress_of(asked, quiet=bool(given.get("quiet"))) as told:
            result = check(asked, norms, rejects, told)
        kept = None
        if rejects.tell() and "rejects" in given:
            rejects.seek(0)
            with written(target) as out:
                out.writelines(rejects)
            kept = target
        try:
            yield result, kept
        finally:
            result.engine.close()


def run_check(given: Mapping[str, Any]) -> int:
    """Run ``phaseout check``."""
    key = _key(given)
    with ExitStack() as files:
        # Opened first: what can't be written is told before the reading, not after it.
        streams = {name: files.enter_context(written(given[name])) for name in OUTPUTS if given[name] is not None}
        with checked(given) as (result, rejects):
            answer = replace(result.answer(), rejects_file=None if rejects is None else str(rejects))
        if key is not None:
            answer = _pseudonymised(answer, key, result.norms.people)
        for name, stream in streams.items():
            REPORTS[name].write(answer, stream)
    _printed(answer, given)
    fail_on = given["fail_on"]
    return FAILED_ON if fail_on and any(each.verdict is _FAIL_ON[fail_on] and not each.waived for each in answer.findings) else OK


def _key(given: Mapping[str, Any]) -> bytes | None:
    """Return the key of the pseudonyms, or None when names stay."""
    path: Path | None = given["pseudonym_key"]
    if not given["pseudonymise"]:
        return None
    if path is None:
        return secrets.token_bytes(32)
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.FileError(str(path), hint=error.strerror or str(error)) from None


def _pseudonymised(answer: Answer, key: bytes, staff: Iterable[Person]) -> Answer:
    from phaseout.runs.pseudonymise import pseudonymised  # noqa: PLC0415 - seldom asked for

    try:
        return pseudonymised(answer, key, staff)
    except ValueError as error:
        message = f"--pseudonym-key: {error}"
        raise click.UsageError(message) from None


def _printed(answer: Answer, given: Mapping[str, Any]) -> None:
    """Print the answer, in words or as JSON lines, and say which files were written."""
    if given["as_json"]:
        REPORTS["jsonl"].write(answer, sys.stdout)
        return
    from rich.console import Console  # noqa: PLC0415 - not needed for JSON lines; the next neither

    from phaseout.reports.terminal import show  # noqa: PLC0415

    console = Console()
    show(answer, console, limit=None if given["show_all"] else 25)
    for name in OUTPUTS:
        if given[name] is not None:
            console.print(f"Written: {given[name]}", highlight=False, markup=False)
