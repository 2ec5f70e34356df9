"""How the files of the house are cut and named."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
MADE = ROOT / "bench" / "out"
"""What measuring makes and brings."""
WRITTEN = sorted(
    path
    for room in ("src", "tests", "bench", "docs", "tools")
    for path in (ROOT / room).rglob("*.py")
    if not path.is_relative_to(MADE)
)
MOST_LINES = 400
SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
PAGES = {path.stem for path in (ROOT / "docs" / "errors").glob("PO*.md")}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_something_to_look_at() -> None:
    assert len(SOURCES) > 50
    assert ROOT / "src" / "phaseout" / "judge" / "decide.py" in SOURCES


def test_no_file_has_more_than_400_lines() -> None:
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in WRITTEN}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(path) for path in SOURCES if SAY_NOTHING & {path.stem.strip("_"), path.parent.name}] == []


def test_no_import_is_hidden_from_the_checks() -> None:
    assert [name_of(path) for path in SOURCES if "TYPE_CHECKING" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)


def codes_in(path: Path) -> set[str]:
    """Return the codes that stand in a file as strings of their own: what it can tell, not what it writes about."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {text for text in strings if re.fullmatch(r"PO\d{3}", text)}


def test_every_code_that_can_be_told_has_a_page_and_every_page_a_code() -> None:
    told = {code for path in SOURCES for code in codes_in(path)}
    assert sorted(told - PAGES) == [], "codes without a page"
    assert sorted(PAGES - told) == [], "pages of codes that nothing tells"


@pytest.mark.parametrize("code", sorted(PAGES))
def test_a_page_has_a_title_an_example_and_a_way_out(code: str) -> None:
    text = (ROOT / "docs" / "errors" / f"{code}.md").read_text(encoding="utf-8")
    assert re.match(rf"# {code}: \S", text)
    assert "\n## Example\n" in text
    assert "\n## Way out\n" in text
