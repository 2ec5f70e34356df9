"""What the tests of exports share: the sample orders with their logs, and what each comes to."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from phaseout.exporting.rules import Rules
from phaseout.runs.check import check
from phaseout.runs.exporting import load_ids, rules_of
from phaseout.runs.inputs import Asked, load_norms

SAMPLES = Path(__file__).parents[1] / "samples" / "exports"
AT = datetime(2026, 3, 20, tzinfo=UTC)

Sample = Callable[[str], Rules]


@cache
def rules_for(name: str) -> Rules:
    """Return the rules of a sample folder; without phaseout's own version, which must not make golden files old."""
    folder = SAMPLES / name
    waivers = folder / "waivers.yaml"
    norms = load_norms(folder / "order.yaml", folder / "staff.csv", waivers if waivers.exists() else None)
    checked = check(Asked((folder / "access.log",), AT), norms, io.StringIO())
    try:
        return replace(rules_of(checked, load_ids(folder / "ids.toml")), version="0")
    finally:
        checked.engine.close()


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Give the rules of a sample by its folder's name."""
    return rules_for
