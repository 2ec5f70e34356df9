"""What a run leaves in the user's cache makes the next one quicker, and changes nothing of what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "samples" / "exports" / "everyone"
INPUTS = ("access.log", "-d", "order.yaml", "-p", "staff.csv", "-w", "waivers.yaml", "--at")
AT = "2026-03-20T03:00+03:00"
HEAVY = {"ibis", "sqlglot", "pandas", "pyarrow.compute"}
IMPORTED = "import time:"


def run(cache: Path, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run phaseout with a cache folder of its own, while Python tells of all that is imported."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-X", "importtime", "-c", "from phaseout.cli import main; main()", *arguments]
    done = subprocess.run(command, cwd=SAMPLE, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done


def loaded(done: subprocess.CompletedProcess[bytes]) -> set[str]:
    """Return which of the heavy modules were imported."""
    told = [line for line in done.stderr.decode().splitlines() if line.startswith(IMPORTED)]
    assert told
    return HEAVY & {line.rpartition("|")[2].strip() for line in told}


def said_beside(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return [line for line in done.stderr.decode().splitlines() if not line.startswith(IMPORTED)]


def checked(cache: Path, out: Path, *more: str, at: str = AT) -> tuple[subprocess.CompletedProcess[bytes], dict[str, bytes]]:
    """Check with every report; give what was printed and all files."""
    out.mkdir()
    reports = [part for name in ("html", "jsonl", "csv", "ocsf") for part in (f"--{name}", str(out / f"out.{name}"))]
    done = run(cache, "check", *INPUTS, at, *reports, "--all", *more)
    return done, {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder in which a check has left its plans."""
    folder = tmp_path_factory.mktemp("cache")
    run(folder, "check", *INPUTS, AT)
    return folder


def without_folder(said: bytes, folder: Path) -> bytes:
    return said.replace(os.fsencode(folder), b"FOLDER")


def test_a_check_says_the_same_with_and_without_plans(tmp_path: Path, cache: Path) -> None:
    cold, written_cold = checked(tmp_path / "fresh", tmp_path / "cold")
    warm, written_warm = checked(cache, tmp_path / "warm")
    assert "ibis" in loaded(cold)
    assert "ibis" not in loaded(warm)
    assert len(written_cold) == 4
    assert written_warm == written_cold
    assert without_folder(warm.stdout, tmp_path / "warm") == without_folder(cold.stdout, tmp_path / "cold")


def test_an_explanation_says_the_same_with_and_without_plans(tmp_path: Path) -> None:
    people = [row.split(",")[0] for row in (SAMPLE / "staff.csv").read_text().splitlines()[1:3]]
    cold = run(tmp_path, "explain", people[0], *INPUTS, AT, "--json")
    warm = run(tmp_path, "explain", people[0], *INPUTS, AT, "--json")
    assert warm.stdout == cold.stdout
    assert json.loads(warm.stdout)
    assert loaded(warm) == set()
    assert loaded(run(tmp_path, "explain", people[1], *INPUTS, AT, "--json")) == set(), "another person needs no other plan"


def test_a_check_with_all_plans_at_hand_imports_nothing_that_makes_them(cache: Path) -> None:
    assert loaded(run(cache, "check", *INPUTS, AT)) == set()


def test_other_days_need_no_other_plan(cache: Path) -> None:
    days = ("2026-03-21T09:15+03:00", "--since", "2026-03-02", "--until", "2026-03-10")
    assert loaded(run(cache, "check", *INPUTS, *days)) == set()


def test_a_cache_that_cannot_be_used_is_done_without(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "file").touch()
    done = run(tmp_path / "file", "check", *INPUTS, AT)
    assert done.stdout == run(cache, "check", *INPUTS, AT).stdout
    assert "ibis" in loaded(done)
    assert said_beside(done) == []


def test_plans_hold_nobodys_name(cache: Path) -> None:
    kept = b"".join(path.read_bytes() for path in (cache / "phaseout").iterdir())
    rows = [row.split(",") for row in (SAMPLE / "staff.csv").read_text().splitlines()[1:]]
    words = {word for row in rows for word in row[:3] if len(word) > 3}
    assert words
    assert not [word for word in words if word.encode() in kept]
