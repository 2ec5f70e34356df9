"""The sample ministry is the same for the same numbers, and its papers are in order."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from phaseout.demo.make import make
from phaseout.demo.order import exceptions
from phaseout.demo.staff import staff
from phaseout.directive.load import check, load
from phaseout.directive.waivers import load_waivers
from phaseout.model.person import AccountKind
from phaseout.people import Directory, load_people


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    make(tmp_path / "one", seed=5, days=12, people=60)
    make(tmp_path / "two", seed=5, days=12, people=60)
    make(tmp_path / "other", seed=6, days=12, people=60)
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "two")
    assert bytes_of(tmp_path / "one")["truth.jsonl"] != bytes_of(tmp_path / "other")["truth.jsonl"]


@pytest.mark.parametrize(("days", "people"), [(90, 59), (0, 400)])
def test_a_ministry_that_is_too_small_is_refused(tmp_path: Path, days: int, people: int) -> None:
    with pytest.raises(ValueError, match="at least 60 people"):
        make(tmp_path / "small", days=days, people=people)
    assert not (tmp_path / "small").exists()


def test_the_directive_and_its_waivers_are_without_fault(ministry: SimpleNamespace) -> None:
    text = (ministry.folder / "directive.yaml").read_text("utf-8")
    assert check(text, "directive.yaml") == ()
    directive = load(text, "directive.yaml")
    waivers = load_waivers((ministry.folder / "waivers.yaml").read_text("utf-8"), "waivers.yaml", directive)
    assert [clause.id for clause in directive.judged] == ["1.1", "1.2", "2", "3"]
    assert [waiver.id for waiver in waivers] == ["W-1", "W-2", "W-3"]
    assert {waiver.person for waiver in waivers} <= {line["person"] for line in ministry.truth} | {None}


def test_the_staff_list_is_read_and_knows_every_planted_login(ministry: SimpleNamespace) -> None:
    people = load_people(ministry.folder / "staff.csv")
    kinds = Counter(person.kind for person in people)
    assert kinds == {AccountKind.PERSON: ministry.people, AccountKind.SHARED: 2, AccountKind.SERVICE: 1}
    assert max(len(person.unit) for person in people) == 3
    directory = Directory(people)
    for line in ministry.truth:
        found = directory.find(line["login"])
        assert (found.id if found else None) == line["person"], line["login"]


def test_somebody_joins_leaves_and_stays_unseen(ministry: SimpleNamespace) -> None:
    people = load_people(ministry.folder / "staff.csv")
    seen = {line["person"] for line in ministry.truth}
    assert any(person.starts and person.starts > date(2026, 8, 3) for person in people)
    assert any(person.ends for person in people)
    assert any(not line["employed"] for line in ministry.truth)
    assert {person.id for person in people} - seen
    assert any(line["person"] is None for line in ministry.truth)


def test_a_waiver_covers_its_days_and_no_others() -> None:
    early, late = staff(100, range(20_000, 20_090), Random(1))[4:6]  # noqa: S311 - nothing here is secret
    first = exceptions(early, late)[0]
    starts = first.starts.toordinal() - date(1970, 1, 1).toordinal()
    ends = first.until.toordinal() - date(1970, 1, 1).toordinal()
    assert first.covers(early, "1.1", starts)
    assert first.covers(early, "1.1", ends)
    assert not first.covers(early, "1.1", ends + 1)
    assert not first.covers(early, "1.2", starts)
    assert not first.covers(late, "1.1", starts)


def test_the_truth_has_something_of_everything(ministry: SimpleNamespace) -> None:
    verdicts = Counter((clause, each["verdict"]) for line in ministry.truth for clause, each in line["expect"].items())
    for clause, verdict in [
        ("1.1", "violation"),
        ("1.1", "advised"),
        ("1.2", "violation"),
        ("1.2", "advised"),
        ("2", "advised"),
        ("3", "violation"),
        ("3", "cannot tell"),
        ("1.2", "cannot tell"),
        ("1.1", "permitted"),
        ("2", "not covered"),
    ]:
        assert verdicts[clause, verdict], (clause, verdict)
    assert ("2", "violation") not in verdicts
    assert any(each["waived"] for line in ministry.truth for each in line["expect"].values())
    assert {line["action"] for line in ministry.truth} == {"use", "presence", "set-up", "attempt", "claim"}


def test_people_leave_banned_devices_as_time_goes_on(ministry: SimpleNamespace) -> None:
    by_day: dict[str, set[str]] = {}
    for line in ministry.truth:
        if line["device"]["platform"] in {"ios", "ipados"} and line["action"] == "use" and line["person"]:
            for day in line["days"]:
                by_day.setdefault(day, set()).add(line["person"])
    days = sorted(by_day)
    first, last = (set().union(*(by_day[day] for day in part)) for part in (days[:10], days[-10:]))
    assert len(last) < len(first)
    assert last


def test_the_accounts_add_up(ministry: SimpleNamespace) -> None:
    for name, account in ministry.logs.items():
        assert account["lines"] == account["accesses"] + account["ignored"] + account["rejected"], name
        assert account["ignored"] == sum(account["ignored_as"].values()), name
    planted = sum(line["count"] * (1 + len(line["repeat_in"])) for line in ministry.truth)
    assert planted >= sum(account["accesses"] for account in ministry.logs.values())
    assert json.loads((ministry.folder / "truth-totals.json").read_text("utf-8"))["people"] == ministry.people
