"""Say what a client string stands for."""

from __future__ import annotations

import sys

import click

from phaseout.cli import FAULTS
from phaseout.model.clue import ClueKind


@click.command(
    epilog="""\b
Examples:
  phaseout identify 'Apple-iPhone14C2/2001.362'
  phaseout identify --kind imap_id '("name" "iPhone Mail" "os-version" "18.2.1 (22C161)")'
  phaseout identify --jsonl < clues.jsonl"""
)
@click.argument("string", required=False)
@click.option(
    "--kind", type=click.Choice([kind.value for kind in ClueKind]), help="What sort of evidence it is; guessed, unless given."
)
@click.option(
    "--jsonl",
    is_flag=True,
    help='Read {"kind", "value"} lines and answer each with a JSON line, in order. Exit code 1: one was none.',
)
def command(string: str | None, kind: str | None, *, jsonl: bool) -> None:
    """Explain in words what STRING is taken for, and why."""
    if jsonl == (string is not None):
        message = "Give either a STRING or --jsonl."
        raise click.UsageError(message)
    if jsonl:
        from phaseout.runs.identify import as_json, identify_lines  # noqa: PLC0415 - only when asked for

        wrong = 0
        for answer in identify_lines(sys.stdin):
            wrong += "error" in answer
            sys.stdout.write(as_json(answer) + "\n")
        if wrong:
            click.echo(f"{wrong} of the lines could not be read: their answers say why, with the line's number.", err=True)
            raise click.exceptions.Exit(FAULTS)
        return
    from phaseout.reporting.words import plain  # noqa: PLC0415 - as the next
    from phaseout.runs.identify import explain_clue, in_words  # noqa: PLC0415 - only when asked for

    for line in in_words(explain_clue(str(string), None if kind is None else ClueKind(kind))):
        click.echo(plain(line))


COMMAND = command
