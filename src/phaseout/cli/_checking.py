"""Run a check for the command line: load, show progress, write every output whole or not at all."""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, Final

import click
from msgspec.structs import replace
from rich.console import Console

from phaseout.cli import FAILED_ON, OK
from phaseout.cli._output import HALVES, keep_apart, telling, written
from phaseout.cli._starting import Started
from phaseout.model.answer import Answer
from phaseout.model.person import Person
from phaseout.model.verdict import Verdict
from phaseout.reports import REPORTS
from phaseout.reports.terminal import show
from phaseout.runs.check import Checked, check

OUTPUTS: Final = ("html", "jsonl", "csv", "ocsf")
"""The reports that an option of the same name writes to a file."""

REJECTED: Final = Path("phaseout-rejected.jsonl")
"""Where lines that can't be read are kept, unless an option says otherwise."""

_FAIL_ON: Final = {"violation": Verdict.VIOLATION, "advised": Verdict.ADVISED, "cannot-tell": Verdict.CANNOT_TELL}


@contextmanager
def checked(given: Mapping[str, Any], start: Started) -> Iterator[tuple[Checked, Path | None]]:
    """Run a check; give it with the place of the rejected lines, if there are any."""
    target: Path = given.get("rejects") or REJECTED
    with ExitStack() as files:
        if "rejects" in given:
            rejects = files.enter_context(written(target, wanted=lambda lines: lines.tell() > 0))
        else:
            rejects = files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", errors=HALVES, newline=""))
        asked = replace(start.asked, withheld=bool(given.get("pseudonymise")))
        result = check(asked, start.norms, rejects, start.logs)
        start.ended()
        try:
            kept = any(account.rejected for account in result.accounts) and "rejects" in given
            files.close()
            yield result, target if kept else None
        finally:
            # Beside what is still written and printed, for an engine takes its memory apart without Python.
            closing = Thread(target=result.engine.close)
            closing.start()
            start.at_last(closing.join)


def run_check(given: Mapping[str, Any], start: Started) -> int:
    """Run ``phaseout check``."""
    key = _key(given)
    outputs = {f"--{name}": given[name] for name in OUTPUTS} | {"--rejects": given["rejects"] or REJECTED}
    keep_apart(outputs, (*start.asked.logs, given["directive"], given["people"], given["waivers"], given["pseudonym_key"]))
    with ExitStack() as files:
        # Opened first: what can't be written is told when the reading has just begun, not after it.
        streams = {name: files.enter_context(written(given[name])) for name in OUTPUTS if given[name] is not None}
        with checked(given, start) as (result, rejects):
            answer = replace(result.answer(), rejects_file=None if rejects is None else str(rejects))
        if key is not None:
            answer = _pseudonymised(answer, key, result.norms.people)
        for name, stream in streams.items():
            with telling(given[name]):
                REPORTS[name].write(answer, stream)
    _printed(answer, given)
    fail_on = given["fail_on"]
    return FAILED_ON if fail_on and any(each.verdict is _FAIL_ON[fail_on] and not each.waived for each in answer.findings) else OK


def _key(given: Mapping[str, Any]) -> bytes | None:
    """Return the key of the pseudonyms, or None when names stay."""
    path: Path | None = given["pseudonym_key"]
    if not given["pseudonymise"]:
        if path is not None:
            message = "--pseudonym-key says how --pseudonymise is done: give that, too."
            raise click.UsageError(message)
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
    console = Console()
    show(answer, console, limit=None if given["show_all"] else 25)
    for name in OUTPUTS:
        if given[name] is not None:
            console.print(f"Written: {given[name]}", highlight=False, markup=False)
