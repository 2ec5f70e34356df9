"""Expressions for logs with one JSON object a line. The engine reads them; nothing of a line is read twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from phaseout.reading.functions import function
from phaseout.reading.on_demand import dt, ibis, ir

TEXT: Final = "VARCHAR"
"""A field that is text; numbers, truth values, objects and lists come as their JSON text."""

Shape = str | Mapping[str, Any] | Sequence[Any]
"""``TEXT``, an object by its fields, or a list of one shape."""


@function("json_valid", "string", gives="boolean")
def is_json(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a text is JSON."""


def _type(shape: Shape) -> dt.DataType:
    if isinstance(shape, str):
        return dt.string
    if isinstance(shape, Mapping):
        return dt.Struct({name: _type(inner) for name, inner in shape.items()})
    return dt.Array(_type(shape[0]))


def picker(shape: Shape) -> Callable[[ir.StringValue], ir.Column]:
    """Return an expression that reads texts as JSON of a shape.

    What the shape doesn't name is passed over; what is missing or of another kind is null, and so is a text that is no JSON.

    Args:
        shape: an object's fields, or a list of such.

    Example:
        >>> pick = picker({"who": TEXT, "pairs": [{"Name": TEXT, "Value": TEXT}]})
        >>> pick(ibis.table({"line": "string"}, name="lines").line).type().names
        ('who', 'pairs')
    """
    structure = json.dumps(shape)

    @function("json_transform", "string", "string", gives=lambda: _type(shape))
    def transform(text: ir.StringValue, structure: str) -> ir.Column:
        """Read a text as JSON of a structure."""

    def read(text: ir.StringValue) -> ir.Column:
        return transform(ibis.ifelse(is_json(text), text, ibis.null("string")), structure)

    return read


def value_of(pairs: ir.ArrayValue, name: str, key: str = "Name", value: str = "Value") -> ir.StringValue:
    """Return the value that stands beside a name in a list of pairs; null when it is missing or empty.

    Args:
        pairs: objects with a name and a value each.
        name: which to look for.
        key: the field of the name.
        value: the field of the value.
    """
    return pairs.filter(lambda pair: pair[key] == name)[0][value].nullif("")


def fault_of(text: ir.StringValue, at: ir.TimestampValue) -> ir.StringValue:
    """Say why a line can't be read, or null.

    Args:
        text: the line, or the JSON within it.
        at: the record's instant, or null.
    """
    return ibis.cases(
        (at.notnull(), ibis.null("string")),
        (text.re_search(r"^\s*(?:\[|\{\s*\"(?:records|value)\"\s*:\s*\[)"), "several records in one line"),
        (~is_json(text), "no JSON object"),
        else_="no time stamp",
    )


def without_mark(line: ir.StringValue) -> ir.StringValue:
    """Return a line without the byte order mark that a file may begin with."""
    return ibis.ifelse(line.startswith("\ufeff"), line.substr(1), line)


def objects(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Return the JSON objects among some lines, for looking at a file's beginning."""
    found = []
    for line in lines:
        text = line.removeprefix("\ufeff")
        if not text.lstrip().startswith("{"):  # nearly every line of other formats; a failure costs twenty times as much
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found
