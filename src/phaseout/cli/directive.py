"""``phaseout directive``: check an order, show it in sentences, and begin one from an example."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import to_builtins

_FILE = click.Path(path_type=Path)


@click.group("directive")
def COMMAND() -> None:  # noqa: N802 - each file of this folder names its command so
    """Check an order, show it in plain sentences, and begin one from an example."""


@COMMAND.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--waivers", "-w", "waiver_files", multiple=True, type=_FILE, help="A waiver file to check against the directive.")
@click.option("--json", "as_json", is_flag=True, help="Print the faults as JSON.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.pass_context
def check(
    context: click.Context, files: tuple[Path, ...], waiver_files: tuple[Path, ...], *, as_json: bool, strict: bool
) -> None:
    """Tell everything that is wrong with directives.

    Prints one line for each fault: file:line:column, a code with a page in docs/errors, what is wrong, what to do.
    Exit code 0: nothing is wrong, or warnings alone. 1: errors. 2: the command was not understood.

    \b
    Examples:
      phaseout directive check order.yaml
      phaseout directive check order.yaml --waivers waivers.yaml
      phaseout directive check --strict --json *.yaml
    """  # noqa: D301 - click reads this \b
    from phaseout.directive.checked import check_files  # noqa: PLC0415 - pydantic and YAML load only when used
    from phaseout.model.fault import Severity  # noqa: PLC0415

    if waiver_files and len(files) != 1:
        message = "Waivers belong to one directive: name one FILE with --waivers."
        raise click.UsageError(message)
    faults = check_files(files, waiver_files)
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    if as_json:
        _print_json({"faults": faults, "errors": errors, "warnings": len(faults) - errors})
    else:
        for fault in faults:
            click.echo(f"warning: {fault}" if fault.severity is Severity.WARNING else str(fault))
        click.echo(f"{_count(len(files) + len(waiver_files), 'file')}: {_count(errors, 'error')}, "
                   f"{_count(len(faults) - errors, 'warning')}.", err=True)  # fmt: skip
    context.exit(1 if errors or (strict and faults) else 0)


@COMMAND.command()
@click.argument("file", type=_FILE)
@click.option("--waivers", "-w", "waiver_file", type=_FILE, help="The waiver file beside it.")
@click.option("--json", "as_json", is_flag=True, help="Print the sentences as JSON.")
@click.option("--width", default=100, show_default=True, type=click.IntRange(min=40), help="Characters a line.")
@click.pass_context
def show(context: click.Context, file: Path, waiver_file: Path | None, *, as_json: bool, width: int) -> None:
    """Show a directive in the sentences that a manager signs off, with its calendar and its sources.

    \b
    Examples:
      phaseout directive show order.yaml
      phaseout directive show order.yaml --waivers waivers.yaml > order.txt
    """  # noqa: D301 - click reads this \b
    from phaseout.directive.load import load  # noqa: PLC0415 - pydantic and YAML load only when used
    from phaseout.directive.page import page  # noqa: PLC0415
    from phaseout.directive.source import read_text  # noqa: PLC0415
    from phaseout.directive.waivers import load_waivers  # noqa: PLC0415
    from phaseout.directive.words import sentences  # noqa: PLC0415
    from phaseout.model.fault import FaultsError  # noqa: PLC0415
    from phaseout.reporting.words import plain_lines  # noqa: PLC0415

    try:
        directive = load(read_text(file), str(file))
        waivers = load_waivers(read_text(waiver_file), str(waiver_file), directive) if waiver_file else ()
    except FaultsError as error:
        click.echo(str(error), err=True)
        context.exit(1)
    words = sentences(directive, waivers)
    if as_json:
        _print_json(words)
    else:
        click.echo(plain_lines(page(words, width)))


@COMMAND.command()
@click.argument("name", type=click.Choice(["directive", "waivers"]), default="directive")
def schema(name: str) -> None:
    """Print the JSON Schema of directives, or of waivers, from which an editor completes.

    \b
    Examples:
      phaseout directive schema > directive.schema.json
      phaseout directive schema waivers > waivers.schema.json
    """  # noqa: D301 - click reads this \b
    from phaseout.directive.published import schema_text  # noqa: PLC0415 - pydantic loads only when used

    click.echo(schema_text(name), nl=False)


@COMMAND.command()
@click.argument("name", required=False)
def example(name: str | None) -> None:
    """Print an example directive, or the names of all.

    \b
    Examples:
      phaseout directive example
      phaseout directive example minimum-versions > order.yaml
    """  # noqa: D301 - click reads this \b
    from phaseout.directive.shipped import UnknownExampleError, example_names, example_text  # noqa: PLC0415

    if name is None:
        click.echo("\n".join(example_names()))
        return
    try:
        click.echo(example_text(name), nl=False)
    except UnknownExampleError as error:
        raise click.UsageError(str(error)) from error


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _print_json(value: object) -> None:
    """Print a value of ours as JSON: structures as objects, dates as ISO 8601."""
    import json  # noqa: PLC0415 - loads only when used

    click.echo(json.dumps(to_builtins(value, enc_hook=str), ensure_ascii=False, indent=2))
