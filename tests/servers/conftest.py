"""What tests against real servers share: the zone of their clocks, and what a reader sees in the logs that they wrote."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from phaseout.engines.duckdb import DuckDB
from phaseout.logs.intake import read_into
from phaseout.model.login import normal_login
from phaseout.reading.reader import Clock, Setting
from phaseout.reading.reduction import KEY
from phaseout.reading.source import Source
from phaseout.reading.span import Span, Window
from phaseout.runs.formats import choose

ZONE = "Asia/Yekaterinburg"
"""The zone that the servers' clocks keep; whole hours from UTC all year round, and not this machine's."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """What a reader made of a log.

    Attributes:
        format: as found by looking at the file.
        seen: how many accesses there are of each kind; a kind is the columns that are not empty, the login in
            its normal form.
        lines: how many lines it has.
        ignored: how many were set aside, by reason.
        rejected: those that can't be read.
        first: the first time stamp of an access.
        last: the last one.
    """

    format: str
    seen: Counter[frozenset[tuple[str, str]]]
    lines: int
    ignored: dict[str, int]
    rejected: list[str]
    first: datetime
    last: datetime


def kind(*, login: str, **columns: str) -> frozenset[tuple[str, str]]:
    """Return the kind of access with these columns; the others are empty."""
    return frozenset({"login": normal_login(login), **columns}.items())


def account(log: Path) -> Account:
    """Find a log's format and read it."""
    reader = choose(log)
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    setting = Setting(tomorrow.year + 1, ZoneInfo(ZONE) if reader.clock is Clock.LOCAL else None, str(log))
    engine = DuckDB()
    try:
        return _read(engine, Source(str(log), 0, reader, setting, tomorrow))
    finally:
        engine.close()


def _read(engine: DuckDB, source: Source) -> Account:
    taken = read_into(engine, [source], Span((), ZoneInfo(ZONE), source.setting.last_year), Window())[0]
    sightings: list[Row] = engine.ask(lambda table: table, engine.sightings()).to_pylist()
    fates: list[Row] = taken.fates
    ignored = {row["reason"]: row["n"] for row in fates if row["fate"] == "ignored"}
    seen: Counter[frozenset[tuple[str, str]]] = Counter()
    for row in sightings:
        row["login"] = normal_login(row["login"])
        seen[frozenset((name, row[name]) for name in KEY if row[name])] += row["n"]
    rejected = [line.rstrip("\n") for line in (row["line"] for row in taken.rejected)]
    assert taken.lines == seen.total() + sum(ignored.values()) + len(rejected)
    return Account(
        format=source.reader.id,
        seen=seen,
        lines=taken.lines,
        ignored=ignored,
        rejected=rejected,
        first=min(row["first"] for row in sightings).replace(tzinfo=UTC),
        last=max(row["last"] for row in sightings).replace(tzinfo=UTC),
    )


ORDER = f"""
id: no-apple-mail
title: No Apple phones and tablets for work mail
issuer: Example Ministry
version: "1.0"
time_zone: {ZONE}
makers:
  apple: {{name: Apple}}
devices:
  apple-mobile: {{title: Apple phones and tablets, is: {{maker: apple, platform: [ios, ipados]}}}}
clauses:
  - {{id: mail, strength: must, who: {{everyone: true}}, devices: apple-mobile, services: [mail], from: 2020-01-01}}
"""


def findings(log: Path, folder: Path, logins: tuple[str, ...]) -> list[Row]:
    """Run the whole check on a log as an administrator does, and return its findings.

    Args:
        log: as a server wrote it.
        folder: an empty one.
        logins: the staff; each person's id is the login.
    """
    (folder / "order.yaml").write_text(ORDER, "utf-8")
    (folder / "staff.csv").write_text("id,name,login\n" + "".join(f"{each},{each},{each}\n" for each in logins), "utf-8")
    phaseout = Path(sys.executable).with_name("phaseout")
    command = [phaseout, "check", log, "-d", "order.yaml", "-p", "staff.csv", "--timezone", ZONE, "--jsonl", "found.jsonl"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in (folder / "found.jsonl").read_text("utf-8").splitlines()]
    assert rows[0]["totals"]["adds_up"]
    return [row for row in rows if row["kind"] == "finding"]
