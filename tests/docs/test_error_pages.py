"""The pages about logs and runs show what is really printed; those about orders and staff lists are held by their own rooms."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "errors").glob("PO4*.md"))
SHOWN = re.compile(r"```(sh|text)\n(.*?)\n```", re.DOTALL)


def printed(script: str, folder: Path) -> list[str]:
    """Run a page's lines in an empty folder and return what the last one says is wrong."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done
    assert done.stdout == ""
    *faults, last = done.stderr.splitlines()
    assert last == "1 error; nothing was answered."
    return faults


def test_there_are_pages() -> None:
    assert len(PAGES) >= 7


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_shows_what_is_told(page: Path, tmp_path: Path) -> None:
    (kind, script), (shown_as, expected) = SHOWN.findall(page.read_text(encoding="utf-8"))
    assert (kind, shown_as) == ("sh", "text")
    pattern = re.escape(expected).replace(r"\.\.\.", ".+")  # what grows with every new format is left out on the page
    (told,) = printed(script, tmp_path)
    assert re.fullmatch(pattern, told), told
    assert f" {page.stem} " in told
