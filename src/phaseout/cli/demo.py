"""Make the sample ministry."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    epilog="""\b
Examples:
  phaseout demo ministry
  phaseout check ministry/logs --directive ministry/directive.yaml --people ministry/staff.csv \\
      --waivers ministry/waivers.yaml --timezone Europe/Moscow --at 2026-11-01"""
)
@click.argument("out_dir", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", default=1, show_default=True, help="Another number makes other people.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How many days, up to 31 October 2026.")
@click.option("--people", default=400, show_default=True, type=click.IntRange(60, 100_000), help="How many people.")
def command(out_dir: Path, seed: int, days: int, people: int) -> None:
    """Make a sample ministry in OUT_DIR: staff, an order, waivers, logs in every format, and the truth about them."""
    from phaseout.demo.make import make, not_ours  # noqa: PLC0415 - only when asked for

    if not_ours(out_dir):
        message = f"{out_dir} has files in it, and they are no sample ministry. Name a new folder, or an empty one."
        raise click.UsageError(message)
    make(out_dir, seed, days, people)
    click.echo(f"The sample ministry stands in {out_dir}: staff.csv, directive.yaml, waivers.yaml, logs/, truth.jsonl.")


COMMAND = command
