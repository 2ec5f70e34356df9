"""SOGo's stamps: local without a year, or with an offset where syslog writes them so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseout.readers import READERS

REQUEST = 'mail sogod[7438]: 203.0.113.7 "GET /SOGo/so/jana/Mail/view HTTP/1.1" 200 0/69 0.234 - - 288K - 13\n'

STAMPS = {
    "2026-11-20T08:16:00.123456+01:00": "2026-11-20T07:16:00+00:00",
    "2026-11-20T08:16:00Z": "2026-11-20T08:16:00+00:00",
    "2026-11-20T08:16:00": "2026-11-20T05:16:00+00:00",
    "Nov 20 08:16:00": "2026-11-20T05:16:00+00:00",
    "Nov  2 08:16:00": "2026-11-02T05:16:00+00:00",
    "Nov 20 2024 08:16:00": "2024-11-20T05:16:00+00:00",
    "sogo-mailcow-1  | Nov 20 08:16:00": "2026-11-20T05:16:00+00:00",
    "sogo-mailcow-1  | 2026-11-20T08:16:00.123456789Z": "2026-11-20T08:16:00+00:00",
    "Dec 31 23:59:59": "2025-12-31T20:59:59+00:00",
}


@pytest.mark.parametrize(("stamp", "instant"), STAMPS.items())
def test_every_stamp_is_read(stamp: str, instant: str, observe: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "sogo.log"
    path.write_text(f"{stamp} {REQUEST}", "utf-8")
    (row,) = observe(READERS["sogo"], path, zone="Europe/Moscow", at="2026-12-01T00:00:00+00:00").sightings
    assert row["first"] == instant
