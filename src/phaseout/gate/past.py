"""Decisions of the past: decision logs read again, rotated and packed ones too."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from phaseout.gate.record import Record, record_of
from phaseout.model.fault import Fault, FaultsError

_DAMAGED: Final = "It is no whole gzip file: copy it anew, or read what gzip -dc still gives of it."


def records(paths: Iterable[Path]) -> Iterator[Record | None]:
    """Give the decisions of some logs, in the order of the files and lines.

    Args:
        paths: of the logs; those that end in ``.gz`` are unpacked.

    Yields:
        One decision a line; None for a line that is none, such as one that a full disk tore. Blank lines are left out.

    Raises:
        FaultsError: PO532 a log can't be read.
    """
    for path in paths:
        try:
            with path.open("rb") as plain, gzip.open(plain) if path.suffix == ".gz" else nullcontext(plain) as stream:
                yield from (record_of(line) for line in stream if line.strip())
        except (OSError, EOFError, zlib.error) as error:
            why = getattr(error, "strerror", None)  # what the system says; gzip's own errors have none
            message = f"The decision log can't be read: {why or error}."
            way_out = "Check the path, and that you may read the file." if why else _DAMAGED
            raise FaultsError((Fault(str(path), 0, 0, "PO532", message, way_out),)) from None


class Counted:
    """Decisions, and how many lines were none: a file that is no decision log must not pass for one without the decision.

    Args:
        decisions: None for a line that is none.
    """

    def __init__(self, decisions: Iterable[Record | None]) -> None:
        """Count from nothing."""
        self._decisions = decisions
        self.unreadable = 0
        """Lines that are no decision, of those that were read."""

    def __iter__(self) -> Iterator[Record]:
        """Give the decisions."""
        for each in self._decisions:
            if each is None:
                self.unreadable += 1
            else:
                yield each
