"""The published JSON Schema is fresh, and an editor that knows it takes what we take."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from phaseout.directive.published import SHAPES, known_keys, schema_text
from phaseout.directive.shape import DirectiveShape
from phaseout.directive.shipped import example_names, example_text


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use: no dates, no yes and no, numbers by digits alone."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)


def as_an_editor_reads(text: str) -> Any:  # noqa: ANN401 - any JSON value
    return yaml.load(text, Loader=CoreLoader)  # noqa: S506 - a safe loader


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text(name)), format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("name", SHAPES)
def test_the_file_is_fresh(name: str, root: Path) -> None:
    file = root / "schema" / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schema_text(name), f"phaseout directive schema {name} > schema/{file.name}"


@pytest.mark.parametrize("name", SHAPES)
def test_the_schema_is_a_schema_and_describes_every_key(name: str) -> None:
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    tables = [schema, *schema["$defs"].values()]
    for table in tables:
        for key, value in table["properties"].items():
            assert value.get("description"), key


@pytest.mark.parametrize("name", example_names())
def test_an_editor_takes_the_examples(name: str) -> None:
    kind = "waivers" if name.endswith(".waivers") else "directive"
    errors = list(validator(kind).iter_errors(as_an_editor_reads(example_text(name))))
    assert errors == []


@pytest.mark.parametrize(
    "change",
    [
        ("from: 2027-01-01", "from: 2027-02-30"),
        ("strength: must", "strength: shall"),
        ("services: mail", "services: [mail, post]"),
        ("services: mail", "services: []"),
        ("services: mail\n", "service: mail\n"),
        ("id: mail", "id: my mail"),
        ("  old-phones:\n", "  old phones:\n"),
        ("{everyone: true}", "{everyone: 'yes'}"),
        ("below: 16", "below: 16.x"),
        ("title: No old phones for work mail", "title:"),
    ],
)
def test_an_editor_refuses_what_we_refuse(change: tuple[str, str], changed: Callable[..., str], told: Callable[..., Any]) -> None:
    text = changed(change)
    assert told(text)
    assert list(validator("directive").iter_errors(as_an_editor_reads(text)))


def test_what_belongs_at_a_place_is_known_for_every_table() -> None:
    assert known_keys(DirectiveShape, ("devices", "any-id")) == ("title", "is")
    assert "below" in known_keys(DirectiveShape, ("devices", "x", "is", "any", 3, "not", "version"))
    assert known_keys(DirectiveShape, ("waivers", "x")) == ("title", "granted_by", "longest_days")
    assert known_keys(DirectiveShape, ("clauses", 0, "who", "but_not")) == ("everyone", "units", "roles", "people")
    assert known_keys(DirectiveShape, ("title",)) == ()


def test_an_editor_takes_numbers_for_versions_and_ids(changed: Callable[..., str], told: Callable[..., Any]) -> None:
    text = changed(('version: "1.0"', "version: 1.0"), ("id: mail", "id: 1"), ("below: 16", "below: 16.4"))
    assert told(text) == []
    assert list(validator("directive").iter_errors(as_an_editor_reads(text))) == []
