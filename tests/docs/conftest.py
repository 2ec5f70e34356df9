"""What tests of pages share: typing what a page says is typed, and comparing what is printed with what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

LEFT_OUT = "…"
"""Stands on a page for what it leaves out: in a line any text, as a line of its own any lines."""


def typed(command: str, folder: Path) -> str:
    """Run a command as a shell does, in a terminal of 80 columns, and return what it prints."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    known = {**os.environ, "PATH": path, "COLUMNS": "80", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout.decode()


def differs(shown: list[str], said: str) -> str | None:
    """Return the first line of the page that doesn't fit what was printed, or None.

    The page must show all that is printed, but for what it says it leaves out.
    """
    lines = [line.rstrip() for line in said.splitlines()]
    ends = {0}  # after how many printed lines the page may have come so far
    for line in shown:
        if line.strip() == LEFT_OUT:
            ends = set(range(min(ends), len(lines) + 1))
            continue
        pattern = re.escape(line.rstrip()).replace(LEFT_OUT, ".*")
        ends = {end + 1 for end in ends if end < len(lines) and re.fullmatch(pattern, lines[end])}
        if not ends:
            return line
    return None if len(lines) in ends else "(nothing more)"
