"""Whatever plans are made from, a change of it makes them void."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import phaseout
from phaseout.plans.origin import digest, origin

HOUSE = Path(phaseout.__file__).parent


def test_a_changed_byte_of_any_room_is_noticed_whatever_its_stamp_and_size(tmp_path: Path) -> None:
    house = tmp_path / "phaseout"
    shutil.copytree(HOUSE, house, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest(house, ["1"])
    assert before == digest(HOUSE, ["1"])
    for name in ("reading/questions.py", "readers/combined.py", "engines/duckdb.py", "model/access.py", "plans/planner.py"):
        path = house / name
        code, status = path.read_bytes(), path.stat()
        path.write_bytes(code.replace(b"a", b"b", 1))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_size == status.st_size
        assert digest(house, ["1"]) != before, name
        path.write_bytes(code)
    assert digest(house, ["1"]) == before


def test_a_reader_more_or_less_and_another_version_are_noticed(tmp_path: Path) -> None:
    house = tmp_path / "phaseout"
    shutil.copytree(HOUSE, house, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest(house, ["1"])
    (house / "readers" / "another.py").touch()
    assert digest(house, ["1"]) != before
    (house / "readers" / "another.py").unlink()
    assert digest(house, ["2"]) != digest(house, ["1"]) == before


def test_libraries_count_and_one_that_is_missing_leaves_no_origin() -> None:
    assert origin(("duckdb",)) not in {None, origin(("duckdb", "sqlglot"))}
    assert origin(("no-such-distribution",)) is None
