"""Explain one person."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click

from phaseout.cli._inputs import inputs


@click.command(
    epilog="""\b
Examples:
  phaseout explain anna.petrova@example.org logs/ -d order.yaml -p staff.csv
  phaseout explain 'MINEX\\apetrova' logs/ -d order.yaml -p staff.csv --timezone Europe/Moscow"""
)
@click.argument("person")
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@inputs
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar.")
def command(**given: Any) -> int:  # noqa: ANN401 - click's own values
    """Explain PERSON: every clause, every device, every sighting, and why.

    PERSON is an id, a login, an address, or the full name as the staff list has it; or a login of the logs that nobody has.
    """
    gc.disable()  # as for a check
    from phaseout.cli._starting import started  # noqa: PLC0415 - heavy: only when a check is run

    with started({**given, "logs": tuple(Path(log) for log in given["logs"])}) as start:
        from phaseout.cli._explaining import run_explain  # noqa: PLC0415 - heavier still: loaded while the logs are read

        return run_explain(given, start)


COMMAND = command
