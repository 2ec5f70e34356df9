"""``phaseout check`` tells exactly what was planted: all of it, nothing else, with equal counts."""

import json
import sys
from collections import Counter
from pathlib import Path
from subprocess import run
from types import SimpleNamespace
from typing import Any

import pytest

from phaseout.model.login import normal_login

Key = tuple[str, str, str, str | None]


@pytest.fixture(scope="module")
def told(ministry: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("answer")
    return check(ministry.folder, folder, "logs")


def check(ministry: Path, folder: Path, *logs: str) -> list[dict[str, Any]]:
    inputs = ["-d", "directive.yaml", "-p", "staff.csv", "-w", "waivers.yaml"]
    options = ["--timezone", "Europe/Moscow", "--at", "2026-11-01", "--json", "-q", "--rejects", str(folder / "rejected.jsonl")]
    command = [sys.executable, "-c", "from phaseout.cli import main; main()", "check", *logs, *inputs, *options]
    done = run(command, cwd=ministry, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "ZGVtby1zZWNyZXQ" not in done.stdout + done.stderr
    if (folder / "rejected.jsonl").exists():
        assert "demo-secret" not in (folder / "rejected.jsonl").read_text("utf-8")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_findings_are_what_was_planted(ministry: SimpleNamespace, told: list[dict[str, Any]]) -> None:
    found, waived = Counter[Key](), Counter[Key]()
    for finding in told:
        if finding["kind"] == "finding":
            (device_id,) = finding["device_ids"] or [None]
            key = (normal_login(finding["person"]["id"]), finding["clause"], finding["verdict"], device_id)
            found[key] += finding["accesses"]
            waived[key] += finding["waived_accesses"]
    assert found == planted(ministry, waived=False)
    assert +waived == planted(ministry, waived=True)


def planted(ministry: SimpleNamespace, *, waived: bool) -> Counter[Key]:
    """Count what the truth says by person, clause, verdict and device id."""
    wanted = Counter[Key]()
    for line in ministry.truth:
        for clause, each in line["expect"].items():
            if each["counted"] and (each["waived"] or not waived):
                key = (normal_login(line["person"] or line["login"]), clause, each["verdict"], line["device_id"])
                wanted[key] += each["counted"]
    return wanted


def test_totals_are_what_was_planted(ministry: SimpleNamespace, told: list[dict[str, Any]]) -> None:
    head = told[0]
    assert head["kind"] == "check"
    accounts = ministry.logs.values()
    assert head["totals"]["lines"] == sum(account["lines"] for account in accounts)
    assert head["totals"]["adds_up"]
    assert head["people"]["seen"] == len({line["person"] for line in ministry.truth if line["account"] == "person"})
