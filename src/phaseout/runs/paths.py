"""The log files that paths stand for, and what lies beside them and is not read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from phaseout.model.answer import LeftOut
from phaseout.model.fault import Fault, FaultsError


class Found(Struct, frozen=True):
    """What was found.

    Attributes:
        logs: the files, in the order of the paths, those of a folder sorted.
        left_out: what lies in the folders and is not read, and what is read by another name.
    """

    logs: tuple[Path, ...]
    left_out: tuple[LeftOut, ...]


def logs_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Replace folders by the files in them; as ``found_in`` does.

    Raises:
        FaultsError: as ``found_in`` does.
    """
    return found_in(paths).logs


def found_in(paths: Sequence[Path]) -> Found:
    """Replace folders by the files in them, at any depth; hidden files, links to folders, and what is no file are left out.

    Raises:
        FaultsError: PO401 a path does not exist; PO402 a folder has no files; PO407 a folder can't be opened, or
            a path is no file.
    """
    logs: list[Path] = []
    left_out: list[LeftOut] = []
    faults: list[Fault] = []
    for path in paths:
        if path.is_dir():
            before = len(logs), len(faults)
            for each in _below(path):
                if isinstance(each, Path):
                    logs.append(each)
                elif isinstance(each, LeftOut):
                    left_out.append(each)
                else:
                    faults.append(each)
            if (len(logs), len(faults)) == before:
                faults.append(
                    Fault(str(path), 0, 0, "PO402", "The folder has no files.", "Name the folder that the logs are in.")
                )
        elif path.is_file():
            logs.append(path)
        elif path.exists():
            message = "It is no ordinary file, and logs are read more than once."
            way_out = "Write what comes out of it into a file; gzip and zstd are read as they are."
            faults.append(Fault(str(path), 0, 0, "PO407", message, way_out))
        else:
            faults.append(Fault(str(path), 0, 0, "PO401", "There is no such file or folder.", "Check the path."))
    if faults:
        raise FaultsError(tuple(faults))
    kept, again = _once(dict.fromkeys(logs))
    return Found(tuple(kept), (*left_out, *again))


def _once(logs: Iterable[Path]) -> tuple[list[Path], list[LeftOut]]:
    """Keep each file once, by whatever names it was found; one name given by a link is as good as another."""
    kept: dict[tuple[int, int], Path] = {}
    again = []
    for path in logs:
        about = path.stat()
        if kept.setdefault((about.st_dev, about.st_ino), path) is not path:
            again.append(LeftOut(str(path), "another name of a file that is read"))
    return list(kept.values()), again


def _below(folder: Path) -> Iterator[Path | LeftOut | Fault]:
    """Give what lies in a folder, at any depth, sorted: files, what is left out, and folders that can't be opened."""
    closed: list[OSError] = []
    files: list[Path] = []
    for name, folders, names in os.walk(folder, onerror=closed.append):
        here = Path(name)
        for each in (*(sub for sub in folders if sub.startswith(".")), *(file for file in names if file.startswith("."))):
            yield LeftOut(str(here / each), "hidden")
        yield from (LeftOut(str(here / sub), "a link to a folder") for sub in folders if (here / sub).is_symlink())
        folders[:] = [sub for sub in folders if not sub.startswith(".")]
        for path in (here / file for file in names if not file.startswith(".")):
            if path.is_file():
                files.append(path)
            else:
                yield LeftOut(str(path), "no file that can be read")
    yield from sorted(files)
    for error in closed:
        way_out = "Make sure that you may open it, or name the logs that you may read."
        yield Fault(str(error.filename), 0, 0, "PO407", f"It can't be opened: {error.strerror}.", way_out)
