"""What a scan has counted, as tables."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from phaseout.logs.native import needed
from phaseout.logs.scan import PLACE_BITS, Scan
from phaseout.reading.engine import Counted
from phaseout.reading.given import numbers

COUNTS: Final = ("key", "period", "chunk", "n", "first", "last", "first_row", "last_row", "days")
"""What is counted, in the order in which ``scan_write`` writes it."""

_KINDS: Final = {"first": pa.timestamp("us"), "last": pa.timestamp("us")}

_PART: Final = 8192
"""Rows of one batch of what was counted."""


def counted_of(scan: Scan, base: int, key: int = 0) -> Counted:
    """Return what was counted of a file; once, when nothing is counted any more.

    Args:
        scan: of the file.
        base: is added to each line's number.
        key: the number of the first key.
    """
    native, first = needed(), scan.tables[0]
    for other in scan.tables[1:]:
        if not native.scan_merge(first, other):
            raise MemoryError
    size, width = native.scan_keys(first), len(scan.columns)
    offsets = [np.empty(size + 1, np.int64) for _ in range(width)]
    texts = [np.empty(native.scan_column_bytes(first, column), np.uint8) for column in range(width)]
    tallies = np.empty((len(COUNTS), native.scan_tallies(first)), np.int64)
    native.scan_write(first, _addresses(texts), _addresses(offsets), tallies.ctypes.data)
    buffers = [[None, pa.py_buffer(offset), pa.py_buffer(text)] for offset, text in zip(offsets, texts, strict=True)]
    columns = [pa.Array.from_buffers(pa.large_string(), size, each) for each in buffers]
    counts = dict(zip(COUNTS, tallies, strict=True))
    counts["key"] += key
    starts = np.array(scan.starts, np.int64) + base + 1
    for name in ("first_row", "last_row"):
        counts[name] = starts[counts[name] >> PLACE_BITS] + (counts[name] & ((1 << PLACE_BITS) - 1))
    return Counted(
        _parted({"key": numbers(pa.int64(), np.arange(key, key + size)), **dict(zip(scan.columns, columns, strict=True))}),
        _parted({name: numbers(_KINDS.get(name, pa.int64()), column) for name, column in counts.items()}),
    )


def together(found: Sequence[Counted]) -> Counted:
    """Return what was counted of several files as one."""
    return Counted(pa.concat_tables(each.keys for each in found), pa.concat_tables(each.counts for each in found))


def _parted(columns: dict[str, pa.Array]) -> pa.Table:
    """Put columns together to a table of several batches, so that each core of an engine can take one."""
    table = pa.table(columns)
    return pa.Table.from_batches(table.to_batches(max_chunksize=_PART), table.schema)


def _addresses(arrays: Sequence[NDArray[Any]]) -> ctypes.Array[ctypes.c_void_p]:
    """Return where some arrays stand."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))
