"""What an installation without extras lacks, told in words instead of a traceback."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

import click

MODULES: Final = {
    "check": ("ibis", "duckdb", "pyarrow", "numpy", "zstandard"),
    "html": ("jinja2", "matplotlib"),
    "ocsf": ("py_ocsf_models",),
    "gate": ("cryptography", "httptools", "uvloop"),
}
"""The modules that each extra brings."""


class MissingExtraError(click.ClickException):
    """A part of phaseout is not installed."""

    def __init__(self, extra: str) -> None:
        """Say which extra is missing, and how to get it."""
        super().__init__(f'This needs the extra "{extra}", which is not installed. Install it: pip install "phaseout[{extra}]"')


def missing(error: ModuleNotFoundError) -> MissingExtraError | None:
    """Return which extra would have brought a module that was not found, or None when it is no extra's."""
    top = (error.name or "").partition(".")[0]
    extra = next((extra for extra, modules in MODULES.items() if top in modules), None)
    return None if extra is None else MissingExtraError(extra)


def require(extra: str) -> None:
    """Make sure that an extra is installed, before any work is done.

    Raises:
        MissingExtraError: it is not.
    """
    if any(find_spec(module) is None for module in MODULES[extra]):
        raise MissingExtraError(extra)
