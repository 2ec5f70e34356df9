"""What tells whether a file is another one than before."""

from __future__ import annotations

import os
from pathlib import Path


def state_of(path: Path) -> object:
    """Return what differs when a file was changed, replaced, or let be read; None when there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - called every second; pathlib would make an object each time
    except (OSError, ValueError):
        return None
    # The time of the last change is that of rights and owner, too.
    return found.st_ctime_ns, found.st_mtime_ns, found.st_size, found.st_ino


def states_of(*paths: Path | None) -> tuple[object, ...]:
    """Return the same of several files; None stands for one that nobody named."""
    return tuple(state_of(path) for path in paths if path is not None)
