"""The example directives that come with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

_FOLDER: Final = "examples"
_SUFFIX: Final = ".yaml"


class UnknownExampleError(LookupError):
    """No example of this name comes with the package."""

    def __init__(self, asked: str, known: tuple[str, ...]) -> None:
        """Remember what was asked for, and what there is instead."""
        super().__init__(f"There is no example '{asked}'. Known: {', '.join(known)}.")
        self.asked = asked
        self.known = known


def example_names() -> tuple[str, ...]:
    """Return the names of the examples, sorted; waivers stand as ``NAME.waivers`` beside the directive ``NAME``."""
    folder = files(__package__).joinpath(_FOLDER)
    return tuple(sorted(one.name.removesuffix(_SUFFIX) for one in folder.iterdir() if one.name.endswith(_SUFFIX)))


def example_text(name: str) -> str:
    """Return the text of an example.

    Raises:
        UnknownExampleError: there is none of this name.
    """
    known = example_names()
    if name not in known:
        raise UnknownExampleError(name, known)
    return files(__package__).joinpath(_FOLDER, name + _SUFFIX).read_text(encoding="utf-8")
