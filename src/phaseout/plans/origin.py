"""What plans are made from, beside the question: the code that builds expressions, and the libraries that compile them."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import phaseout

_ROOMS: Final = ("model", "reading", "readers", "plans", "engines")
"""The rooms of the house whose code expressions are built by; the rules of the house keep all others out of them."""


def is_ours(named: Any) -> bool:  # noqa: ANN401 - a function or a class
    """Whether a function or a class stands in code that ``origin`` looks at."""
    return any(named.__module__.startswith(f"phaseout.{room}.") for room in _ROOMS)


@cache
def origin(libraries: tuple[str, ...]) -> str | None:
    """Return a digest of every byte that plans are made from, or None when it can't be told.

    Args:
        libraries: the distributions that compile, and the one that the plans are for.
    """
    try:
        versions = [f"{name} {version(name)}" for name in libraries]
        return digest(Path(phaseout.__file__).parent, [f"phaseout {phaseout.__version__}", sys.version, *versions])
    except (OSError, PackageNotFoundError):
        return None


def digest(house: Path, versions: list[str]) -> str:
    """Return a digest of versions and of the code of the rooms.

    The bytes count, not their time stamps: files that a package manager lays down may all have the same one.

    Args:
        house: the folder of the package.
        versions: what else counts.

    Raises:
        OSError: a file can't be read.
    """
    found = hashlib.sha256(repr(versions).encode())
    for room in _ROOMS:
        for path in sorted((house / room).rglob("*.py")):
            code = path.read_bytes()
            found.update(f"\0{path.relative_to(house)}\0{len(code)}\0".encode())
            found.update(code)
    return found.hexdigest()
