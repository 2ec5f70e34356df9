"""What the README shows of an answer is what the demo prints."""

from __future__ import annotations

import re
from pathlib import Path

from .conftest import LEFT_OUT, differs, typed

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def demo_of_the_makefile() -> str:
    """Return what ``make demo`` runs once everything is set up."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    rule = re.search(r"^demo:.*\n((?:\t.*\n)+)", text, re.MULTILINE)
    assert rule is not None
    lines = rule[1].replace("$(BIN)/", "").replace("$(DEMO)", "demo-out").replace("\t", "").splitlines()
    return " && ".join(line for line in lines if line.startswith("phaseout "))


def without_figures(text: str) -> str:
    """Return a text with a sign in place of every number: a better reading of one more client string moves some of them."""
    return re.sub(r" {2,}", "  ", re.sub(r"\d[\d,]*", "#", text))


def test_the_excerpt_is_what_is_printed(tmp_path: Path) -> None:
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    said = typed(demo_of_the_makefile(), tmp_path)
    line = differs([LEFT_OUT, *without_figures(shown[1]).splitlines(), LEFT_OUT], without_figures(said))
    assert line is None, f"It doesn't print, after the lines before it:\n{line}\nbut:\n{said}"
    assert (tmp_path / "demo-out" / "report.html").stat().st_size > 0


def test_the_pages_and_commands_that_it_names_are_there() -> None:
    assert [page for page in re.findall(r"docs/[\w/-]+\.md", README) if not (ROOT / page).is_file()] == []
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"\bmake (\w+)", README) if f"\n{name}:" not in rules] == []
