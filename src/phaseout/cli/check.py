"""Say who still uses what for work."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click

from phaseout.cli._extras import require
from phaseout.cli._inputs import FILE, inputs


@click.command(
    epilog="""\b
Examples:
  phaseout check logs/ -d order.yaml -p staff.csv --timezone Europe/Moscow
  phaseout check logs/ -d order.yaml -p staff.csv --timezone Europe/Moscow --timezone logs/omsk=Asia/Omsk
  phaseout check u_ex*.log -d order.yaml -p staff.csv -w waivers.yaml --html report.html
  phaseout check logs/ -d order.yaml -p staff.csv --jsonl findings.jsonl --fail-on violation

\b
Exit codes: 0 answered; 1 an input has errors; 2 wrong usage; 3 what --fail-on names was found."""
)
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@inputs
@click.option("--html", type=FILE, help="Write the report as one HTML page.")
@click.option("--jsonl", type=FILE, help="Write the findings as JSON lines.")
@click.option("--csv", type=FILE, help="Write the findings as CSV.")
@click.option("--ocsf", type=FILE, help="Write the findings as OCSF Compliance Findings, JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON lines instead of words.")
@click.option("--rejects", type=FILE, help="Where to keep lines that can't be read [phaseout-rejected.jsonl, if there are any].")
@click.option("--pseudonymise", is_flag=True, help="Replace names, logins and device ids by pseudonyms in every output.")
@click.option("--pseudonym-key", type=FILE, help="A file whose bytes make the pseudonyms the same from run to run.")
@click.option("--fail-on", type=click.Choice(["violation", "advised", "cannot-tell"]), help="Exit with 3 when there are any.")
@click.option("--all", "show_all", is_flag=True, help="Print every person, however many.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(**given: Any) -> int:  # noqa: ANN401 - click's own values
    """Say who still uses a banned device for work, since when, and what was not seen.

    LOGS are files, or folders with files; gzip and zstd are read as they are.
    """
    gc.disable()  # one pass that ends with the process: looking for circles among its many small values costs a fifth of it
    for extra in ("check", *(name for name in ("html", "ocsf") if given[name] is not None)):
        require(extra)
    from phaseout.cli._starting import started  # noqa: PLC0415 - heavy: only when a check is run

    with started(given) as start:
        from phaseout.cli._checking import run_check  # noqa: PLC0415 - heavier still: loaded while the logs are read

        return run_check(given, start)


COMMAND = command
