"""Measure the whole ``phaseout check`` against a floor and two peers, in one run; print medians and ratios.

The runs take turns, so that a machine that grows slow grows slow for all of them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import made

HERE = Path(__file__).parent
OUT = HERE / "out"
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""With the modules' bytecode kept, as an installed package has it; else every run would compile a hundred modules anew."""


@dataclass(frozen=True)
class Figure:
    """One run: wall and processor seconds, peak memory in MiB."""

    wall: float
    processor: float
    memory: float


def run(command: list[str]) -> Figure:
    """Run a command to its end and measure the whole process."""
    with (OUT / "last-output.txt").open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=OUT, env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed ({process.returncode}): {(OUT / 'last-output.txt').read_text()[-2000:]}")
    return Figure(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def commands(log: Path) -> dict[str, list[str]]:
    """Return what is measured, by name."""
    binary = str(Path(sys.executable).parent / "phaseout")
    check = [binary, "check", str(log), "-d", str(OUT / "order.yaml"), "-p", str(OUT / "staff.csv"), "--at", "2026-11-01", "-q"]
    found = {
        "floor": [sys.executable, str(HERE / "floor.py"), str(log)],
        "check": check,
        "script": [sys.executable, str(HERE / "script.py"), str(log)],
    }
    if shutil.which("goaccess"):
        found["goaccess"] = ["goaccess", str(log), "--log-format=COMBINED", "--no-progress", "-o", str(OUT / "goaccess.json")]
    return found


def median(figures: list[Figure]) -> Figure:
    """Return the medians."""
    return Figure(*(statistics.median(getattr(each, name) for each in figures) for name in ("wall", "processor", "memory")))


def prepare(lines: int) -> Path:
    """Make what is missing."""
    OUT.mkdir(exist_ok=True)
    log = OUT / f"access-{lines}.log"
    if not log.exists():
        print(f"making {lines:,} lines …", flush=True)
        made.log(log, lines)
    made.people_csv(OUT / "staff.csv")
    (OUT / "order.yaml").write_text(made.DIRECTIVE, encoding="utf-8")
    return log


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-rounds", type=int, default=1, help="runs of the slow peers")
    parser.add_argument("--ten", action="store_true", help="also ten times the lines: memory and time")
    given = parser.parse_args()
    log = prepare(given.lines)
    size = log.stat().st_size
    print(f"{given.lines:,} lines, {size / 1e9:.2f} GB, {made.PEOPLE:,} people, {made.AGENTS:,} agents, {made.DAYS} days")
    wanted = commands(log)
    run(wanted["floor"])  # warms the page cache
    run(wanted["check"])
    figures: dict[str, list[Figure]] = {name: [] for name in wanted}
    for number in range(given.rounds):
        for name, command in wanted.items():
            if name in {"floor", "check"} or number < given.peer_rounds:
                figures[name].append(run(command))
    medians = {name: median(each) for name, each in figures.items() if each}
    print(f"{'':10}{'wall s':>9}{'cpu s':>9}{'MiB':>8}{'lines/s':>13}{'/ floor':>9}")
    for name, each in medians.items():
        ratio = each.wall / medians["floor"].wall
        print(f"{name:10}{each.wall:9.2f}{each.processor:9.2f}{each.memory:8.0f}{given.lines / each.wall:13,.0f}{ratio:9.2f}")
    pairs = [check.wall / floor.wall for check, floor in zip(figures["check"], figures["floor"], strict=True)]
    print(f"check / floor, pair by pair: min {min(pairs):.2f}, median {statistics.median(pairs):.2f}, max {max(pairs):.2f}")
    print(f"check's memory / floor's: {medians['check'].memory / medians['floor'].memory:.2f}")
    for peer in ("goaccess", "script"):
        if peer in medians:
            print(f"{peer} / check: {medians[peer].wall / medians['check'].wall:.1f}")
    if given.ten:
        ten_times(log, medians["check"])


def ten_times(log: Path, once: Figure) -> None:
    """Read the same week ten times as busy: every line ten times."""
    large = OUT / "access-ten-times.log"
    with large.open("wb") as out:
        for _ in range(10):
            with log.open("rb") as part:
                shutil.copyfileobj(part, out, 1 << 24)
    figure = run(commands(large)["check"])
    large.unlink()
    times, more = figure.wall / once.wall, figure.memory / once.memory
    print(f"ten times the lines: {figure.wall:.1f} s ({times:.1f} times), {figure.memory:.0f} MiB ({more:.2f} times)")


main()
