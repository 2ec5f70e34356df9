"""What every test of a reader shares: one engine, and one way to write down what a reader makes of a file."""

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from phaseout.engines.duckdb import DuckDB
from phaseout.logs.intake import read_into
from phaseout.reading.engine import Taken
from phaseout.reading.reader import Clock, Reader, Setting
from phaseout.reading.reduction import KEY
from phaseout.reading.source import PLACE_BITS, Source
from phaseout.reading.span import Span, Window
from programs import program

AT = "2026-12-01T00:00:00+00:00"
SPAN = Span(cuts=(), zone=ZoneInfo("UTC"), last_year=2027)

Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a reader made of a file: its sightings, what became of the lines, and the lines that it rejected."""

    sightings: list[Row]
    summary: Row
    rejected: list[str]

    def text(self) -> str:
        """Write it down as an expected file holds it."""
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in [*self.sightings, self.summary])


Observe = Callable[..., Seen]


def _iso(at: datetime) -> str:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _plain(row: Row) -> Row:
    line = (1 << PLACE_BITS) - 1
    return {name: row[name] for name in KEY if row[name]} | {
        "n": row["n"],
        "first": _iso(row["first"]),
        "last": _iso(row["last"]),
        "first_line": row["first_place"] & line,
        "last_line": row["last_place"] & line,
    }


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in KEY)


def _joined(parts: list[Row]) -> Row:
    """Join what differs in the chunk of days alone."""
    parts.sort(key=lambda part: part["first"])
    first, last = parts[0], max(parts, key=lambda part: part["last"])
    return first | {"n": sum(part["n"] for part in parts), "last": last["last"], "last_line": last["last_line"]}


def _summary(taken: Taken) -> Row:
    fates = {"accesses": 0, "ignored": {}, "rejected": {}}
    for row in sorted(taken.fates, key=lambda row: row["reason"]):
        if row["fate"] == "accesses":
            fates["accesses"] += row["n"]
        else:
            counts = fates[row["fate"]]
            counts[row["reason"]] = counts.get(row["reason"], 0) + row["n"]
    return {"lines": taken.lines, **fates}


@pytest.fixture(scope="session")
def observe() -> Iterator[Observe]:
    """Return a function that reads one file: ``observe(reader, path, zone=None, at=AT)``."""
    engine, numbers = DuckDB(), itertools.count()

    def observed(reader: Reader, path: Path, *, zone: str | None = None, at: str = AT) -> Seen:
        latest = datetime.fromisoformat(at) + timedelta(days=1)
        setting = Setting(latest.year + 1, ZoneInfo(zone) if zone else None, path.name)
        number = next(numbers)
        taken = read_into(engine, [Source(str(path), number, reader, setting, latest.date())], SPAN, Window())[0]
        found = engine.ask(lambda table: table, engine.sightings()).to_pylist()
        engine.forget()
        rows = sorted((_plain(row) for row in found), key=_key)
        sightings = [_joined(list(parts)) for _, parts in itertools.groupby(rows, _key)]
        told = {"timezone": zone, "at": at} if reader.clock is Clock.LOCAL else {}
        return Seen(sightings, _summary(taken) | told, [row["line"] for row in taken.rejected])

    yield observed
    engine.close()


@pytest.fixture(scope="session")
def gcc() -> Callable[..., Path]:
    """Return a function that compiles a program into a folder: ``gcc(folder, source, *flags)``."""
    found = program("gcc", "gcc")

    def made(folder: Path, source: Path, *flags: str) -> Path:
        binary = folder / source.stem
        done = subprocess.run([found, "-std=gnu11", *flags, "-o", binary, source], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return binary

    return made
