"""A shelf gives back what was laid on it, and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from phaseout.plans import shelf as room
from phaseout.plans.plan import Plan
from phaseout.plans.shelf import MOST, Shelf, shelf_of

KEY = "0" * 64
PLAN = Plan("SELECT 'ü'", pa.schema([pa.field("at", pa.timestamp("us")), pa.field("n", pa.int32(), nullable=False)]))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "cache" / "phaseout")
    shelf.keep(KEY, PLAN)
    return shelf


def file_of(shelf: Shelf) -> Path:
    return shelf.folder / f"{KEY}.json"


def test_a_plan_comes_back_as_it_was(shelf: Shelf) -> None:
    assert shelf.find(KEY) == PLAN
    assert shelf.find("1" * 64) is None


def test_only_the_user_can_read_what_is_kept(shelf: Shelf) -> None:
    assert shelf.folder.stat().st_mode & 0o777 == 0o700
    assert file_of(shelf).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in shelf.folder.iterdir()] == [file_of(shelf).name], "nothing half-written is left"


def changed(**other: object) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        return json.dumps(json.loads(text) | other).encode()

    return change


def without(name: str) -> Callable[[bytes], bytes]:
    def change(text: bytes) -> bytes:
        return json.dumps({key: value for key, value in json.loads(text).items() if key != name}).encode()

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"null",
        lambda _: b"[]",
        lambda _: b"{}",
        lambda _: b"[" * 100_000,
        lambda _: b"\xff\xfe",
        lambda text: text[:-1],
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"SELECT", b"DELETE"),
        lambda text: text + b" " * (1 << 20),
        changed(key="1" * 64),
        changed(sql="SELECT 1"),
        changed(sql=None),
        changed(sum="0" * 64),
        changed(schema=[["at", "timestamp[us]", True]]),
        changed(schema="at"),
        changed(schema=[["at", "no type", True]]),
        changed(schema=[["at", "string", 1]]),
        changed(schema=[["at", "string"]]),
        changed(more=1),
        without("key"),
        without("sum"),
    ],
)
def test_what_is_damaged_or_made_up_is_not_found(shelf: Shelf, change: Callable[[bytes], bytes]) -> None:
    path = file_of(shelf)
    path.write_bytes(change(path.read_bytes()))
    assert shelf.find(KEY) is None
    shelf.keep(KEY, PLAN)
    assert shelf.find(KEY) == PLAN


@pytest.mark.parametrize(
    "column", ["at", ["at"], ["at", "list<item: string>", True], ["at", "no type", True], [1, "string", True]]
)
def test_a_schema_of_another_form_is_not_taken_even_with_the_right_sum(shelf: Shelf, column: object) -> None:
    told = {"key": KEY, "sql": PLAN.sql, "schema": [column], "sum": room._sum(KEY, PLAN.sql, [column])}
    file_of(shelf).write_text(json.dumps(told))
    assert shelf.find(KEY) is None


def test_what_others_may_write_is_not_read(shelf: Shelf) -> None:
    for path, mode in ((file_of(shelf), 0o620), (file_of(shelf), 0o602), (shelf.folder, 0o770), (shelf.folder, 0o707)):
        before = path.stat().st_mode
        path.chmod(mode)
        assert shelf.find(KEY) is None
        path.chmod(before)
        assert shelf.find(KEY) == PLAN


def test_nothing_is_laid_where_others_may_write(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    Shelf(tmp_path / "open").keep(KEY, PLAN)
    assert list((tmp_path / "open").iterdir()) == []


def test_what_another_user_laid_there_is_not_read(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert shelf.find(KEY) is None


def test_a_link_or_a_pipe_or_a_folder_is_not_read(shelf: Shelf, tmp_path: Path) -> None:
    path = file_of(shelf)
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    assert shelf.find(KEY) is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert shelf.find(KEY) is None
    path.unlink()
    path.mkdir()
    assert shelf.find(KEY) is None


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    shelf = Shelf(tmp_path / "file" / "phaseout")
    shelf.keep(KEY, PLAN)
    assert shelf.find(KEY) is None
    full = Shelf(Path("/proc/phaseout"))
    full.keep(KEY, PLAN)
    assert full.find(KEY) is None


def test_a_plan_that_cannot_be_told_or_is_too_large_is_not_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "phaseout")
    shelf.keep(KEY, Plan("SELECT 1", pa.schema({"parts": pa.list_(pa.string())})))
    shelf.keep(KEY, Plan("SELECT " + "1" * (1 << 20), PLAN.schema))
    assert not shelf.folder.exists()


def test_there_are_never_many_and_the_latest_stay(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "phaseout")
    keys = [f"{number:064x}" for number in range(MOST + 10)]
    for number, key in enumerate(keys):
        shelf.keep(key, PLAN)
        os.utime(shelf.folder / f"{key}.json", (number, number)) if number < MOST else None
    assert MOST // 2 <= len(list(shelf.folder.iterdir())) <= MOST
    assert shelf.find(keys[-1]) == PLAN
    assert shelf.find(keys[0]) is None


def test_the_cache_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for environment, folder in (
        ({"XDG_CACHE_HOME": "/var/cache/anna"}, Path("/var/cache/anna/phaseout")),
        ({"XDG_CACHE_HOME": "not/absolute"}, tmp_path / ".cache" / "phaseout"),
        ({}, tmp_path / ".cache" / "phaseout"),
    ):
        shelf = shelf_of(environment)
        assert shelf is not None
        assert shelf.folder == folder
