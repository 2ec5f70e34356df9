"""Schemathesis asks a running gate whatever its OpenAPI document allows, and much that it forbids; the answers must conform."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from phaseout.gate.caller import CALLERS

Start = Callable[..., Any]
Gate = Any  # what conftest gives; tests can't import from it

DOCUMENT = Path(__file__).parents[2] / "schema" / "gate.openapi.json"
EXAMPLES = 8
"""Questions of each kind that are made up, beside those that the document itself leads to: some 350 in all."""

ONCE = r"/\{door\}/(?!contacts$)"
"""One service behind a door is asked about and the others are left out, for the same code answers."""

LONGEST = 100.0
"""Seconds on a machine that does much else; else some five."""

BY_DESIGN = ("unsupported_method",)
"""The gate takes a question with any method, since some callers ask with their client's."""


def asked(gate: Gate, *, excluded: tuple[str, ...] = (), phases: str = "examples,coverage,fuzzing") -> str:
    """Run schemathesis with a seed that pytest-randomly's decides; return what it prints, the seed among it."""
    seed = random.randrange(1 << 32)  # noqa: S311 - no secret
    command = [
        Path(sys.executable).with_name("schemathesis"), "run", DOCUMENT, "--url", f"http://127.0.0.1:{gate.port}",
        "--seed", str(seed), "--max-examples", str(EXAMPLES), "--phases", phases, "--generation-database", "none",
        "--exclude-path-regex", ONCE, "--exclude-checks", ",".join((*BY_DESIGN, *excluded)), "--warnings", "off",
        "--no-color", "--workers", "1",  # two threads of Python 3.11 trip over each other where they read their own source
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST, cwd=gate.folder)
    said = f"{done.stdout}{done.stderr}"
    assert done.returncode == 0, f"seed {seed}\n{said}"
    return said


def test_whatever_is_asked_the_answer_is_one_of_the_document_s(start_gate: Start) -> None:
    with start_gate() as gate:
        said = asked(gate)
        assert "No issues found" in said
        decisions = gate.decisions()
        assert {each["caller"] for each in decisions} == {caller.id for caller in CALLERS if caller.operations}
        assert {each["effect"] for each in decisions} >= {"allow", "block"}
        assert gate.ask("/readyz")[0] == 200
        assert gate.process.poll() is None
    assert "Traceback" not in gate.said()
    assert "ERROR" not in gate.said()


def test_without_a_bundle_it_has_no_opinion_as_the_document_says(start_gate: Start) -> None:
    with start_gate(data=b"damaged", wait="/healthz") as gate:
        asked(gate, excluded=("not_a_server_error",), phases="examples")
        assert gate.figure("phaseout_gate_no_opinion_total") >= 4
        assert not gate.decisions()
    assert "Traceback" not in gate.said()
