"""What every reader promises. A new reader needs no change here: its file and its folder of samples are enough.

A sample is ``tests/samples/readers/<format>/<name>.<ending>`` with ``<name>.expected.jsonl`` beside it: one JSON line for each
sighting, and a last one with ``lines``, ``accesses``, ``ignored`` and ``rejected`` by reason, ``timezone`` and ``at`` where the
format's clock is local, and ``secrets``: the credentials that stand in the log and may stand nowhere else.
"""

import gzip
import io
import json
import random
from codecs import BOM_UTF8
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phaseout.logs.json_list import Records, begins_list
from phaseout.logs.opened import GZIP, ZSTD
from phaseout.model.access import PROTOCOLS, SERVICES, Action, Outcome
from phaseout.readers import READERS
from phaseout.reading.reader import PASSED, REFUSED, REPEATED, SAME_RECORD, Clock, Setting, ZoneNeededError
from phaseout.runs.formats import look

Row = dict[str, Any]
Observe = Callable[..., Any]

SAMPLES = Path(__file__).parent.parent / "samples" / "readers"
ENDING = ".expected.jsonl"
ZONE = "Europe/Moscow"
OTHER_ZONE = "Asia/Yekaterinburg"
AHEAD = timedelta(hours=2)  # of Moscow, in every year since 2016

each_reader = pytest.mark.parametrize("format_", READERS.ids)
some = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def logs(format_: str) -> list[Path]:
    return sorted(path for path in SAMPLES.glob(f"{format_}/*") if not path.name.endswith(ENDING))


def expected_of(log: Path) -> Path:
    return log.with_name(log.name.split(".")[0] + ENDING)


def content(log: Path) -> bytes:
    raw = log.read_bytes()
    return gzip.decompress(raw) if raw.startswith(GZIP) else raw


def read(path: Path) -> tuple[list[Row], Row]:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return rows[:-1], rows[-1]


def summary_of(log: Path) -> Row:
    expected = expected_of(log)
    return read(expected)[1] if expected.exists() else {}


def told(log: Path) -> dict[str, str]:
    """What must be said to read this sample."""
    summary = summary_of(log)
    if not summary and READERS[log.parent.name].clock is Clock.LOCAL:
        return {"zone": ZONE}
    return {name: summary[key] for name, key in (("zone", "timezone"), ("at", "at")) if key in summary}


each_sample = pytest.mark.parametrize(
    ("format_", "log"), [pytest.param(id_, log, id=f"{id_}-{log.name}") for id_ in READERS.ids for log in logs(id_)]
)

each_export = pytest.mark.parametrize(
    ("format_", "log"),
    [pytest.param(id_, log, id=f"{id_}-{log.name}") for id_ in READERS.ids if READERS[id_].exported for log in logs(id_)],
)


@each_reader
def test_it_has_samples(format_: str) -> None:
    assert logs(format_), f"tests/samples/readers/{format_} has no sample."
    orphans = {path.name for path in SAMPLES.glob(f"{format_}/*{ENDING}")} - {expected_of(log).name for log in logs(format_)}
    assert not orphans, "These say what to expect of a log that isn't there."


@each_reader
def test_it_is_called_as_its_file(format_: str) -> None:
    reader = READERS[format_]
    assert reader.id == format_
    assert reader.title
    assert set(reader.doors) <= set(PROTOCOLS)
    assert set(reader.repeats) <= set(READERS.ids) - {format_}
    assert not (reader.exported and reader.shape), "Each line of an export has an id, by which it is known again."


@each_sample
def test_it_reads_its_sample_as_expected(format_: str, log: Path, observe: Observe, tmp_path: Path) -> None:
    reader, expected = READERS[format_], expected_of(log)
    seen = observe(reader, log, **told(log))
    (tmp_path / expected.name).write_text(seen.text(), "utf-8")
    hint = f"What it reads stands in {tmp_path / expected.name}: check it line by line before it becomes {expected.name}."
    assert expected.exists(), hint
    sightings, summary = read(expected)
    assert seen.sightings == sightings, hint
    assert seen.summary == {name: value for name, value in summary.items() if name != "secrets"}, hint


@each_sample
def test_it_accounts_for_every_line(format_: str, log: Path, observe: Observe) -> None:
    seen = observe(READERS[format_], log, **told(log))
    fates = seen.summary["accesses"], *seen.summary["ignored"].values(), *seen.summary["rejected"].values()
    assert seen.summary["lines"] == sum(fates) == lines_in(content(log))
    assert sum(row["n"] for row in seen.sightings) == seen.summary["accesses"]
    assert len(seen.rejected) == sum(seen.summary["rejected"].values())


@each_sample
def test_its_words_are_the_models(format_: str, log: Path, observe: Observe) -> None:
    for row in observe(READERS[format_], log, **told(log)).sightings:
        assert row["service"] in SERVICES
        assert row["protocol"] in READERS[format_].doors
        assert row["action"].removeprefix(REFUSED).removeprefix(PASSED).removeprefix(REPEATED) in set(Action)
        assert row["outcome"] in set(Outcome)
        assert row["login"]


@each_reader
def test_its_samples_leak_credentials(format_: str) -> None:
    assert any(summary_of(log).get("secrets") for log in logs(format_)), "Put a leaked password in a sample."


@each_sample
def test_it_copies_no_credential(format_: str, log: Path, observe: Observe) -> None:
    secrets = summary_of(log).get("secrets", [])
    seen = observe(READERS[format_], log, **told(log))
    for secret in secrets:
        assert secret.encode() in content(log)
        assert secret not in seen.text()
        assert not [line for line in seen.rejected if secret in line]


def moved(rows: list[Row], by: timedelta) -> list[Row]:
    stamps = {name: [(datetime.fromisoformat(row[name]) + by).isoformat() for row in rows] for name in ("first", "last")}
    return [row | {name: stamps[name][i] for name in stamps} for i, row in enumerate(rows)]


@each_sample
def test_it_says_its_time_zone(format_: str, log: Path, observe: Observe) -> None:
    reader, how = READERS[format_], told(log)
    here, there = observe(reader, log, **how), observe(reader, log, **(how | {"zone": OTHER_ZONE}))
    assert there.sightings == (moved(here.sightings, -AHEAD) if reader.clock is Clock.LOCAL else here.sightings)
    assert (how.get("zone") == ZONE) == (reader.clock is Clock.LOCAL)


@each_sample
def test_it_guesses_no_time_zone(format_: str, log: Path, observe: Observe) -> None:
    reader = READERS[format_]
    if reader.clock is Clock.LOCAL:
        with pytest.raises(ZoneNeededError):
            observe(reader, log, zone=None)
    else:
        assert Setting(2027).zone is None
        assert observe(reader, log, zone=None).sightings


@each_sample
def test_it_knows_its_own_samples_and_no_others(format_: str, log: Path) -> None:
    (best, likeness), *others = look(log)
    assert best == format_, f"{log.name} looks like {best}: {likeness.why}"
    assert all(other.sure < likeness.sure for _, other in others), [(id_, other.sure) for id_, other in others]


@each_sample
def test_order_changes_places_only(format_: str, log: Path, observe: Observe, tmp_path: Path) -> None:
    reader, how, rng = READERS[format_], told(log), random.Random(7)  # noqa: S311 - shuffling
    heads, mixed = tuple(head.encode() for head in (*reader.head, reader.dated) if head), []
    lines = content(log).removeprefix(BOM_UTF8).removesuffix(b"\n").split(b"\n")
    for is_head, part in groupby(lines, lambda line: line.startswith(heads)):
        together = list(part)
        mixed += together if is_head else rng.sample(together, len(together))
    path = tmp_path / log.name
    path.write_bytes(b"\n".join(mixed))
    seen, before = observe(reader, path, **how), observe(reader, log, **how)
    assert without_places(seen.sightings) == without_places(before.sightings)
    assert seen.summary == before.summary


@each_export
def test_a_record_of_an_export_counts_once(format_: str, log: Path, observe: Observe, tmp_path: Path) -> None:
    reader, path = READERS[format_], tmp_path / log.name
    path.write_bytes(content(log).removesuffix(b"\n") + b"\n" + content(log))
    once, twice = observe(reader, log, **told(log)), observe(reader, path, **told(log))
    assert twice.sightings == once.sightings
    again = {SAME_RECORD: once.summary["accesses"]}
    assert twice.summary["ignored"] == {reason: 2 * n for reason, n in once.summary["ignored"].items()} | again
    assert twice.summary["accesses"] == once.summary["accesses"]


def without_places(rows: list[Row]) -> list[Row]:
    return [{name: value for name, value in row.items() if not name.endswith("_line")} for row in rows]


def lines_in(text: bytes) -> int:
    if begins_list(text):  # its records are counted
        records = Records(io.BytesIO(text))
        text = b"".join(iter(partial(records.read, 1), b""))
    return text.count(b"\n") + (not text.endswith(b"\n") and bool(text))


def holds(format_: str, text: bytes, observe: Observe, path: Path) -> None:
    """Read anything at all; every line must be accounted for."""
    if text.startswith((GZIP, ZSTD)):
        text = b"x" + text
    path.write_bytes(text)
    reader = READERS[format_]
    summary = observe(reader, path, zone=ZONE if reader.clock is Clock.LOCAL else None).summary
    fates = summary["accesses"], *summary["ignored"].values(), *summary["rejected"].values()
    assert summary["lines"] == lines_in(text) == sum(fates)


anything = st.lists(
    st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))), max_size=30
).map(b"\n".join)


@each_reader
def test_it_never_raises_on_garbage(format_: str, observe: Observe, tmp_path: Path) -> None:
    @some
    @given(anything)
    def check(text: bytes) -> None:
        holds(format_, text, observe, tmp_path / "garbage.log")

    check()


@st.composite
def damaged(draw: st.DrawFn, lines: list[bytes]) -> bytes:
    """Draw lines of samples with bytes changed, put in, cut off, and whole lines said again."""
    out = []
    for _ in range(draw(st.integers(1, 25))):
        line = bytearray(draw(st.sampled_from(lines)))
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(line)))
            how = draw(st.sampled_from(("change", "put in", "cut off", "take out")))
            byte = draw(st.one_of(st.sampled_from(b" \"'\\,;:=[]{}()<>-+%&?0123456789\t\0\xff"), st.integers(0, 255)))
            if how == "change" and at < len(line):
                line[at] = byte
            elif how == "put in":
                line.insert(at, byte)
            elif how == "cut off":
                del line[at:]
            else:
                del line[at : at + 10]
        out += [bytes(line)] * draw(st.sampled_from((1, 1, 1, 3)))
    return b"\n".join(out) + draw(st.sampled_from((b"\n", b"", b"\r\n")))


@each_reader
def test_damaged_lines_still_add_up(format_: str, observe: Observe, tmp_path: Path) -> None:
    lines = [line for log in logs(format_) for line in content(log).split(b"\n")]

    @some
    @given(damaged(lines))
    def check(text: bytes) -> None:
        holds(format_, text, observe, tmp_path / "damaged.log")

    check()
