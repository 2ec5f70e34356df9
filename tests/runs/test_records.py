"""A record that stands in two exports of a service's log, or in one more than once, counts once."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asking import answered
from phaseout.engines import duckdb
from phaseout.model.answer import Answer
from phaseout.runs import begun

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
AGAIN = "the same record again"
Write = Callable[[Iterable[int]], str]


def lines(records: Iterable[Any]) -> str:
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)


def audit(day: int, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - a record's fields
    record = {
        "CreationTime": f"2026-03-{day:02d}T10:00:00", "Id": f"0E1A-{day}", "Operation": "MailItemsAccessed", "UserType": 0,
        "Workload": "Exchange", "UserId": "anna", "ClientInfoString": f"Client=OWA;{SAFARI};",
    }  # fmt: skip
    return record | fields


def as_audit(days: Iterable[int]) -> str:
    return lines(map(audit, days))


def as_portal(days: Iterable[int]) -> str:
    out = io.StringIO()
    rows = ((f"0E1A-{day}", f"2026-03-{day:02d}", json.dumps(audit(day)), "") for day in days)
    csv.writer(out).writerows([("RecordId", "CreationDate", "AuditData", "AssociatedAdminUnits"), *rows])
    return out.getvalue()


def sign_in(day: int) -> dict[str, Any]:
    return {
        "id": f"8a1f-{day}", "createdDateTime": f"2026-03-{day:02d}T10:00:00.1234567Z", "userPrincipalName": "anna",
        "appDisplayName": "Outlook Mobile", "status": {"errorCode": 0}, "userAgent": SAFARI,
    }  # fmt: skip


def as_graph(days: Iterable[int]) -> str:
    return lines(map(sign_in, days))


def as_event_hub(days: Iterable[int]) -> str:
    wrapper = {"time": "2026-03-20T10:00:00Z", "category": "SignInLogs", "resultType": "0"}
    return lines(wrapper | {"properties": sign_in(day)} for day in days)


def event(device: str, name: str = "DEVICE_SYNC_EVENT") -> dict[str, Any]:
    told = {
        "USER_EMAIL": "anna",
        "DEVICE_ID": device,
        "DEVICE_MODEL": "iPhone14,2",
        "DEVICE_TYPE": "IOS",
        "OS_VERSION": "iOS 17.5",
    }
    return {"type": "device_updates", "name": name, "parameters": [{"name": key, "value": told[key]} for key in told]}


def activity(day: int, events: object) -> dict[str, Any]:
    id_ = {"time": f"2026-03-{day:02d}T10:00:00.123Z", "uniqueQualifier": f"-{day}7", "applicationName": "mobile"}
    return {"kind": "admin#reports#activity", "id": id_, "actor": {"email": "anna"}, "events": events}


def as_activities(days: Iterable[int]) -> str:
    return lines(activity(day, [event("d1", "DEVICE_SETTINGS_UPDATED_EVENT"), event("d1")]) for day in days)


def as_events(days: Iterable[int]) -> str:
    return lines(activity(day, event("d1")) for day in days)


def as_devices(days: Iterable[int]) -> str:
    known = {
        "resourceId": "r-1",
        "deviceId": "d1",
        "email": ["anna"],
        "model": "iPhone14,2",
        "os": "iOS 17.5",
        "type": "IOS_SYNC",
    }
    device = {"kind": "admin#directory#mobiledevice", **known}
    return lines(device | {"lastSync": f"2026-03-{day:02d}T10:00:00:123Z"} for day in days)


each_form = pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(as_audit, as_audit, id="Microsoft 365"),
        pytest.param(as_portal, as_portal, id="Microsoft 365's portal"),
        pytest.param(as_audit, as_portal, id="Microsoft 365 and its portal"),
        pytest.param(as_graph, as_graph, id="Entra"),
        pytest.param(as_graph, as_event_hub, id="Entra and its event hub"),
        pytest.param(as_activities, as_activities, id="Google"),
        pytest.param(as_activities, as_events, id="Google, and a line for each event"),
        pytest.param(as_devices, as_devices, id="Google's devices"),
    ],
)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes an export: ``put(name, text)``."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return written


Put = Callable[[str, str], Path]


def counts(answer: Answer) -> list[tuple[str, int, dict[str, int]]]:
    """Say of each log what became of its lines, and hold that it is all of them; the column names of a CSV aside."""
    assert all(log.adds_up for log in answer.coverage.logs)
    told = [
        (Path(log.file).name, log.accesses, {why: n for why, n in log.ignored.items() if why != "column names"})
        for log in answer.coverage.logs
    ]
    assert answer.coverage.accesses == sum(accesses for _, accesses, _ in told)
    return told


def seen(answer: Answer) -> list[tuple[object, ...]]:
    """Say what was found, and where it stands."""
    findings = [
        (each.person.name, each.clause, each.accesses, each.first, each.last, [(e.first, e.last) for e in each.evidence])
        for each in answer.findings
    ]
    doors = [(door.door, door.accesses) for door in answer.coverage.doors if door.accesses]
    return [*findings, *doors]


@each_form
def test_what_stands_in_two_exports_counts_once(one: Write, other: Write, put: Put) -> None:
    first, second = put("a", one(range(1, 6))), put("b", other(range(4, 9)))
    answer = answered(first, second)
    assert counts(answer) == [("a", 5, {}), ("b", 3, {AGAIN: 2})]
    assert [door.accesses for door in answer.coverage.doors if door.accesses] == [8]
    assert [log.note for log in answer.coverage.logs] == ["", ""]
    assert counts(answered(second, first)) == [("b", 5, {}), ("a", 3, {AGAIN: 2})]
    days = answered(put("whole", one(range(1, 9)))).days
    assert answer.days == answered(second, first).days == days


@each_form
def test_what_stands_in_one_export_twice_counts_once(one: Write, other: Write, put: Put) -> None:
    text = one([1, 2, 3, 2, 3, 3]) if one is other else one([1, 2, 3]) + other([2, 3, 3])
    once, again = answered(put("once", one([1, 2, 3]))), answered(put("again", text))
    assert counts(again) == [("again", 3, {AGAIN: 3})]
    places = [[(e.first.line, e.last.line) for e in each.evidence] for each in again.findings]
    assert places == [[(e.first.line, e.last.line) for e in each.evidence] for each in once.findings]


@each_form
def test_a_copy_adds_nothing(one: Write, other: Write, put: Put) -> None:
    first, copy = put("a", one(range(1, 31))), put("b", other(range(1, 31)))
    answer = answered(first, copy)
    assert counts(answer) == [("a", 30, {}), ("b", 0, {AGAIN: 30})]
    assert [log.note for log in answer.coverage.logs] == ["", ""]
    assert seen(answer) == seen(answered(first))


def test_the_order_of_exports_changes_no_finding(put: Put) -> None:
    parts = [put("a", as_audit(range(1, 6))), put("b", as_portal(range(4, 9))), put("c", as_audit([2, 8, 9]))]
    answer = answered(*parts)
    assert [(each.person.name, each.accesses) for each in answer.violations] == [("Anna", 9)]
    for order in ((2, 1, 0), (1, 0, 2), (2, 0, 1)):
        other = answered(*(parts[number] for number in order))
        assert [(each.accesses, each.first, each.last) for each in other.violations] == [
            (each.accesses, each.first, each.last) for each in answer.violations
        ]
        assert sum(account.ignored.get(AGAIN, 0) for account in other.coverage.logs) == 4
    (evidence,) = answer.violations[0].evidence
    assert (evidence.first.file, evidence.first.line) == (str(parts[0]), 1)
    assert (evidence.last.file, evidence.last.line) == (str(parts[2]), 3)
    (evidence,) = answered(parts[0], parts[2]).violations[0].evidence
    assert (evidence.last.file, evidence.last.line) == (str(parts[2]), 3)


def test_of_a_record_that_stands_twice_the_first_place_is_told(put: Put) -> None:
    (evidence,) = answered(put("a", as_audit([3, 5])), put("b", as_audit([5, 3]))).violations[0].evidence
    assert [(Path(place.file).name, place.line) for place in (evidence.first, evidence.last)] == [("a", 1), ("a", 2)]


def test_what_lies_outside_the_asked_time_is_that_and_no_record_again(put: Put) -> None:
    logs = put("a", as_audit(range(1, 7))), put("b", as_audit(range(4, 10)))
    since, until = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)
    answer = answered(*logs, since=since, until=until)
    outside = "outside the asked time"
    assert counts(answer) == [("a", 2, {outside: 4}), ("b", 1, {outside: 3, AGAIN: 2})]
    assert [(each.accesses, each.first.day, each.last.day) for each in answer.violations] == [(3, 5, 7)]


def test_what_is_no_access_is_set_aside_for_its_own_reason(put: Put) -> None:
    both = lines([audit(1), audit(2, Operation="Set-Mailbox"), audit(3, UserId="")])
    why = {"administration": 1, "nobody signed in": 1}
    assert counts(answered(put("a", both), put("b", both))) == [("a", 1, why), ("b", 0, why | {AGAIN: 1})]


@pytest.mark.parametrize("id_", [None, "", "00000000-0000-0000-0000-000000000000"])
def test_records_without_an_id_all_count(id_: str | None, put: Put) -> None:
    text = lines(audit(day, Id=id_) for day in (1, 2, 2))
    answer = answered(put("a", text), put("b", text + as_audit([7])), put("c", as_audit([1, 2])))
    assert counts(answer) == [("a", 3, {}), ("b", 4, {}), ("c", 2, {})]
    noted = [bool(log.note) for log in answer.coverage.logs]
    assert noted == [False, True, False]


def test_an_id_of_another_time_or_case(put: Put) -> None:
    other = lines([audit(1, CreationTime="2026-03-01T10:00:01"), audit(2, Id="0e1a-2")])
    assert counts(answered(put("a", as_audit([1, 2])), put("b", other))) == [("a", 2, {}), ("b", 1, {AGAIN: 1})]


def test_each_line_of_an_activity_that_was_taken_apart_counts_once(put: Put) -> None:
    apart = lines(activity(day, event(device)) for day in (1, 2) for device in ("d1", "d2"))
    assert counts(answered(put("a", apart), put("b", apart))) == [("a", 4, {}), ("b", 0, {AGAIN: 4})]


def test_records_of_two_services_or_applications_are_two(put: Put) -> None:
    other = {"id": {"time": "2026-03-01T10:00:00Z", "uniqueQualifier": "-17", "applicationName": "login"}}
    text = lines([activity(1, [event("d1")]), activity(1, [event("d1")]) | other])
    assert counts(answered(put("a", text))) == [("a", 2, {})]
    same = lines([sign_in(1) | {"id": "0E1A-1"}])
    assert counts(answered(put("b", as_audit([1])), put("c", same))) == [("b", 1, {}), ("c", 1, {})]


def test_exports_read_bit_by_bit_say_the_same(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [*range(1, 20), *range(9, 15), 3]
    logs = [put(f"{name}", form(days)) for name, form in (("a", as_audit), ("b", as_portal), ("c", as_audit), ("d", as_graph))]
    garbage = logs[0].read_text() + '{"CreationTime":"2026\n' + as_audit(range(15, 25)) + "\n" * 3
    logs[0].write_text(garbage)
    at_once = answered(*logs)
    monkeypatch.setattr(duckdb, "PORTION", 1)
    monkeypatch.setattr("phaseout.logs.pieces.Pieces.block", 1_000)
    in_portions = answered(*logs)
    monkeypatch.setattr(begun, "TOGETHER", 1)
    one_by_one = answered(*logs)
    assert counts(at_once) == counts(in_portions) == counts(one_by_one)
    assert counts(at_once)[1:3] == [("b", 0, {AGAIN: 26}), ("c", 0, {AGAIN: 26})]
    assert seen(at_once) == seen(in_portions) == seen(one_by_one)
    assert at_once.coverage.logs[0].rejected == 4
