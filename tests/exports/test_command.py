"""The commands as a user meets them: files, exit codes, and pages of errors that show what is really printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from phaseout.exports import EXPORTS

from .conftest import SAMPLES

PHASEOUT = Path(sys.executable).parent / "phaseout"
ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "errors").glob("PO6*.md"))
SHOWN = re.compile(r"```(sh|text)\n(.*?)\n```", re.DOTALL)
FOLDER = SAMPLES / "everyone"
INPUTS = ("access.log", "-d", "order.yaml", "-p", "staff.csv", "-w", "waivers.yaml", "--at", "2026-03-20T03:00+03:00")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PHASEOUT, *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("kind", EXPORTS.ids)
def test_an_export_is_written_with_what_stands_beside_it(kind: str, tmp_path: Path) -> None:
    export = EXPORTS[kind]
    out = tmp_path / f"made{export.suffix}"
    ids = ("--ids", "ids.toml") if export.takes_ids else ()
    done = run("export", kind, *INPUTS, *ids, "--out", out)
    assert done.returncode == 0, done.stderr
    names = {f"made{suffix}" for suffix in (export.suffix, *export.beside)}
    assert {path.name for path in tmp_path.iterdir()} == names
    golden = (FOLDER / f"{kind}{export.suffix}").read_text("utf-8").splitlines()
    made = out.read_text("utf-8").splitlines()
    assert len(made) == len(golden)
    assert len([1 for one, other in zip(made, golden, strict=True) if one != other]) == 1, "the version's line alone"


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    done = run("export", "entra", *INPUTS, "--out", tmp_path / "made.json")
    assert done.returncode == 1
    assert "PO605" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_parity_prints_words_or_json_and_fails_when_asked_to() -> None:
    done = run("parity", *INPUTS)
    assert done.returncode == 0, done.stderr
    assert "exchange: " in done.stdout
    done = run("parity", *INPUTS, "--json", "--fail", "--export", "nginx")
    assert done.returncode == 3
    head, *differences = [json.loads(line) for line in done.stdout.splitlines()]
    assert head["kind"] == "export"
    assert head["differences"] == len(differences) > 0
    assert head["differing"] == sum(each["accesses"] for each in differences)


def test_parity_does_not_fail_without_differences(tmp_path: Path) -> None:
    order = (FOLDER / "order.yaml").read_text("utf-8").replace("from: 2026-02-01", "from: 2026-12-01")
    (tmp_path / "order.yaml").write_text(order, "utf-8")
    done = run("parity", "access.log", "-d", tmp_path / "order.yaml", "-p", "staff.csv", "--at", "2026-03-20", "--fail")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 of 40 accesses differ" in done.stdout


def test_there_are_pages() -> None:
    assert len(PAGES) == 6


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_shows_what_is_told(page: Path, tmp_path: Path) -> None:
    (kind, script), (shown_as, expected) = SHOWN.findall(page.read_text(encoding="utf-8"))
    assert (kind, shown_as) == ("sh", "text")
    path = f"{PHASEOUT.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done
    told, last = done.stderr.splitlines()
    assert last == "1 error; nothing was answered."
    assert re.fullmatch(re.escape(expected).replace(r"\.\.\.", ".+"), told), told
    assert f" {page.stem} " in told


def test_whom_an_order_names_and_the_staff_list_does_not_is_told_with_the_rules(tmp_path: Path) -> None:
    waivers = (FOLDER / "waivers.yaml").read_text("utf-8")
    (tmp_path / "waivers.yaml").write_text(waivers.replace('person: "3"', "person: nobody"), "utf-8")
    inputs = tuple(str(tmp_path / "waivers.yaml") if each == "waivers.yaml" else each for each in INPUTS)
    for given, count in ((inputs, 1), (INPUTS, 0)):
        done = run("export", "nginx", *given, "--quiet", "--out", tmp_path / "made.conf")
        assert done.returncode == 0, done.stderr
        told = "warning: named by the order or its waivers, and not clear from the staff list: person nobody\n"
        assert done.stderr.count(told) == count
