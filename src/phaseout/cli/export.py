"""Write rules for a door that takes rules instead of asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from phaseout.cli._inputs import FILE, inputs


@click.command(
    epilog="""\b
Examples:
  phaseout export exchange logs/ -d order.yaml -p staff.csv -w waivers.yaml --at 2026-12-01 --out rules.ps1
  phaseout export nginx logs/ -d order.yaml -p staff.csv --at 2026-12-01 --out phaseout.conf
  phaseout export entra logs/ -d order.yaml -p staff.csv --at 2026-12-01 --ids entra.toml --out policies.json

\b
Exit codes: 0 written; 1 an input has errors; 2 wrong usage."""
)
@click.argument("kind")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@inputs
@click.option("--out", "-o", type=FILE, required=True, help="The file of rules; some kinds write a second one beside it.")
@click.option("--ids", type=FILE, help="Object ids of units, roles and people, as TOML; for directory services.")
@click.option("--quiet", "-q", is_flag=True, help="No progress bar, and no notes.")
def command(**given: Any) -> int:  # noqa: ANN401 - click's own values
    """Write the order down as rules of KIND: exchange, entra or nginx.

    The rules are those that the order comes to at the time given by --at, for the devices that LOGS show. What they can't
    express is noted on the error output. Nothing is sent to any server.
    """
    from phaseout.cli._starting import started  # noqa: PLC0415 - heavy: only when a check is run

    with started(given) as start:
        from phaseout.cli._exporting import run_export  # noqa: PLC0415 - heavier still: loaded while the logs are read

        return run_export(given, start)


COMMAND = command
