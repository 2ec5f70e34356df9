"""A disk that takes a part of a line and then no more: what is answered meanwhile, and what stands in the log afterwards."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from programs import wait_until

Start = Callable[..., Any]
Known = Any  # what conftest gives

ROOM = 2200
"""Bytes that the log may still grow by: some four lines, the last of them torn."""


@pytest.mark.parametrize(("choice", "meanwhile"), [("answer", 403), ("no-opinion", 503)])
def test_a_disk_that_fills_up_and_has_room_again(start_gate: Start, known: Known, choice: str, meanwhile: int) -> None:
    with start_gate(f'without_log = "{choice}"\n') as gate:
        gate.web("anna", known.iphone)
        pid, size = gate.process.pid, gate.log.stat().st_size
        _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size + ROOM, most))
        answers = Counter[int | None]()
        failures = "phaseout_gate_log_failures_total"
        for _ in range(10):
            answers[answer(gate, known)] += 1
        assert answers.pop(None, 0) == (choice == "no-opinion"), "the one that the disk did not take was not answered"
        assert gate.log.stat().st_size == size + ROOM, "it is full to the last byte"
        assert gate.figure(failures) > 0
        assert gate.web("anna", known.iphone)[0] == meanwhile
        assert gate.ask("/readyz")[0] == (200 if choice == "answer" else 503)
        answers[meanwhile] += 1
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
        wait_until(lambda: gate.ask("/readyz")[0] == 200 and gate.log.read_bytes().endswith(b"}\n"), "it is written again")
        assert gate.web("anna", known.iphone)[0] == 403
        lines = gate.log.read_bytes().splitlines()
        refused = answers[403] + 2 + (choice == "no-opinion")
        assert set(answers) == {403, meanwhile}
        assert gate.figure("phaseout_gate_log_lost_total") == 0
    told = [json.loads(line) for line in lines if is_whole(line)]
    assert len({each["id"] for each in told}) == len(told) == refused, "each decision stands there, once"
    assert len(lines) == refused + 1, "and one line that the disk tore"
    assert (
        replayed(gate.folder, gate.keys.public) == f"{refused} decisions would be the same, 0 would not, 1 lines are no decision."
    )
    assert "can't be written: " in gate.said()
    assert "is written again" in gate.said()
    assert "Traceback" not in gate.said()


def answer(gate: Any, known: Known) -> int | None:  # noqa: ANN401 - what conftest gives
    """Return the answer's status; None when the gate hangs up."""
    try:
        return int(gate.web("anna", known.iphone)[0])
    except (ConnectionError, HTTPException):
        return None


def is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def replayed(folder: Path, key: Path) -> str:
    phaseout = Path(sys.executable).with_name("phaseout")
    command = [phaseout, "gate", "replay", "decisions.jsonl", "--bundle", "gate.bundle", "--trust", key]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()[0]
