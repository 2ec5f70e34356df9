"""What an engine is asked: a function that builds an expression, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from msgspec import Struct

from phaseout.reading.on_demand import ibis, ir


class Table(Struct, frozen=True):
    """A table that an engine keeps, by its name; it holds no rows and no expression.

    Attributes:
        name: under which the engine keeps it.
        schema: its columns.
    """

    name: str
    schema: pa.Schema


class Question(Struct, frozen=True):
    """An expression that is not built yet: whoever has its text already need not build it.

    Attributes:
        make: builds the expression; it must depend on nothing but what it is given, and on constants of the code.
        given: what it is given; each ``Table`` stands for an expression of that table.
        named: the same, by name.
    """

    make: Callable[..., ir.Table]
    given: tuple[Any, ...] = ()
    named: Mapping[str, Any] = {}

    def expression(self) -> ir.Table:
        """Build the expression."""
        named = {name: _expressed(value) for name, value in self.named.items()}
        return self.make(*map(_expressed, self.given), **named)


def _expressed(value: Any) -> Any:  # noqa: ANN401 - what a question is given may be anything
    return ibis.table(ibis.schema(value.schema), name=value.name) if isinstance(value, Table) else value
