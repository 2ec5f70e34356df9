"""Who counts: those whom the order reaches and who were there. What is counted by unit adds up with the coverage."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from phaseout.directive.load import load
from phaseout.judge.order import compile_order
from phaseout.model.answer import Answer, UnitState
from phaseout.model.person import AccountKind, Person
from phaseout.reporting.figures import Figures
from phaseout.reporting.words import not_counted
from phaseout.runs.check import check
from phaseout.runs.inputs import Asked, Norms

ORDER = """
id: test
title: No Apple phones
issuer: Ministry of Examples
version: "1"
time_zone: Europe/Moscow
issued: 2026-01-01
devices:
  apple: {title: Apple phones and tablets, is: {maker: Apple}}
clauses:
  - {id: "1", text: None., strength: must, who: {units: M}, devices: apple, services: mail, from: 2026-02-01}
  - {id: "2", text: None., strength: must, who: {units: N}, devices: apple, services: mail, from: 2026-03-05, until: 2026-03-20}
"""
AT = datetime(2026, 3, 31, 21, tzinfo=UTC)  # the end of the 31st in Moscow
MARCH = datetime(2026, 2, 28, 21, tzinfo=UTC)


def person(name: str, unit: str = "M", starts: date | None = None, ends: date | None = None) -> Person:
    return Person(name, name, (name,), (unit,), starts=starts, ends=ends)


def answered(folder: Path, people: tuple[Person, ...], seen: str, since: datetime | None = None, at: datetime = AT) -> Answer:
    target = "/Microsoft-Server-ActiveSync?Cmd=Sync&User={0}&DeviceId=A{0}&DeviceType=iPhone"
    line = f'192.0.2.7 - {{0}} [10/Mar/2026:10:00:00 +0300] "POST {target} HTTP/1.1" 200 1 "-" "Apple-iPhone14C2/2001.362"\n'
    (folder / "access.log").write_text("".join(line.format(login) for login in seen.split()))
    directive = load(ORDER, "order.yaml")
    asked = Asked((folder / "access.log",), at, since=since)
    checked = check(asked, Norms(directive, compile_order(directive), (), people), io.StringIO())
    answer = checked.answer()
    checked.engine.close()
    return answer


def parts(unit: UnitState) -> int:
    seen = unit.violating + unit.waived + unit.advised + unit.cannot_tell + unit.clean
    return seen + unit.never_seen + unit.not_reached + unit.not_there


def test_whom_no_clause_reaches_is_not_clean_and_the_sums_add_up(tmp_path: Path) -> None:
    people = (
        *map(person, ("anna", "boris")), person("clara", "X"), person("david", "X"), person("elena", "N", ends=date(2026, 3, 4)),
        Person("desk", "Desk", ("desk",), ("M",), kind=AccountKind.SHARED),
    )  # fmt: skip
    answer = answered(tmp_path, people, "anna clara desk")
    coverage = answer.coverage
    assert (coverage.people_in_scope, coverage.people_seen, coverage.not_reached, coverage.not_there) == (2, 1, 2, 1)
    assert [one.id for one in coverage.never_seen] == ["boris"]
    units = {unit.unit[0]: unit for unit in answer.units}
    assert (units["M"].violating, units["M"].never_seen) == (1, 1)
    assert (units["X"].people, units["X"].clean, units["X"].never_seen, units["X"].not_reached) == (2, 0, 0, 2)
    assert (units["N"].people, units["N"].not_there) == (1, 1)
    assert all(unit.people == parts(unit) for unit in answer.units)
    assert sum(unit.counted for unit in answer.units) == coverage.people_in_scope
    assert sum(unit.people for unit in answer.units) == coverage.people_in_scope + coverage.not_reached + coverage.not_there


@pytest.mark.parametrize(
    ("unit", "starts", "ends", "since", "counted"),
    [
        ("M", None, None, None, True),
        ("M", None, date(2026, 1, 31), None, False),  # left on the day before the clause
        ("M", None, date(2026, 2, 1), None, True),
        ("M", None, date(2026, 2, 28), MARCH, False),
        ("M", None, date(2026, 3, 1), MARCH, True),
        ("M", date(2026, 4, 1), None, None, False),  # comes after the time
        ("M", date(2026, 3, 31), None, None, True),
        ("M", date(2026, 2, 2), date(2026, 2, 3), None, True),
        ("N", None, date(2026, 3, 4), None, False),  # each by the person's own clauses
        ("N", None, date(2026, 3, 5), None, True),
        ("N", date(2026, 3, 20), None, None, True),
        ("N", date(2026, 3, 21), None, None, False),  # the clause was over
    ],
)
def test_who_was_not_there_on_any_day_of_the_time_is_left_out(
    tmp_path: Path, unit: str, starts: date | None, ends: date | None, since: datetime | None, *, counted: bool
) -> None:
    answer = answered(tmp_path, (person("anna"), person("boris", unit, starts, ends)), "anna", since)
    assert (answer.coverage.people_in_scope, answer.coverage.not_there) == ((2, 0) if counted else (1, 1))
    told = (
        f"Not counted: 1 person who was not in the organisation on any day from 1 {'Mar' if since else 'Feb'} 2026 to 31 Mar 2026"
    )
    assert [text.startswith(told) for text in not_counted(answer.coverage)] == ([] if counted else [True])


def test_who_was_seen_counts_whatever_the_list_says_of_the_days(tmp_path: Path) -> None:
    answer = answered(tmp_path, (person("anna", ends=date(2025, 12, 31)), person("boris", ends=date(2025, 12, 31))), "anna")
    assert (answer.coverage.people_in_scope, answer.coverage.people_seen, answer.coverage.not_there) == (1, 1, 1)
    assert (Figures(answer).violating, answer.coverage.outside_service) == (1, {"anna": 1})


def test_before_a_clause_begins_those_count_who_are_there_at_the_end_of_the_time(tmp_path: Path) -> None:
    people = person("anna"), person("boris", ends=date(2026, 1, 9)), person("clara", ends=date(2026, 1, 10))
    answer = answered(tmp_path, people, "anna", at=datetime(2026, 1, 10, 12, tzinfo=UTC))
    assert [one.id for one in answer.coverage.never_seen] == ["anna", "clara"]
