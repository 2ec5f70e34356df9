"""One small ministry for all tests of the demo, and what was planted in it."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from phaseout.demo.make import make
from phaseout.engines.duckdb import DuckDB
from phaseout.logs.intake import read_into
from phaseout.readers import READERS
from phaseout.reading.fronted import back_counts, backs, fronted
from phaseout.reading.given import NUMBER, TEXT, plain_table
from phaseout.reading.reader import Setting
from phaseout.reading.source import Source
from phaseout.reading.span import Span, Window

AT = datetime(2026, 10, 31, 21, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")
PEOPLE = 120


@pytest.fixture(scope="session")
def ministry(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Make a ministry: its ``folder``, the lines of its ``truth``, accounts of its ``logs``, and number of ``people``."""
    folder = tmp_path_factory.mktemp("ministry")
    make(folder, people=PEOPLE)
    truth = [json.loads(line) for line in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    logs = json.loads((folder / "truth-totals.json").read_text("utf-8"))["logs"]
    return SimpleNamespace(folder=folder, truth=truth, logs=logs, people=PEOPLE)


@pytest.fixture(scope="session")
def readings() -> dict[str, SimpleNamespace]:
    """What was read already, by format; several tests look at the same."""
    return {}


@pytest.fixture
def reading(format_id: str, ministry: SimpleNamespace, readings: dict[str, SimpleNamespace]) -> SimpleNamespace:
    """Read one format's logs: what became of each file's lines, ``taken``, and the ``sightings``.

    What a back end repeats of them is counted apart, by file: ``repeats``.
    """
    if format_id not in readings:
        engine, reader = DuckDB(), READERS[format_id]
        names = [name for name, account in ministry.logs.items() if account["format"] == format_id]
        setting, span = Setting(AT.year + 1, ZONE, by_day=reader.by_day), Span((), ZONE, AT.year)
        sources = [Source(str(ministry.folder / name), number, reader, setting, AT.date()) for number, name in enumerate(names)]
        taken = dict(zip(names, read_into(engine, sources, span, Window()), strict=True))
        sightings = engine.sightings()
        owners = engine.give("owners", plain_table({"login": TEXT, "owner": NUMBER}, [[], []]))
        met = engine.keep("back_ends", backs, sightings, owners)
        again = {names[row["file"]]: row["repeats"] for row in engine.ask(back_counts, met).to_pylist()}
        kept = engine.ask(fronted, sightings, met).to_pylist()
        readings[format_id] = SimpleNamespace(taken=taken, repeats=again, sightings=kept)
        engine.close()
    return readings[format_id]
