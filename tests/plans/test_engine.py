"""What an engine keeps from run to run does not grow with the logs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from phaseout.engines.duckdb import DuckDB
from phaseout.logs.intake import read_into
from phaseout.readers import READERS
from phaseout.reading.questions import logins
from phaseout.reading.reader import Setting
from phaseout.reading.source import Source
from phaseout.reading.span import Span, Window

LOG = Path(__file__).parents[1] / "samples" / "exports" / "everyone" / "access.log"
ZONE = ZoneInfo("Europe/Berlin")


def test_more_logs_and_another_day_need_no_more_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    kept, seen = [], []
    for takes, day in ((2, 1), (2, 2), (5, 3)):
        engine = DuckDB()
        window = Window(until=datetime(2026, 12, day, tzinfo=UTC))
        for number in range(takes):
            read_into(engine, [Source(str(LOG), number, READERS["combined"], Setting(2027))], Span((), ZONE, 2027), window)
        seen.append(sum(engine.ask(logins, engine.sightings()).column("n").to_pylist()))
        engine.close()
        kept.append(len(list((tmp_path / "phaseout").iterdir())))
    assert kept[0] == kept[1] == kept[2] > 0
    assert seen[1] == seen[0] > 0
    assert seen[2] * 2 == seen[0] * 5
