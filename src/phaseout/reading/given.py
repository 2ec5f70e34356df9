"""Arrow's columns from plain values, such as an engine is given.

PyArrow's own ways look whether the values are pandas', and import pandas for that, which takes longer than all else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TEXT = pa.string()
NUMBER = pa.int32()


def plain_table(types: Mapping[str, pa.DataType], columns: Iterable[Sequence[Any]]) -> pa.Table:
    """Put columns together to a table.

    Args:
        types: ``TEXT`` or ``NUMBER``, by the columns' names.
        columns: the values, in the same order; among texts some may be None.

    Example:
        >>> plain_table({"n": NUMBER, "name": TEXT}, [[1, 2], ["Ümit", None]]).to_pylist()
        [{'n': 1, 'name': 'Ümit'}, {'n': 2, 'name': None}]
    """
    arrays = [_column(kind, values) for kind, values in zip(types.values(), columns, strict=True)]
    return pa.table(dict(zip(types, arrays, strict=True)))


def _column(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    return _texts(values) if kind == TEXT else numbers(kind, np.array(values, np.int32))


def numbers(kind: pa.DataType, values: NDArray[Any]) -> pa.Array:
    """Return NumPy's numbers as Arrow's, where they are.

    Args:
        kind: the type, as wide as the numbers are.
        values: side by side, none of them null.
    """
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])


def same_text(text: str, size: int) -> pa.Array:
    """Return a text many times over.

    Raises:
        OverflowError: these are two gigabytes and more.
    """
    told = text.encode()
    begins = np.array(range(0, (size + 1) * len(told), len(told)) if told else [0] * (size + 1), np.int32)
    return pa.Array.from_buffers(TEXT, size, [None, pa.py_buffer(begins), pa.py_buffer(told * size)])


def _texts(values: Sequence[str | None]) -> pa.Array:
    """Return texts as Arrow keeps them: which are not null, where each begins, and all of their bytes."""
    told, known = None, [value or "" for value in values]
    if None in values:
        told = pa.py_buffer(np.packbits([value is not None for value in values], bitorder="little"))
    together = "".join(known)
    # A letter of ASCII is a byte: then no text has to be encoded by itself.
    sizes = map(len, known) if together.isascii() else (len(value.encode()) for value in known)
    begins = np.fromiter(accumulate(sizes, initial=0), np.int32, len(known) + 1)
    return pa.Array.from_buffers(TEXT, len(known), [told, pa.py_buffer(begins), pa.py_buffer(together.encode())])
