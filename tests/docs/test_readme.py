"""What the README shows of an answer is what the demo prints."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from programs import free_port, running

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


def test_the_mail_door_s_commands_need_nothing_but_what_stands_before_them(tmp_path: Path) -> None:
    commands = [line.partition("  #")[0] for line in README.splitlines() if line.startswith("phaseout ")]
    example = next(line for line in commands if line.startswith("phaseout directive example "))
    *before, gate = [line for line in commands if re.match(r"phaseout (bundle|gate --)", line)]
    (tmp_path / "staff.csv").write_text("id,name,login\n7,Anna,anna@example.org\n", encoding="utf-8")
    said = typed(" && ".join([example, *before]), tmp_path)
    assert "Written: gate.bundle" in said
    port = free_port()
    served = gate.replace("127.0.0.1:14001", f"127.0.0.1:{port}").split()
    with running([Path(sys.executable).with_name(served[0]), *served[1:]], tmp_path / "said", port, cwd=tmp_path):
        assert "INFO Serving gate.bundle" in (tmp_path / "said").read_text("utf-8")


def test_the_pages_and_commands_that_it_names_are_there() -> None:
    assert [page for page in re.findall(r"docs/[\w/-]+\.md", README) if not (ROOT / page).is_file()] == []
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [name for name in re.findall(r"\bmake (\w+)", README) if f"\n{name}:" not in rules] == []
