"""Two questions have one identity only when their expressions are the same."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from msgspec.structs import replace

from phaseout.logs.lines import OVER, SCHEMA
from phaseout.plans import identity as room
from phaseout.plans.identity import Identity, identity
from phaseout.readers import READERS
from phaseout.reading.question import Question, Table
from phaseout.reading.questions import cases, logins, standing
from phaseout.reading.reader import Setting
from phaseout.reading.reduction import distinct_rows
from phaseout.reading.repeating import repeats
from phaseout.reading.span import Span

ZONE = ZoneInfo("Europe/Berlin")
SPAN = Span((datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)), ZONE, 2027)
SETTING = Setting(2027, ZONE)
LINES = Table("lines", SCHEMA)
SEEN = Table("seen", pa.schema({"login": pa.string(), "n": pa.int64(), "first": pa.timestamp("us"), "last": pa.timestamp("us")}))


def reading(**other: Any) -> Question:  # noqa: ANN401 - anything is given
    given = {"lines": LINES, "reader": READERS["sogo"], "setting": SETTING, "span": SPAN, "over": OVER} | other
    one_file = given.pop("one_file", True)
    return Question(distinct_rows, tuple(given.values()), {"one_file": one_file})


def test_the_same_question_is_the_same_and_lasts() -> None:
    told = identity(reading())
    assert told == identity(reading(setting=Setting(2027, ZoneInfo("Europe/Berlin")), span=replace(SPAN)))
    assert told.lasting


@pytest.mark.parametrize(
    "other",
    [
        {"lines": Table("others", SCHEMA)},
        {"lines": Table("lines", SCHEMA.remove(2))},
        {"lines": Table("lines", pa.schema([*list(SCHEMA)[:2], pa.field("head", pa.string(), nullable=False)]))},
        {"lines": Table("lines", pa.schema([*list(SCHEMA)[:2], pa.field("head", pa.int64())]))},
        {"lines": Table("lines", pa.schema([*list(SCHEMA)[:2], pa.field("tail", pa.string())]))},
        {"reader": READERS["combined"]},
        {"reader": replace(READERS["sogo"], behind=())},
        {"reader": replace(READERS["sogo"], rows=READERS["zpush"].rows)},
        {"setting": replace(SETTING, zone=ZoneInfo("Europe/Moscow"))},
        {"setting": replace(SETTING, zone=None)},
        {"setting": replace(SETTING, last_year=2028)},
        {"span": replace(SPAN, cuts=SPAN.cuts[:1])},
        {"span": replace(SPAN, cuts=(SPAN.cuts[0], datetime(2026, 4, 1, 0, 0, 0, 1, tzinfo=UTC)))},
        {"span": replace(SPAN, zone=ZoneInfo("Europe/Moscow"))},
        {"span": replace(SPAN, last_year=2028)},
        {"over": OVER[1:]},
        {"one_file": False},
    ],
)
def test_whatever_is_given_makes_another_question(other: dict[str, Any]) -> None:
    told = identity(reading(**other))
    assert told.lasting
    assert told.text != identity(reading()).text


VALUES = (
    0, 1, -1, "1", 1.0, True, False, None, "", "null", (), [], {}, (1,), [1], ("1",), (1, 2), ((1,), 2), (1, (2,)), {"a": 1},
    {1: "a"}, {"a": {"b": 1}}, {"a": 1, "b": 2}, {"b": 2, "a": 1}, "[1]", ("tuple", 1), ["list", 1], (["list", 1],),
    datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00", datetime(2026, 1, 1, tzinfo=ZONE),
)  # fmt: skip


def test_no_value_is_taken_for_another() -> None:
    told = [identity(Question(standing, (SEEN, value))) for value in VALUES]
    assert all(each.lasting for each in told)
    assert len({each.text for each in told}) == len(VALUES)


def test_no_question_is_taken_for_another() -> None:
    assert identity(Question(logins, (SEEN,))).text != identity(Question(cases, (SEEN,))).text
    assert identity(Question(logins, (SEEN,))).text != identity(Question(logins, (), {"sightings": SEEN})).text
    one, other = {"a": ("b",), "b": ("c",)}, {"b": ("c",), "a": ("b",)}
    assert identity(Question(repeats, (SEEN, one))).text != identity(Question(repeats, (SEEN, other))).text


def passing() -> Iterator[Any]:
    """Give what nobody can tell in words."""
    yield Question(lambda table: table, (SEEN,))
    yield Question(test_no_value_is_taken_for_another)
    yield reading(reader=replace(READERS["sogo"], rows=lambda lines, _: lines))
    yield Question(logins, (replace(SEEN, schema=pa.schema({"parts": pa.list_(pa.string())})),))
    yield Question(logins, (object(),))


@pytest.mark.parametrize("number", range(5))
def test_what_cannot_be_told_in_words_does_not_last(number: int) -> None:
    one, other = list(passing())[number], list(passing())[number]
    assert not identity(one).lasting
    assert identity(one) == identity(one)
    if number not in {1, 3}:
        assert identity(one).text != identity(other).text


def test_a_function_that_was_put_in_anothers_place_does_not_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phaseout.reading.questions.logins", lambda table: table)
    assert not identity(Question(logins, (SEEN,))).lasting


def test_a_zone_whose_rules_changed_is_another_zone(tmp_path: Path) -> None:
    def told(rules: bytes) -> Identity:
        (tmp_path / "Europe").mkdir(exist_ok=True)
        (tmp_path / "Europe" / "Berlin").write_bytes(rules)
        zoneinfo.reset_tzpath([tmp_path])
        room._rules_of.cache_clear()
        return identity(reading())

    try:
        one, other = told(b"rules"), told(b"other rules")
    finally:
        zoneinfo.reset_tzpath()
        room._rules_of.cache_clear()
    assert one.lasting
    assert one.text != other.text
