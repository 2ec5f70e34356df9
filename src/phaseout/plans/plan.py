"""A compiled expression."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
from msgspec import Struct

_TYPES: Final = (
    "string", "large_string", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double",
    "date32", "timestamp[us]",
)  # fmt: skip
_BY_NAME: Final = {str(kind): kind for kind in map(pa.type_for_alias, _TYPES)}
"""The types that columns of plans have, by their names; nothing nested, whose name could be read in two ways."""


class Plan(Struct, frozen=True):
    """A compiled expression.

    Attributes:
        sql: its text, in the engine's dialect.
        schema: the columns that come out.
    """

    sql: str
    schema: pa.Schema


def written_schema(schema: pa.Schema) -> list[list[Any]] | None:
    """Return a schema as plain data: name, type and whether it may be null, of each column; None when that can't be told.

    Example:
        >>> written_schema(pa.schema({"n": pa.int64(), "at": pa.timestamp("us")}))
        [['n', 'int64', True], ['at', 'timestamp[us]', True]]
        >>> written_schema(pa.schema({"parts": pa.list_(pa.string())})) is None
        True
    """
    columns = [[field.name, str(field.type), field.nullable] for field in schema]
    return columns if all(kind in _BY_NAME for _, kind, _ in columns) else None


def read_schema(columns: object) -> pa.Schema | None:
    """Return the schema that was written as plain data, or None when this is none."""
    if not isinstance(columns, list):
        return None
    fields = []
    for column in columns:
        match column:
            case [str(name), str(kind), bool(nullable)] if kind in _BY_NAME:
                fields.append(pa.field(name, _BY_NAME[kind], nullable))
            case _:
                return None
    return pa.schema(fields)
