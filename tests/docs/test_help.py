"""Help texts stand as they were meant."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from phaseout.cli import command as phaseout


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give the words by which each command is called."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*path, name))


EVERY = sorted(commands(phaseout))


def test_there_are_commands() -> None:
    assert {("check",), ("directive", "show")} <= set(EVERY)


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_it_says_what_it_does_and_its_examples_stand_as_typed(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(phaseout, [*words, "--help"], prog_name="phaseout", terminal_width=120)
    assert done.exit_code == 0
    usage, _, text = done.output.partition("\n\n")
    assert usage.startswith(f"Usage: {' '.join(('phaseout', *words))}")
    assert text.strip()
    assert r"\b" not in text, 'click reads the mark only where it is no text: begin the docstring with """, not with r"""'
    examples = text.partition("Example")[2]
    assert all(line.startswith("  ") for line in examples.splitlines() if line.strip().startswith("phaseout "))
