"""What the tutorial says is typed is typed, and what it says is printed is printed, in that order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .conftest import LEFT_OUT, differs, typed

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)


@dataclass
class Step:
    """One command, and the lines that the page shows of what it prints."""

    command: str
    shown: list[str] = field(default_factory=list)


def steps() -> list[Step]:
    """Return the page's commands with what it shows of their output."""
    found: list[Step] = []
    for block in CONSOLE.findall(TUTORIAL.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line.removeprefix("$ ")))
            else:
                found[-1].shown.append(line)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tutorial")


def test_the_page_holds_as_it_stands(folder: Path) -> None:
    todo = steps()
    assert len(todo) >= 9
    for step in todo:
        said = typed(step.command, folder)
        line = differs(step.shown, said)
        assert line is None, f"$ {step.command}\nprints something else than:\n{line}\nIt prints:\n{said}"


def test_whatever_the_page_does_not_show_would_be_missed() -> None:
    said = "a\nb\nd e f\n"
    assert differs(["a", LEFT_OUT, f"d {LEFT_OUT} f"], said) is None
    assert differs(["a", LEFT_OUT], said) is None
    assert differs(["a", "d e f"], said) == "d e f"
    assert differs([LEFT_OUT, "d e f", "a"], said) == "a"
    assert differs(["a", "b"], said) == "(nothing more)"
    assert differs([], said) == "(nothing more)"
