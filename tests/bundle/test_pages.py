"""Every page of this room's errors shows what is really printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import click
import pytest

from phaseout.bundle import refusal
from phaseout.cli import command
from phaseout.model.fault import FaultsError

ERRORS = Path(__file__).parents[2] / "docs" / "errors"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
CODES = sorted(path.stem for path in ERRORS.glob("PO5*.md") if path.stem < "PO520")
BY_THE_GATE = {
    "PO506": lambda text: refusal.OLDER("gate.bundle", text),
    "PO508": lambda text: refusal.EXPIRED("gate.bundle", text),
    "PO509": lambda text: refusal.AHEAD("gate.bundle", text),
}


def printed(script: str) -> str:
    """Run a page's lines; phaseout's own without a second process."""
    said = ""
    for line in script.splitlines():
        if not line.startswith("phaseout ") or ">" in line:
            subprocess.run(["bash", "-ec", line], check=True, env={**os.environ, "PATH": PATH})
            continue
        try:
            command.main(line.split()[1:], standalone_mode=False)
        except FaultsError as error:
            said += f"{error}\n"
        except click.ClickException as error:
            said += f"{error.format_message()}\n"
    return said


@pytest.mark.parametrize("code", CODES)
def test_the_page_shows_what_is_printed(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = dict(BLOCK.findall((ERRORS / f"{code}.md").read_text(encoding="utf-8")))
    if code in BY_THE_GATE:
        shown = blocks["text"]
        said = f"{BY_THE_GATE[code](shown.split(f' {code} ')[1].split('. ')[0] + '.')}\n"
        assert datetime.fromisoformat(re.findall(r"\d{4}-\S+\d", shown)[0]).tzinfo
    else:
        said = re.sub(r"\b[0-9a-f]{64}\b", "FINGERPRINT", printed(blocks["sh"]))
    assert said == blocks["text"]


def test_every_code_of_the_room_has_a_page() -> None:
    source = Path(refusal.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'"(PO\d{3})"', source)) == set(CODES)
