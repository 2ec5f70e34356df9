"""A plan is made once, and made again as soon as anything is another."""

from __future__ import annotations

from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from phaseout.plans.plan import Plan
from phaseout.plans.planner import Planner
from phaseout.plans.shelf import Shelf
from phaseout.reading.question import Question, Table
from phaseout.reading.questions import cases, logins, shared_device_ids

SEEN = Table("seen", pa.schema({"login": pa.string(), "n": pa.int64(), "first": pa.timestamp("us"), "last": pa.timestamp("us")}))
QUESTION = Question(logins, (SEEN,))


class Compiled:
    """Counts what is compiled."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, expression: ir.Table) -> str:
        self.count += 1
        return ibis.duckdb.compile(expression)


def plan(shelf: Shelf | None, origin: str | None = "origin", question: Question = QUESTION) -> tuple[Plan, int]:
    compiled = Compiled()
    return Planner(compiled, origin, shelf).plan(question), compiled.count


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "phaseout")


def test_a_plan_is_made_once_in_a_run_and_once_in_all_runs(shelf: Shelf) -> None:
    compiled = Compiled()
    planner = Planner(compiled, "origin", shelf)
    made = planner.plan(QUESTION)
    assert planner.plan(Question(logins, (SEEN,))) is made
    assert compiled.count == 1
    assert plan(shelf) == (made, 0)
    assert made.schema.names == ["login", "n", "first", "last"]


def test_another_origin_is_another_plan(shelf: Shelf) -> None:
    assert [plan(shelf, origin)[1] for origin in ("a", "a", "b", "ab", "a")] == [1, 0, 1, 1, 0]


def test_without_an_origin_or_a_shelf_nothing_is_kept(shelf: Shelf) -> None:
    assert [plan(shelf, None)[1], plan(None)[1], plan(None)[1], plan(shelf, None)[1]] == [1, 1, 1, 1]
    assert not shelf.folder.exists()


def test_another_question_is_another_plan(shelf: Shelf) -> None:
    table = Table("joined", pa.schema({"device_id": pa.string(), "device": pa.int32()}))
    assert plan(shelf)[1] == 1
    found, count = plan(shelf, question=Question(shared_device_ids, (table,)))
    assert count == 1
    assert found.schema.names == ["device_id", "device"]
    assert plan(shelf, question=Question(shared_device_ids, (Table("others", table.schema),)))[1] == 1


def test_what_cannot_be_told_in_words_is_made_once_a_run_and_not_kept(shelf: Shelf) -> None:
    compiled = Compiled()
    planner = Planner(compiled, "origin", shelf)
    question = Question(lambda table: table.select("login"), (SEEN,))
    assert planner.plan(question) is planner.plan(question)
    assert compiled.count == 1
    assert not shelf.folder.exists()


def test_a_damaged_plan_is_made_again(shelf: Shelf) -> None:
    made, _ = plan(shelf)
    for path in shelf.folder.iterdir():
        path.write_text("{}")
    assert plan(shelf) == (made, 1)
    assert plan(shelf) == (made, 0)


def test_a_plan_is_the_same_whether_it_was_made_or_found(shelf: Shelf) -> None:
    people = Table("reached", pa.schema({"profile": pa.int32()}))
    names = {"profile": pa.int32(), "device": pa.int32(), "service": pa.string(), "protocol": pa.string(), "action": pa.string()}
    table = Table("joined", pa.schema(names | {"period": pa.int32()}))
    made, found = (plan(shelf, question=Question(cases, (table, people)))[0] for _ in range(2))
    assert made == found
    assert made.schema == table.schema
