"""Some seconds of atheris over the gate's readers; ``guided.py`` runs as long as one likes."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("guided.py")
SECONDS = 5


def run(program: Path, corpus: Path, seconds: int) -> subprocess.CompletedProcess[str]:
    if importlib.util.find_spec("atheris") is None:
        why = "atheris is not installed; it has wheels for few systems"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    corpus.mkdir()
    (corpus / "query").write_bytes(b"\x01Cmd=Sync&User=anna&DeviceId=a&DeviceType=iPhone")
    (corpus / "list").write_bytes(b'\x03"name" "iPhone Mail" "NAME" NIL')
    (corpus / "headers").write_bytes(b"\x02webmail\n/SOGo/so/anna/\nanna\nMozilla/5.0\nGET\nSUCCESS\nCN=x")
    command = [sys.executable, program, f"-max_total_time={seconds}", "-max_len=2048", "-rss_limit_mb=1024", corpus]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=corpus.parent)


def test_guided_inputs_break_no_reader(tmp_path: Path) -> None:
    done = run(PROGRAM, tmp_path / "corpus", SECONDS)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    found = re.search(r"Done (\d+) runs", done.stderr)
    assert found
    assert int(found[1]) > 500


def test_it_would_find_a_reader_that_breaks(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    fault = "if len(readings(said)) > 1:\n        raise RuntimeError(said)\n    if not 1"
    broken.write_text(PROGRAM.read_text("utf-8").replace("if not 1", fault, 1), "utf-8")
    done = run(broken, tmp_path / "corpus", 20)
    assert done.returncode != 0
    assert "RuntimeError" in done.stdout + done.stderr
