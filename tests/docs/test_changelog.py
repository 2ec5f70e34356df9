"""Every small file of a change comes into the changelog."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHANGES = sorted((ROOT / "changelog.d").glob("*.md"))


@pytest.fixture(scope="module")
def draft() -> str:
    towncrier = Path(sys.executable).with_name("towncrier")
    command = [towncrier, "build", "--draft", "--version", "9.9.9", "--date", "2026-11-01"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_release_has_its_heading(draft: str) -> None:
    assert "## 9.9.9 (2026-11-01)" in draft


@pytest.mark.parametrize("path", CHANGES, ids=lambda path: path.stem)
def test_a_change_comes_into_it(path: Path, draft: str) -> None:
    assert re.fullmatch(r"\+?[\w-]+\.(added|changed|fixed|removed)\.md", path.name)
    assert " ".join(path.read_text(encoding="utf-8").split()) in " ".join(draft.split())


def test_a_release_finds_where_to_write() -> None:
    assert (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").count("<!-- changes begin here -->\n") == 1
