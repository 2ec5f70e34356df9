"""Say where doors would answer differently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from phaseout.cli._inputs import inputs


@click.command(
    epilog="""\b
Examples:
  phaseout parity logs/ -d order.yaml -p staff.csv -w waivers.yaml --at 2026-12-01
  phaseout parity logs/ -d order.yaml -p staff.csv --export exchange --json
  phaseout parity logs/ -d order.yaml -p staff.csv --fail

\b
Exit codes: 0 answered; 1 an input has errors; 2 wrong usage; 3 there are differences and --fail was given."""
)
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@inputs
@click.option("--export", "kinds", multiple=True, metavar="KIND", help="Compare this kind of rules only (repeatable).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines instead of words.")
@click.option("--fail", is_flag=True, help="Exit with 3 when there are differences.")
@click.option("--all", "show_all", is_flag=True, help="Print every difference, however many.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(**given: Any) -> int:  # noqa: ANN401 - click's own values
    """Say where exported rules would answer otherwise than the order, over the accesses that LOGS show.

    Every distinct client is put to the judge, and to what each kind of rules would do with it. Policies in report-only
    state are taken as if they were enforced.
    """
    from phaseout.cli._starting import started  # noqa: PLC0415 - heavy: only when a check is run

    with started(given) as start:
        from phaseout.cli._exporting import run_parity  # noqa: PLC0415 - heavier still: loaded while the logs are read

        return run_parity(given, start)


COMMAND = command
