"""A file on the disk into text; everything that can be wrong with it is a fault."""

from __future__ import annotations

from pathlib import Path

from phaseout.directive.collected import Collected
from phaseout.directive.compose import BYTES_AT_MOST
from phaseout.directive.tree import Mark


def read_text(path: Path, file: str | None = None) -> str:
    """Read a directive's or a waiver file's text.

    Args:
        path: the file.
        file: its name as faults should say it; the path as given when None.

    Raises:
        FaultsError: the file is missing, may not be read, is too large, or is not UTF-8.
    """
    faults = Collected(file if file is not None else str(path))
    try:
        with path.open("rb") as opened:
            content = opened.read(BYTES_AT_MOST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        faults.add("PO101", None, f"The file cannot be read: {reason}.", "Look at its name and at who may read it.")
        raise faults.error() from error
    if len(content) > BYTES_AT_MOST:
        faults.add("PO102", None, f"The file is larger than {BYTES_AT_MOST >> 20} MiB.", "Split it into several directives.")
        raise faults.error()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        mark = Mark(before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
        message = f"The byte 0x{content[error.start]:02X} is not UTF-8."
        faults.add("PO103", mark, message, "Save the file as UTF-8 in your editor.")
        raise faults.error() from error
