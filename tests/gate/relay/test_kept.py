"""What is kept of answers: for how long, how many, and what becomes of it when the disk won't have it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from phaseout.gate.http import Answer
from phaseout.gate.relay import kept as room
from phaseout.gate.relay.kept import Kept
from phaseout.model.fault import FaultsError

BEGUN = datetime(2026, 11, 27, 12, tzinfo=UTC)
LIFE = timedelta(hours=12)
PAGE = Answer(403, (("X-Gate-Decision", "K7Q4MX-2F"), ("X-Gate-Effect", "block")), "нет\0".encode(), "text/html")


class Clock:
    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def written(kept: Kept) -> None:
    asyncio.run(kept.write())


def test_an_answer_comes_back_as_it_was(clock: Clock, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    kept.keep(PAGE, b"a")
    assert (kept.find(b"a"), kept.find(b"b")) == (PAGE, None)
    written(kept)
    assert kept.find(b"a") == PAGE
    kept.keep(Answer(200), b"a")
    assert kept.find(b"a") == Answer(200), "the newer one, written or not"
    kept.close()
    again = Kept(tmp_path / "kept.db", LIFE, clock)
    assert again.find(b"a") == Answer(200)
    again.close()


@pytest.mark.parametrize("is_written", [False, True])
def test_it_holds_for_its_time_and_no_longer_however_often_it_is_used(clock: Clock, tmp_path: Path, *, is_written: bool) -> None:
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    kept.keep(PAGE, b"a")
    if is_written:
        written(kept)
    for hours in (6, 12):
        clock.now = BEGUN + timedelta(hours=hours)
        assert kept.find(b"a") == PAGE
    clock.now += timedelta(milliseconds=1)
    assert kept.find(b"a") is None
    clock.now = BEGUN - timedelta(minutes=59)
    assert kept.find(b"a") == PAGE, "the clock was put back a little"
    clock.now = BEGUN - timedelta(hours=2)
    assert kept.find(b"a") is None, "it comes of a clock that was wrong"
    kept.close()


def test_what_holds_no_longer_is_forgotten_and_of_too_many_the_oldest(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST", 3)
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    for name in (b"a", b"b", b"c", b"d", b"e"):
        clock.now += timedelta(minutes=1)
        kept.keep(PAGE, name)
    written(kept)
    assert [kept.find(name) is not None for name in (b"a", b"b", b"c", b"d", b"e")] == [False, False, True, True, True]
    clock.now += timedelta(hours=13)
    written(kept)
    with closing(sqlite3.connect(tmp_path / "kept.db")) as file:
        assert file.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    kept.close()


def test_what_can_t_be_written_is_held_and_told_once(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(room, "MOST_HELD", 2)
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    with caplog.at_level(logging.INFO), closing(sqlite3.connect(tmp_path / "kept.db", isolation_level=None)) as other:
        for time in (1, 2):
            other.execute("CREATE TRIGGER full BEFORE INSERT ON kept BEGIN SELECT RAISE(FAIL, 'full'); END")
            for name in (b"a", b"b", b"c"):
                kept.keep(PAGE, name)
                written(kept)
            assert [kept.find(name) is not None for name in (b"a", b"b", b"c")] == [time == 2, True, True]
            assert kept.failures == 3 * time
            other.execute("DROP TRIGGER full")
            written(kept)
            assert other.execute("SELECT count(*) FROM kept").fetchone() == (1 + time,)
            kept.keep(PAGE, b"a")
            written(kept)
    told = [record.getMessage().partition(": ")[0] for record in caplog.records]
    assert told == ["Kept decisions can't be written", "Kept decisions are written again"] * 2
    kept.close()


def test_a_file_that_is_removed_while_it_is_used_is_made_anew(clock: Clock, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    kept.keep(PAGE, b"a")
    written(kept)
    for each in tmp_path.iterdir():
        each.unlink()
    kept.keep(PAGE, b"b")
    for _ in range(2):
        written(kept)
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
    kept.keep(PAGE, b"c")
    kept.close()
    again = Kept(tmp_path / "kept.db", LIFE, clock)
    assert [again.find(name) is not None for name in (b"a", b"b", b"c")] == [False, True, True]
    again.close()


def test_a_file_that_is_damaged_while_it_is_used_is_put_aside(clock: Clock, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    for each in tmp_path.iterdir():
        each.unlink()
    (tmp_path / "kept.db").write_bytes(b"no database at all" * 1000)
    kept.keep(PAGE, b"a")
    for _ in range(2):
        written(kept)
    assert (tmp_path / "kept.db.damaged").exists()
    kept.close()
    again = Kept(tmp_path / "kept.db", LIFE, clock)
    assert again.find(b"a") == PAGE
    again.close()


@pytest.mark.parametrize("content", [b"no database at all" * 1000, b"SQLite format 3\0" + b"\1" * 5000])
def test_a_damaged_file_is_put_aside(content: bytes, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kept.db").write_bytes(content)
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    kept.keep(PAGE, b"a")
    written(kept)
    assert kept.find(b"a") == PAGE
    assert (tmp_path / "kept.db.damaged").read_bytes() == content
    assert "is damaged" in caplog.text
    kept.close()


def test_a_file_whose_middle_is_damaged_is_put_aside(clock: Clock, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    for number in range(2000):
        kept.keep(PAGE, number.to_bytes(16, "big"))
    kept.close()
    data = bytearray((tmp_path / "kept.db").read_bytes())
    assert len(data) > 100_000
    data[20_000:60_000] = b"\xff" * 40_000
    (tmp_path / "kept.db").write_bytes(data)
    kept = Kept(tmp_path / "kept.db", LIFE, clock)
    assert (tmp_path / "kept.db.damaged").exists()
    assert kept.find((0).to_bytes(16, "big")) is None
    kept.close()


def test_a_folder_that_is_not_there(clock: Clock, tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "kept.db", tmp_path):
        with pytest.raises(FaultsError, match="PO533"):
            Kept(path, LIFE, clock)
