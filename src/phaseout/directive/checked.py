"""Files on the disk into everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phaseout.directive.load import check, load
from phaseout.directive.source import read_text
from phaseout.directive.waivers import check_waivers
from phaseout.model.fault import Fault, FaultsError


def check_files(directives: Sequence[Path], waivers: Sequence[Path] = ()) -> tuple[Fault, ...]:
    """Return everything that is wrong with some files, file by file.

    Args:
        directives: directives, each checked on its own.
        waivers: waiver files of the first directive; they can only be checked when it has no errors.
    """
    faults = [fault for path in directives for fault in _check_file(path)]
    if not waivers:
        return tuple(faults)
    try:
        directive = load(read_text(directives[0]), str(directives[0]))
    except FaultsError:
        return tuple(faults)  # told already
    for path in waivers:
        try:
            faults += check_waivers(read_text(path), str(path), directive)
        except FaultsError as error:
            faults += error.faults
    return tuple(faults)


def _check_file(path: Path) -> tuple[Fault, ...]:
    try:
        return check(read_text(path), str(path))
    except FaultsError as error:
        return error.faults
