"""Measure every reader: lines a second, on the lines of its own sample said again by other people at other times.

python bench/readers.py [LINES] [FORMAT …]
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from phaseout.engines.duckdb import DuckDB
from phaseout.logs.intake import read_into
from phaseout.readers import READERS
from phaseout.reading.reader import Reader, Setting
from phaseout.reading.source import Source
from phaseout.reading.span import Span, Window

SAMPLES = Path(__file__).parent.parent / "tests" / "samples" / "readers"
OUT = Path(__file__).parent / "out"
LINES = 400_000
PEOPLE = 2_000
AT = datetime(2026, 12, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
CLOCK = re.compile(r"\b(\d\d):\d\d:\d\d\b")
SESSION = re.compile(r"(session[=\":< ]+)(\w)")
RECORD = re.compile(r'("(?:[Ii]d|uniqueQualifier|resourceId)":")(\w)')


def sample(format_id: str) -> tuple[str, str, list[str]]:
    """Return of a format's longest sample the line that names the columns, the lines below it, and the logins in them."""
    logs = [path for path in (SAMPLES / format_id).iterdir() if path.suffix != ".gz" and ".expected." not in path.name]
    log = max(logs, key=lambda path: path.stat().st_size)
    expected = log.with_name(log.name.split(".")[0] + ".expected.jsonl")
    logins = {json.loads(line).get("login", "") for line in expected.read_text("utf-8").splitlines()}
    names = {re.split(r"[\\/@]|%40|%5C", login)[0] for login in logins}
    head, body = longest_part(log.read_text("utf-8").removeprefix("\ufeff"), READERS[format_id].head)
    return head, body, sorted(name for name in names if len(name) > 2)  # noqa: PLR2004 - shorter ones are words


def longest_part(text: str, heads: tuple[str, ...]) -> tuple[str, str]:
    """Return the line that names the columns and the lines to which it applies, where most do; others are said but once."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in text.removesuffix("\n").splitlines(keepends=True):
        if heads and line.startswith(heads):
            parts.append((line, []))
        elif not (heads and line.startswith("#")):
            parts[-1][1].append(line.removesuffix("\n") + "\n")
    head, lines = max(parts, key=lambda part: len(part[1]))
    return head, "".join(lines)


def again(head: str, text: str, names: list[str], lines: int) -> Iterator[str]:
    """Say a sample again and again, each time by others and at another minute."""
    yield head
    named = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b") if names else None
    for number in range(lines // text.count("\n") + 1):
        minute, second = divmod(number, 60)
        other = CLOCK.sub(rf"\g<1>:{minute % 60:02d}:{second:02d}", text)
        other = SESSION.sub(rf"\g<1>n{number}\g<2>", other)
        other = RECORD.sub(rf"\g<1>n{number}\g<2>", other)
        yield other if named is None else named.sub(rf"\g<1>{number % PEOPLE}", other)


def measure(reader: Reader, path: Path) -> tuple[int, float, float]:
    """Read a log; return its lines, and wall and processor seconds."""
    engine = DuckDB()
    setting, span = Setting(AT.year + 1, ZONE, path.name), Span(cuts=(), zone=ZONE, last_year=2027)
    window, latest = Window(), AT.date()
    small = path.with_suffix(".small")
    small.write_text("", "utf-8")
    # Makes the plans, which a run does once a format.
    read_into(engine, [Source(str(small), 0, reader, setting, latest)], span, window)
    wall, processor = time.perf_counter(), time.process_time()
    (taken,) = read_into(engine, [Source(str(path), 1, reader, setting, latest)], span, window)
    spent = time.perf_counter() - wall, time.process_time() - processor
    engine.close()
    small.unlink()
    return taken.lines, *spent


def main() -> None:
    """Measure the formats that are asked for, or all."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    OUT.mkdir(exist_ok=True)
    print(f"{'format':<12}{'lines':>10}{'MB':>7}{'lines/s':>12}{'us of a core a line':>22}")
    for id_ in sys.argv[2:] or READERS.ids:
        path = OUT / f"reader-{id_}.log"
        with path.open("w", encoding="utf-8", newline="") as out:
            out.writelines(again(*sample(id_), lines))
        count, wall, processor = measure(READERS[id_], path)
        size = path.stat().st_size / 1e6
        print(f"{id_:<12}{count:>10,}{size:>7.0f}{count / wall:>12,.0f}{processor / count * 1e6:>22.2f}", flush=True)
        path.unlink()


if __name__ == "__main__":
    main()
