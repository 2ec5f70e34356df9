"""YAML into a tree: nothing is taken for what it only looks like, and no file costs more than its limits."""

from __future__ import annotations

import time

import pytest
import yaml

from phaseout.directive import compose as room
from phaseout.directive.collected import Collected
from phaseout.directive.compose import _NOT_ALLOWED, BYTES_AT_MOST, compose
from phaseout.directive.shipped import example_names, example_text
from phaseout.directive.tree import Table, data


def read(text: str) -> tuple[object, list[str]]:
    faults = Collected("d.yaml")
    tree = compose(text, faults)
    return data(tree) if isinstance(tree, Table) else None, [fault.code for fault in faults.faults]


@pytest.mark.parametrize(
    "written",
    ["no", "on", "yes", "2023-13-01", "2023-07-17", "1.10", "0o17", "017", "1_000", "0x1F", "12:30:00", ".inf", "=", "1e3"],
)
def test_every_value_is_the_text_that_was_written(written: str) -> None:
    assert read(f"a: {written}\n") == ({"a": written}, [])


@pytest.mark.parametrize(("written", "blank"), [("", True), ("~", True), ("null", True), ("''", False), ("'null'", False)])
def test_nothing_is_not_the_same_as_an_empty_text(written: str, *, blank: bool) -> None:
    faults = Collected("d.yaml")
    tree = compose(f"a: {written}\n", faults)
    assert isinstance(tree, Table)
    assert getattr(tree.entries["a"].node, "blank", None) is blank


def test_an_alias_is_what_it_stands_for_with_its_place() -> None:
    assert read("a: &x [1, {b: 2}]\nc: *x\n") == ({"a": ["1", {"b": "2"}], "c": ["1", {"b": "2"}]}, [])


def test_merge_keys_are_plain_keys() -> None:
    assert read("a: &x {b: 1}\nc: {<<: *x}\n") == ({"a": {"b": "1"}, "c": {"<<": {"b": "1"}}}, [])


def test_the_first_of_two_equal_keys_is_kept_and_each_further_one_told() -> None:
    assert read("a: 1\na: 2\na: 3\n") == ({"a": "1"}, ["PO111", "PO111"])


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert read("\ufeffa: 1\n") == ({"a": "1"}, [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 5_000, "PO108"),
        ("{a: " * 5_000, "PO108"),
        ("- " * 200_000, "PO108"),
        ("\n".join(f"k{n}: &a{n} [{', '.join(['*a' + str(n - 1)] * 9)}]" if n else "k0: &a0 x" for n in range(60)), "PO109"),
        ("a: [" + "x, " * 300_000 + "]", "PO109"),
        ("a: &a [*a]", "PO110"),
        ("x" * (BYTES_AT_MOST + 1), "PO102"),
        ("é" * (BYTES_AT_MOST // 2 + 1), "PO102"),
        ("a: \ud800", "PO105"),
        ("a: \x00", "PO105"),
        ("a: b\n\tc: d\n", "PO107"),
    ],
)
def test_what_could_cost_much_is_told_quickly(text: str, code: str) -> None:
    begun = time.perf_counter()
    assert code in read(text)[1]
    assert time.perf_counter() - begun < 10


def test_a_scalar_at_the_top_is_told() -> None:
    assert read("hello") == (None, ["PO122"])


@pytest.mark.parametrize("name", example_names())
def test_both_of_pyyamls_parsers_make_the_same_tree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = []
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        monkeypatch.setattr(room, "LOADER", loader)
        faults = Collected("d.yaml")
        trees.append(compose(example_text(name), faults))
        assert faults.faults == ()
    assert trees[0] == trees[1]
    assert trees[0] is not None


def test_the_characters_of_yaml_may_stand_and_no_others() -> None:
    allowed = "\t\n\r\x85" + "".join(
        chr(code)
        for first, last in ((0x20, 0x7E), (0xA0, 0xD7FF), (0xE000, 0xFEFE), (0xFF00, 0xFFFD), (0x10000, 0x10FFFF))
        for code in range(first, last + 1)
    )
    others = {chr(code) for code in range(0x110000)}.difference(allowed)
    assert _NOT_ALLOWED.search(allowed) is None
    assert all(map(_NOT_ALLOWED.match, others))
