"""A format with a shape is read in two ways: ordinary lines are counted as the shape cuts them, all others go through ``rows``.

Whatever the lines are, both ways must say the same, and every line must be read by one of them.
"""

import gzip
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phaseout.engines.duckdb import DuckDB
from phaseout.logs import ahead as ahead_
from phaseout.logs import scan
from phaseout.logs.ahead import Ahead
from phaseout.logs.intake import Intake, read_into
from phaseout.logs.native import library
from phaseout.logs.pieces import LONGEST_LINE, Pieces
from phaseout.readers import READERS
from phaseout.reading.engine import Taken
from phaseout.reading.reader import Setting
from phaseout.reading.reduction import KEY, sightings
from phaseout.reading.source import PLACE_BITS, Source
from phaseout.reading.span import Span, Window, times_of

SAMPLES = Path(__file__).parent.parent / "samples" / "readers"
SHAPED = [name for name in READERS.ids if READERS[name].shape is not None]
AT = datetime(2026, 12, 1, tzinfo=UTC)
WINDOW = Window()
PLAIN = Span(cuts=(), zone=ZoneInfo("UTC"), last_year=2027)
DRIVER = Path(__file__).with_name("scan_driver.c")
HASH_DRIVER = Path(__file__).with_name("hash_driver.c")
SCAN_C = Path(scan.__file__).with_name("scan.c")

Row = dict[str, Any]

compiled = pytest.mark.skipif(
    library() is None and os.environ.get("CI") != "true",
    reason="the scan is not compiled: it needs a C compiler when phaseout is installed (apt-get install gcc libc6-dev)",
)
each_shape = pytest.mark.parametrize("format_", SHAPED)
some = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    made = DuckDB()
    yield made
    made.close()


def ordinary(format_: str) -> list[str]:
    """Every line of the format's samples, and a few whose bytes are at the edges of what a shape takes."""
    found = []
    for path in sorted((SAMPLES / format_).iterdir()):
        if not path.name.endswith((".expected.jsonl", ".gz", ".zst")):
            found += path.read_bytes().decode("utf-8", "replace").splitlines()
    return found


def read(
    engine: DuckDB, format_: str, path: Path, span: Span, window: Window = WINDOW, *, native: bool
) -> tuple[list[Row], Taken]:
    """Read a file with the compiled scan, or without."""
    source = Source(str(path), 3, READERS[format_], Setting(2027))
    with patch.object(ahead_, "library", library if native else lambda: None):
        taken = read_into(engine, [source], span, window)[0]
    rows = engine.ask(sightings, engine.sightings()).to_pylist()
    engine.forget()
    names = (*KEY, "period", "chunk", "day", "n", "first", "last", "days", "first_place", "last_place")
    rows = [{name: row[name] for name in names} for row in rows]
    return sorted(rows, key=lambda row: [str(row[name]) for name in names[:-2]]), taken


def _but_places(rows: list[Row]) -> list[Row]:
    """Leave the places out: of lines with one time stamp, any may stand for the first."""
    return [{name: value for name, value in row.items() if not name.endswith("_place")} for row in rows]


def alike(engine: DuckDB, format_: str, path: Path, span: Span = PLAIN, window: Window = WINDOW) -> tuple[list[Row], Taken]:
    """Read a file in both ways; what they say must be the same."""
    with_it, taken = read(engine, format_, path, span, window, native=True)
    without, plainly = read(engine, format_, path, span, window, native=False)
    assert _but_places(with_it) == _but_places(without)
    assert sorted(taken.fates, key=str) == sorted(plainly.fates, key=str)
    assert taken.rejected == plainly.rejected
    assert (taken.lines, taken.note) == (plainly.lines, plainly.note)
    return with_it, taken


def left_of(format_: str, path: Path) -> tuple[int, int]:
    """Return how many lines a file has, and how many the scan leaves."""
    with Ahead([Source(str(path), 3, READERS[format_], Setting(2027))], times_of(PLAIN, WINDOW)) as ahead:
        logs = Intake(ahead)
        left = sum(len(batch) for batch in logs.left())
        counted = logs.counted()
        ((lines, _),) = logs.ends()
    assert left + (sum(counted.counts["n"].to_pylist()) if counted else 0) == lines
    return lines, left


@st.composite
def spoiled(draw: st.DrawFn, lines: list[str]) -> str:
    """One line, with a few characters put in, taken out, or put for others."""
    line = draw(st.sampled_from(lines))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2, 4]))):
        at = draw(st.integers(0, len(line)))
        put = draw(
            st.sampled_from(["", '"', " ", "\\", "[", "]", "?", "-", "\t", "\r", "\0", "é", "\ud800", "ync", "9", ":", "x" * 40])
        )
        line = line[:at] + put + line[at + draw(st.integers(0, 2)) :]
    return line


def write(path: Path, lines: list[str], end: str, last: str | None = None) -> Path:
    """Write lines with an end, and the last with another; packed where the file is called so."""
    text = end.join(lines) + (end if last is None else last)
    told = text.encode("utf-8", "surrogateescape" if "\ud800" not in text else "surrogatepass")
    path.write_bytes(gzip.compress(told) if path.suffix == ".gz" else told)
    return path


@compiled
@each_shape
def test_the_shape_fits_ordinary_lines(format_: str, tmp_path: Path) -> None:
    fitting = 0
    for number, line in enumerate(ordinary(format_)):
        count, left = left_of(format_, write(tmp_path / f"{number}.log", [line], "\n"))
        fitting += count - left
    assert fitting > 10


@compiled
@each_shape
@some
@given(data=st.data(), end=st.sampled_from(["\n", "\n", "\r\n"]))
def test_both_ways_say_the_same_of_any_line(format_: str, data: st.DataObject, end: str, engine: DuckDB, tmp_path: Path) -> None:
    lines = data.draw(st.lists(spoiled(ordinary(format_)), min_size=1, max_size=12))
    last, name = data.draw(st.sampled_from([None, None, ""])), data.draw(st.sampled_from(["some.log", "some.log", "some.log.gz"]))
    begin = data.draw(st.sampled_from(["", "", "\ufeff"]))
    with patch.object(scan, "STRETCH", data.draw(st.sampled_from([scan.STRETCH, 64, 500]))):
        alike(engine, format_, write(tmp_path / name, [begin + lines[0], *lines[1:]], end, last))


STAMPS = st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 5)).map(lambda at: at.replace(microsecond=0))  # noqa: DTZ001 - local


@compiled
@some
@given(
    stamps=st.lists(st.tuples(STAMPS, st.sampled_from(["+0000", "-0930", "+0545", "+1400"])), min_size=1, max_size=40),
    cuts=st.lists(STAMPS, max_size=4, unique=True),
    edges=st.tuples(st.none() | STAMPS, st.none() | STAMPS),
    zone=st.sampled_from(["Europe/Berlin", "America/St_Johns", "UTC"]),
)
def test_both_ways_cut_time_alike(
    stamps: list[tuple[datetime, str]],
    cuts: list[datetime],
    edges: tuple[datetime | None, datetime | None],
    zone: str,
    engine: DuckDB,
    tmp_path: Path,
) -> None:
    lines = [
        f'192.0.2.7 - u{n % 2} [{at:%d/%b/%Y:%H:%M:%S} {offset}] "GET /owa/ HTTP/1.1" 200 1 "-" "a"'
        for n, (at, offset) in enumerate(stamps)
    ]
    since, until = (None if edge is None else edge.replace(tzinfo=UTC) for edge in edges)
    span = Span(tuple(sorted(cut.replace(tzinfo=UTC) for cut in cuts)), ZoneInfo(zone), 2027)
    path = write(tmp_path / "times.log", lines, "\n")
    alike(engine, "combined", path, span, Window(since, until))
    assert left_of("combined", path) == (len(lines), 0)


REFUSED_STAMPS = (
    "29/Feb/2026:08:00:00 +0300", "31/Apr/2026:08:00:00 +0300", "00/May/2026:08:00:00 +0300", "01/may/2026:08:00:00 +0300",
    "01/May/2026:24:00:00 +0300", "01/May/2026:23:60:00 +0300", "01/May/2026:23:59:60 +0300", "01/May/1969:08:00:00 +0300",
    "01/May/2026:08:00:00 0300", "01/May/2026:08:00:00 +03", "1/May/2026:08:00:00 +0300", "01/May/2026 08:00:00 +0300",
)  # fmt: skip


@compiled
@pytest.mark.parametrize("stamp", REFUSED_STAMPS)
def test_a_stamp_in_doubt_is_left(stamp: str, engine: DuckDB, tmp_path: Path) -> None:
    line = f'192.0.2.7 - u [{stamp}] "GET /owa/ HTTP/1.1" 200 1 "-" "a"'
    path = write(tmp_path / "stamp.log", [line], "\n")
    assert left_of("combined", path) == (1, 1)
    alike(engine, "combined", path)


def made(count: int) -> list[str]:
    """Lines of many people, some of which have no shape."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    return [
        f"192.0.2.{n % 200} - u{n * 7919 % 3000} [{start + timedelta(seconds=n * 37):%d/%b/%Y:%H:%M:%S %z}] "
        f'"POST /Microsoft-Server-ActiveSync?Cmd=Sync&DeviceId=d{n % 50} HTTP/1.1" 200 {n} "-" "agent {n % 9}"'
        if n % 100
        else f"no line of this format {n}"
        for n in range(count)
    ]


@compiled
@pytest.mark.parametrize("block", [61, 4096, 65_536])
@pytest.mark.parametrize("name", ["made.log", "made.log.gz"])
def test_lines_that_blocks_share_are_read_once(block: int, name: str, tmp_path: Path) -> None:
    path = write(tmp_path / name, made(2_000 if block < 100 else 20_000), "\n")
    whole = left_of("combined", path)
    with patch.object(scan, "STRETCH", block), patch.object(ahead_, "Pieces", partial(Pieces, block=block)):
        assert left_of("combined", path) == whole


@compiled
@pytest.mark.parametrize("name", ["made.log", "made.log.gz"])
def test_places_are_those_of_the_file(name: str, engine: DuckDB, tmp_path: Path) -> None:
    lines = made(30_000)
    path = write(tmp_path / name, lines, "\n")
    with patch.object(scan, "STRETCH", 4096):
        rows, taken = alike(engine, "combined", path)
    assert rows == read(engine, "combined", path, PLAIN, native=False)[0]
    assert taken.lines == len(lines)
    for row in rows[::500]:
        first = lines[(row["first_place"] & ((1 << PLACE_BITS) - 1)) - 1]
        assert f" {row['login']} [" in first
        assert f"DeviceId={row['device_id']} " in first


@compiled
def test_what_is_new_to_a_full_table_is_left_to_the_engine(engine: DuckDB, tmp_path: Path) -> None:
    path = write(tmp_path / "made.log", made(20_000), "\n")
    with patch.object(scan, "MOST_BYTES", 100_000):
        _, left = left_of("combined", path)
        alike(engine, "combined", path)
    assert 1_000 < left < 20_000


@compiled
@pytest.mark.parametrize("name", ["long.log", "long.log.gz"])
def test_a_line_that_is_too_long_is_left(name: str, engine: DuckDB, tmp_path: Path) -> None:
    long = '192.0.2.7 - u [01/Oct/2026:00:00:00 +0000] "GET /owa/?{} HTTP/1.1" 200 1 "-" "a"'
    lines = [
        long.format(""),
        long.format("x" * LONGEST_LINE),
        long.format("ync" + "x" * (LONGEST_LINE // 2)),
        "",
        long.format(""),
    ]
    _, taken = alike(engine, "combined", write(tmp_path / name, lines, "\n"))
    assert next(row["reason"] for row in taken.rejected) == "line too long"


@compiled
def test_a_file_that_becomes_shorter_while_it_is_read_still_adds_up(engine: DuckDB, tmp_path: Path) -> None:
    path = write(tmp_path / "made.log", made(20_000), "\n")
    source = Source(str(path), 3, READERS["combined"], Setting(2027))
    with patch.object(scan, "_bytes_of", lambda *_: b""), Ahead([source], times_of(PLAIN, WINDOW)) as ahead:
        (taken,) = engine.take(Intake(ahead), PLAIN, WINDOW)
    engine.forget()
    assert taken.lines == sum(row["n"] for row in taken.fates) == 20_000
    assert {row["line"] for row in taken.rejected} == {"\n"}
    assert len(taken.rejected) == 200


@compiled
def test_what_goes_wrong_in_reading_is_told(engine: DuckDB, tmp_path: Path) -> None:
    source = Source(str(tmp_path / "gone.log"), 3, READERS["combined"], Setting(2027))
    with pytest.raises(FileNotFoundError, match=r"gone\.log"):
        read_into(engine, [source], PLAIN, WINDOW)


@compiled
def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "made.log", made(200), "\n")
    with Ahead([Source(str(path), 3, READERS["combined"], Setting(2027))], times_of(PLAIN, WINDOW)) as ahead:
        assert sum(1 for _ in ahead.left()) == 1
        with pytest.raises(OSError, match=r"Bad file descriptor.*made\.log"):
            ahead.scans[0]._count_stretch(-1, 0, 100, 0)


@compiled
@pytest.mark.parametrize("line", ["no line of this format", made(2)[1]], ids=["left", "counted"])
def test_a_reading_that_nobody_wants_ends(line: str, tmp_path: Path) -> None:
    """Also where lines that are left wait for somebody to take them."""
    path = write(tmp_path / "made.log", [line] * 200_000, "\n")
    before, source = threading.active_count(), Source(str(path), 3, READERS["combined"], Setting(2027))
    with patch.object(scan, "STRETCH", 4096), Ahead([source], times_of(PLAIN, WINDOW)) as ahead:
        pass
    assert threading.active_count() == before
    assert ahead.files[0].count < 200_000


def test_keys_that_differ_in_little_are_told_apart(tmp_path: Path, gcc: Callable[..., Path]) -> None:
    """No two share even half of a hash, and each bit of a hash changes with every second bit of a key that does."""
    program = gcc(tmp_path, HASH_DRIVER, f'-DSCAN="{SCAN_C}"', "-O2")
    done = subprocess.run([program], capture_output=True, text=True, timeout=120, check=True)
    count, shared, least, most = map(int, done.stdout.split())
    assert count > 1_400_000
    assert shared == 0
    assert 480 <= least <= most <= 520


@pytest.mark.parametrize("without", [(), ("-DWITHOUT_SSE2",)], ids=["as this machine is", "as others are"])
def test_the_scan_touches_nothing_that_is_not_its_own(tmp_path: Path, gcc: Callable[..., Path], without: tuple[str, ...]) -> None:
    """Under gcc's sanitisers: nothing is read or written outside of what it is given, and nothing is undefined."""
    program = gcc(
        tmp_path, DRIVER, f'-DSCAN="{SCAN_C}"', "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1", *without
    )
    lines = ordinary("combined")
    chance = st.lists(spoiled(lines) | st.text(max_size=300), min_size=1, max_size=60)
    files = []

    @settings(max_examples=40, database=None, suppress_health_check=list(HealthCheck))
    @given(drawn=chance)
    def make(drawn: list[str]) -> None:
        text = "\n".join(re.sub("[\ud800-\udfff]", "?", line) for line in drawn)
        path = tmp_path / f"{len(files)}.bin"
        path.write_bytes(text.encode()[: (1 << 16) - 1] + b"\n")
        files.append(path)

    make()
    done = subprocess.run([program, *files], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    count, left, counted = map(int, done.stdout.split())
    assert count == left + counted == sum(path.read_bytes().count(b"\n") for path in files)
    assert counted > count // 10
