"""Small tables of plain values, such as an engine is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa

TEXT = pa.string()
NUMBER = pa.int32()


def plain_table(types: Mapping[str, pa.DataType], columns: Iterable[Sequence[Any]]) -> pa.Table:
    """Put columns together to a table.

    PyArrow's own way from lists to tables looks whether they are pandas', and imports pandas for that.

    Args:
        types: ``TEXT`` or ``NUMBER``, by the columns' names.
        columns: the values, in the same order; among texts some may be None.

    Example:
        >>> plain_table({"n": NUMBER, "name": TEXT}, [[1, 2], ["Ümit", None]]).to_pylist()
        [{'n': 1, 'name': 'Ümit'}, {'n': 2, 'name': None}]
    """
    arrays = [_texts(values) if kind == TEXT else _numbers(values) for kind, values in zip(types.values(), columns, strict=True)]
    return pa.table(dict(zip(types, arrays, strict=True)))


def _numbers(values: Sequence[int]) -> pa.Array:
    return pa.Array.from_buffers(NUMBER, len(values), [None, pa.py_buffer(np.array(values, np.int32))])


def _texts(values: Sequence[str | None]) -> pa.Array:
    """Return texts as Arrow keeps them: which are not null, where each begins, and all of their bytes."""
    encoded = [(value or "").encode() for value in values]
    begins = np.fromiter(accumulate(map(len, encoded), initial=0), np.int32, len(encoded) + 1)
    told = None
    if None in values:
        told = pa.py_buffer(np.packbits([value is not None for value in values], bitorder="little"))
    return pa.Array.from_buffers(TEXT, len(values), [told, pa.py_buffer(begins), pa.py_buffer(b"".join(encoded))])
