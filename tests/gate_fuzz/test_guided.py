"""Some thousand inputs of atheris over the gate's readers; ``guided.py`` runs as long as one likes."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from programs import missing

PROGRAM = Path(__file__).with_name("guided.py")
RUNS = 2000
"""Inputs, however long they take: some seconds."""

MANY = 100_000
"""Inputs within which the planted fault is found for certain; of eight seeds the slowest took 4,630."""

CORPUS = {
    "query": b"\x01Cmd=Sync&User=anna&DeviceId=a&DeviceType=iPhone",
    "list": b'\x03"name" "iPhone Mail" "NAME" NIL',
    "words": b'\x01"name" "a" "name" "a"',
    "headers": b"\x02webmail/sogo\n/SOGo/so/anna/\nanna\nMozilla/5.0\nGET\nSUCCESS\nCN=x",
    "http": b"\x04\x20POST /dovecot?command=allow HTTP/1.1\r\nContent-Length: 2\r\nX: y\r\n\r\n{}",
    "line": (
        b'\x05{"id":"A-1","at":"2020-10-25T00:00:00Z","caller":"x","cost_us":1,"door":"imap","service":"mail","action":"use",'
        b'"login":"","grade":"weak","verdict":"permitted","effect":"allow","reason":"","bundle":""}'
    ),
    "time": b"\x059999-12-31T23:59:59Z",
    "bundle": b"\x06phaseout bundle 1\n" + bytes(96) + b"\x80",
    "doveadm": b'\x07HTTP/1.1 200 OK\r\n\r\n[["doveadmResponse",[{"exitCode":68}],"gate"]]',
    "clue": b"\x08Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148",
    "wire": b"\x09anna\nsmtpclient.apple\nLaptop+2042\n192.0.2.7\nkey\nDATA",
}
"""What it begins with."""


def run(program: Path, corpus: Path, *, runs: int, begin: dict[str, bytes]) -> subprocess.CompletedProcess[str]:
    if importlib.util.find_spec("atheris") is None:
        missing("atheris is not installed; it has wheels for few systems")
    corpus.mkdir()
    for name, data in begin.items():
        (corpus / name).write_bytes(data)
    command = [sys.executable, program, f"-runs={runs}", "-max_len=2048", "-rss_limit_mb=1024", corpus]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, cwd=corpus.parent)


def test_guided_inputs_break_no_reader(tmp_path: Path) -> None:
    done = run(PROGRAM, tmp_path / "corpus", runs=RUNS, begin=CORPUS)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    assert re.search(rf"Done {RUNS} runs", done.stderr)


def test_it_would_find_a_reader_that_breaks(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    fault = "if len(readings(said)) > 1:\n        raise RuntimeError(said)\n    if not 1"
    text = PROGRAM.read_text("utf-8").replace("if not 1", fault, 1)
    broken.write_text(text.replace("TARGETS[data[0] % len(TARGETS)]", "text"), "utf-8")  # the one that breaks is tried alone
    done = run(broken, tmp_path / "corpus", runs=MANY, begin={"words": CORPUS["words"]})
    assert done.returncode != 0
    assert "RuntimeError" in done.stdout + done.stderr
