"""Find the one-file extensions of a folder by name.

The folder is the list: an extension's id is its file's name, and nothing of it is imported until somebody asks for it.
Third parties add theirs through an entry point group of the same name as the package (``phaseout.readers``).
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Final, Generic, TypeVar

Kind = TypeVar("Kind")

POINTS: Final = "entry_points.txt"
"""In which an installed package names its entry points."""


class UnknownExtensionError(LookupError):
    """No extension of this kind has the id that was asked for."""

    def __init__(self, constant: str, asked: str, known: tuple[str, ...]) -> None:
        """Remember what was asked for, and what there is instead."""
        super().__init__(f"There is no {constant.lower()} '{asked}'. Known: {', '.join(known)}.")
        self.asked = asked
        self.known = known


class Catalogue(Generic[Kind]):
    """The extensions of one package, found by their file names.

    Args:
        package: the dotted name of the folder, such as ``phaseout.readers``; also the entry point group.
        constant: the name that each file must define, such as ``READER``.
        kind: the type that the constant must have.
    """

    def __init__(self, package: str, constant: str, kind: type[Kind]) -> None:
        """Remember where to look; nothing is looked for yet."""
        self.package = package
        self.constant = constant
        self.kind = kind

    @cached_property
    def _own(self) -> dict[str, str]:
        """Map each id of the folder to the module that defines it."""
        folder = importlib.import_module(self.package)
        names = (module.name for module in pkgutil.iter_modules(folder.__path__))
        return {name: f"{self.package}.{name}" for name in sorted(names) if not name.startswith("_")}

    @cached_property
    def _places(self) -> dict[str, str]:
        """Map each id to the module that defines it, our own folder's before third parties'."""
        # Looked for only when the folder does not settle it: looking at every installed package takes its time.
        return dict(sorted((_third_parties(self.package) | self._own).items()))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all extensions, sorted; none of them is imported."""
        return tuple(self._places)

    def __getitem__(self, name: str) -> Kind:
        """Import one extension and return what its constant holds.

        Raises:
            UnknownExtensionError: no file and no entry point has this name.
            TypeError: the file does not define the constant, or defines something else under its name.
        """
        place = self._own.get(name) or self._places.get(name)
        if place is None:
            raise UnknownExtensionError(self.constant, name, self.ids)
        found = getattr(importlib.import_module(place.partition(":")[0]), self.constant, None)
        if not isinstance(found, self.kind):
            message = f"{place} must define {self.constant} as a {self.kind.__name__}, not {type(found).__name__}."
            raise TypeError(message)
        return found

    def __iter__(self) -> Iterator[Kind]:
        """Import and give every extension, in the order of the ids."""
        return (self[name] for name in self.ids)

    def __len__(self) -> int:
        """How many extensions there are."""
        return len(self._places)


def _third_parties(group: str) -> dict[str, str]:
    """Return what installed packages name as entry points of a group: ids with the places that define them."""
    if not _may_be_named(group):
        return {}
    from importlib.metadata import entry_points  # noqa: PLC0415 - it and reading all packages with it takes a tenth of a second

    return {point.name: point.value for point in entry_points(group=group)}


def _may_be_named(group: str) -> bool:
    """Whether the name of a group stands among any installed package's entry points, as far as plain folders tell.

    Packages in archives, eggs and those that a finder of its own finds are left to ``importlib.metadata``.
    """
    if any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path):
        return True
    for place in map(Path, sys.path):
        if place.is_file() or place.suffix == ".egg":
            return True
        if place.is_dir():
            with os.scandir(place) as entries:
                names = [entry.name for entry in entries]
            if any(name.endswith(".egg") for name in names):
                return True
            points = (place / name / POINTS for name in names if name.casefold().endswith("-info"))
            if any(group in path.read_text(encoding="utf-8", errors="replace") for path in points if path.is_file()):
                return True
    return False
