"""The reference of the format is true: its examples pass, and it leaves no key out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from phaseout.directive.load import check, load
from phaseout.directive.published import SHAPES, schema_text
from phaseout.directive.waivers import check_waivers


@pytest.fixture
def reference(root: Path) -> str:
    return (root / "docs" / "directive.md").read_text(encoding="utf-8")


def test_the_examples_of_the_reference_pass_without_a_warning(reference: str) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", reference, re.DOTALL)
    order, waivers = (block for block in blocks if not block.startswith("#"))
    assert [str(fault) for fault in check(order, "order.yaml")] == []
    assert [str(fault) for fault in check_waivers(waivers, "waivers.yaml", load(order, "order.yaml"))] == []


def test_the_example_uses_every_key_there_is(reference: str) -> None:
    written = set(re.findall(r"([a-z_]+):", "".join(re.findall(r"```yaml\n(.*?)```", reference, re.DOTALL))))
    assert keys() - written == {"all", "model", "below", "role"}


def test_the_reference_names_every_key(reference: str) -> None:
    named = set(re.findall(r"`([a-z_]+)(?:: [^`]*)?`", reference))
    assert keys() - named == {"directive"}  # its example shows it


def keys() -> set[str]:
    found: set[str] = set()
    for name in SHAPES:
        schema = json.loads(schema_text(name))
        for table in (schema, *schema["$defs"].values()):
            found |= set(table["properties"])
    return found
