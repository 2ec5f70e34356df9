"""What must be known about a log is one line, whose sentences end once."""

from __future__ import annotations

import json
from pathlib import Path

from asking import answered, sync


def test_a_list_of_records_of_an_unknown_service_has_one_note(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(sync("anna", 1))
    (tmp_path / "other.json").write_text(json.dumps([{"published": "2026-10-01T10:00:00Z", "who": "anna"}]))
    note = answered(tmp_path / "access.log", tmp_path / "other.json").coverage.logs[1].note
    assert note == "No format fits: no part of it has the shape of any; a JSON list: its records are counted as lines"
