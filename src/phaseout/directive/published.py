"""The published JSON Schema, made from the shapes; and what it says of one place of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from phaseout.directive.shape import DirectiveShape
from phaseout.directive.tree import Step
from phaseout.directive.waiver_shape import WaiversShape

SHAPES: Final[Mapping[str, type[BaseModel]]] = {"directive": DirectiveShape, "waivers": WaiversShape}
"""What is published: a file each in ``schema/``, by name."""

Part = dict[str, Any]


@cache
def schema(shape: type[BaseModel]) -> Part:
    """Return the JSON Schema (draft 2020-12) of a shape, without what pydantic adds for itself."""
    made: Part = _plain(shape.model_json_schema())
    return made


def schema_text(name: str) -> str:
    """Return the text of a published schema file.

    Args:
        name: one of ``SHAPES``.

    Raises:
        KeyError: nothing of this name is published.
    """
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:phaseout:{name}",
        "title": f"phaseout {name}",
    }
    return json.dumps(head | schema(SHAPES[name]), indent=2, ensure_ascii=False) + "\n"


def known_keys(shape: type[BaseModel], path: Sequence[Step]) -> tuple[str, ...]:
    """Return the keys that may stand in the table at the end of a path."""
    return tuple(_at(shape, path).get("properties", ()))


def described(shape: type[BaseModel], path: Sequence[Step]) -> str:
    """Return a sentence on what belongs at the end of a path."""
    said = _at(shape, path, follow=False).get("description")
    return f"It means: {said}" if said else "Look at `phaseout directive example` for the form."


def _plain(part: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a schema without made-up titles, without null as a value, and without defaults that say nothing."""
    if isinstance(part, list):
        return [_plain(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: _plain(value) for key, value in part.items() if not _noise(key, value)}
    if "patternProperties" in kept:  # an id that is none is refused by the check, so it is by the schema
        kept["additionalProperties"] = False
    choices = [choice for choice in kept.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del kept["anyOf"]
        return choices[0] | kept
    return kept


def _noise(key: str, value: object) -> bool:
    """Tell whether a key of a schema is pydantic's own; a property called ``title`` is a table, not a text."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, "", [], {}))


def _at(shape: type[BaseModel], path: Sequence[Step], *, follow: bool = True) -> Part:
    """Return the part of a shape's schema that stands for the end of a path; empty when nothing does."""
    whole = schema(shape)
    part = whole
    for step in path:
        part = _further(_followed(part, whole), step)
    return _followed(part, whole) if follow else part


def _followed(part: Part, whole: Part) -> Part:
    """Return what a reference stands for."""
    name = part.get("$ref", "").rpartition("/")[2]
    found: Part = whole["$defs"][name] if name else part
    return found


def _further(part: Part, step: Step) -> Part:
    """Return the schema one step further in."""
    if isinstance(step, str):
        properties = part.get("properties", {})
        by_pattern: Part = next(iter(part.get("patternProperties", {}).values()), {})
        found: Part = properties.get(step) or by_pattern
        return found
    return next((choice["items"] for choice in part.get("anyOf", ()) if "items" in choice), {})
