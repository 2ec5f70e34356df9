"""Every code of the staff list has a page, and the page shows it as it really is printed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from phaseout.model.fault import FaultsError
from phaseout.people.columns import NAMES
from phaseout.people.load import load_list

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "errors").glob("PO3*.md"))
SHOWN = re.compile(r"```(csv|sh|text)\n(.*?)\n```", re.DOTALL)
USED = {
    code for path in (ROOT / "src" / "phaseout" / "people").rglob("*.py") for code in re.findall(r"PO3\d\d", path.read_text())
}


def faults_of(path: str, encoding: str | None) -> list[str]:
    try:
        return [str(fault) for fault in load_list(Path(path), encoding).warnings]
    except FaultsError as error:
        return [str(fault) for fault in error.faults]


def printed_by_shell(script: str) -> list[str]:
    """Run a page's shell lines; the last names the list, its encoding, and how much of what is told the page shows."""
    *making, check = script.splitlines()
    for line in making:
        subprocess.run(["bash", "-c", line], check=True)
    path, encoding = re.search(r"--people (\S+)", check), re.search(r"--people-encoding (\S+)", check)
    assert path is not None
    told = faults_of(path[1], encoding[1] if encoding else None)
    return told[-1:] if "tail -n 1" in check else told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_shows_what_is_told_and_nothing_else(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    (kind, example), (shown_as, expected) = SHOWN.findall(text)
    assert shown_as == "text"
    if kind == "csv":
        Path("staff.csv").write_text(f"{example}\n", encoding="utf-8")
        told = faults_of("staff.csv", None)
    else:
        told = printed_by_shell(example)
    assert told == expected.splitlines()
    assert {line.split()[1] for line in told} == {page.stem}
    assert text.startswith(f"# {page.stem}: ")


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {page.stem for page in PAGES} == USED
    assert len(USED) > 20


def test_the_page_of_missing_columns_lists_every_name() -> None:
    text = (ROOT / "docs" / "errors" / "PO306.md").read_text(encoding="utf-8")
    for names in NAMES.values():
        assert f"| {', '.join(names)} |" in text
