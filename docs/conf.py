"""How the documentation is built. What can be made from the code is made from it here."""

from __future__ import annotations

import ast
import tomllib
from itertools import groupby
from pathlib import Path

import click
from sphinx.application import Sphinx

import phaseout
from phaseout.cli.check import COMMAND as CHECK
from phaseout.readers import READERS
from phaseout.reading.reader import Clock
from phaseout.reports import REPORTS
from phaseout.reports.csv import COLUMNS

ROOT = Path(__file__).parents[1]

project = "phaseout"
author = "The phaseout team"
copyright = author  # noqa: A001 - Sphinx's own name
version = release = phaseout.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_click",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
suppress_warnings = ["misc.highlighting_failure"]  # pages about errors show what no lexer takes
smartquotes = False  # options are written with two hyphens
html_theme = "furo"
html_title = f"phaseout {version}"
myst_enable_extensions = ["substitution", "deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # an attribute stands once, in its class's text

OPTIONS = {option.name for option in CHECK.params}
CLOCKS = {
    Clock.UTC: "UTC",
    Clock.OFFSET: "each stamp says its offset",
    Clock.LOCAL: "the server's own: give `--timezone`",
}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Write a Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rooms() -> list[tuple[str, ...]]:
    """Return the house from top to bottom, as the check of imports has it: storey, room, and what the room says it is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    numbered = zip(range(len(layers), 0, -1), layers, strict=True)
    return [(str(storey), f"`{room}`", what_it_is(room)) for storey, layer in numbered for room in layer.split(" | ")]


def what_it_is(room: str) -> str:
    """Return the first sentence of a room's own text."""
    source = ROOT / "src" / "phaseout" / room / "__init__.py"
    tree = ast.parse((source if source.exists() else source.parent.with_suffix(".py")).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n\n")[0].replace("\n", " ")


myst_substitutions = {
    "rooms": table(("storey", "room", "what it says of itself"), rooms()),
    "csv_columns": ", ".join(f"`{name}`" for name in COLUMNS),
    "readers": table(
        ("format", "what it is", "its clock", "doors that it can show", "stands behind"),
        [
            (f"`{each.id}`", each.title, CLOCKS[each.clock], ", ".join(each.doors), ", ".join(f"`{one}`" for one in each.behind))
            for each in READERS
        ],
    ),
    "reports": table(
        ("report", "what it is", "how to get it"),
        [(f"`{each.id}`", each.title, f"`--{each.id} FILE`" if each.id in OPTIONS else "printed") for each in REPORTS],
    ),
}


def as_typed(_: Sphinx, __: click.Context, lines: list[str]) -> None:
    """Show a help text's examples as they are typed; sphinx-click marks such lines with a bar, and would read their stars."""
    shown: list[str] = []
    for is_typed, some in groupby(lines, lambda line: line.startswith("| ")):
        together = list(some)
        shown += ["::", "", *(f"   {line.removeprefix('| ')}" for line in together), ""] if is_typed else together
    lines[:] = shown


def as_sentences(_: Sphinx, what: str, *rest: object) -> None:
    """Show the text of a constant as it is: Napoleon would take what stands before a colon in its first line for its type."""
    lines = rest[-1]
    if what in {"attribute", "data", "property"} and isinstance(lines, list):
        lines[:0] = ["..", ""]  # an empty comment


def setup(app: Sphinx) -> None:
    """Hear when texts are read."""
    app.connect("autodoc-process-docstring", as_sentences, priority=400)  # before Napoleon
    app.connect("sphinx-click-process-description", as_typed)
    app.connect("sphinx-click-process-epilog", as_typed)
