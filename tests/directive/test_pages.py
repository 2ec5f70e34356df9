"""Every code has a page, and the page shows it as it really is printed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from phaseout.cli.directive import COMMAND
from phaseout.directive.codes import CODES
from phaseout.directive.load import check, load
from phaseout.directive.shipped import example_text
from phaseout.directive.waivers import check_waivers
from phaseout.model.fault import Severity

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def shown(page: str) -> list[tuple[str, str]]:
    return BLOCK.findall(page)


def printed_by_shell(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a page's shell lines in an empty folder; phaseout's own without a second process."""
    monkeypatch.chdir(folder)
    said = ""
    for line in script.splitlines():
        if line.startswith("phaseout directive "):
            said += CliRunner().invoke(COMMAND, line.split()[2:]).stdout
        else:
            subprocess.run(["bash", "-c", line], check=True)
    return said


def printed_by_yaml(code: str, blocks: list[str]) -> str:
    if code.startswith("PO2"):
        *orders, waivers = blocks
        directive = load(orders[0] if orders else example_text("minimum-versions"), "order.yaml")
        faults = check_waivers(waivers, "waivers.yaml", directive)
    else:
        faults = check(blocks[0], "order.yaml")
    return "".join(f"{'warning: ' if fault.severity is Severity.WARNING else ''}{fault}\n" for fault in faults)


@pytest.mark.parametrize("code", CODES)
def test_the_page_shows_what_is_printed_and_nothing_else(
    code: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (root / "docs" / "errors" / f"{code}.md").read_text(encoding="utf-8")
    blocks = shown(page)
    expected = [text for kind, text in blocks if kind == "text"]
    shell = [text for kind, text in blocks if kind == "sh"]
    yaml = [text for kind, text in blocks if kind == "yaml"]
    said = printed_by_shell(shell[0], tmp_path, monkeypatch) if shell else printed_by_yaml(code, yaml)
    assert [said] == expected
    assert set(re.findall(r"\bPO\d{3}\b", said)) == {code}


@pytest.mark.parametrize("code", CODES)
def test_the_page_says_what_the_code_says(code: str, root: Path) -> None:
    page = (root / "docs" / "errors" / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: {CODES[code].title}\n")
    assert ("This is a warning" in page) == (CODES[code].severity is Severity.WARNING)
    assert "\n## Way out\n" in page


def test_no_page_is_left_over(root: Path) -> None:
    pages = {page.stem for page in (root / "docs" / "errors").glob("PO[12]*.md")}
    assert pages == set(CODES)


def test_every_code_is_used_and_every_used_code_is_known(root: Path) -> None:
    room = root / "src" / "phaseout" / "directive"
    texts = [file.read_text(encoding="utf-8") for file in room.rglob("*.py") if file.name != "codes.py"]
    used = set(re.findall(r'"(PO\d{3})"', "".join(texts)))
    assert used == set(CODES)
