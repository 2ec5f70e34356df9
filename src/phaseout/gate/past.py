"""Decisions of the past: decision logs read again, rotated and packed ones too."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

from phaseout.gate.record import Record, record_of
from phaseout.model.fault import Fault, FaultsError


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
            message = f"The decision log can't be read: {getattr(error, 'strerror', None) or error}."
            way_out = "Check the path, and that you may read the file."
            raise FaultsError((Fault(str(path), 0, 0, "PO532", message, way_out),)) from None
