"""JSON lines, CSV and OCSF: everything of the answer, and nothing that runs."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from phaseout.model.answer import Answer
from phaseout.reporting.report import Report
from phaseout.reports import REPORTS


def written(name: str, answer: Answer) -> str:
    stream = io.StringIO(newline="")
    REPORTS[name].write(answer, stream)
    return stream.getvalue()


def lines_of(answer: Answer) -> list[dict]:
    return [json.loads(line) for line in written("jsonl", answer).split("\n")[:-1]]


def test_every_file_of_the_folder_is_a_report_of_its_own_name() -> None:
    assert REPORTS.ids == ("csv", "html", "jsonl", "ocsf", "terminal")
    for report in REPORTS:
        assert isinstance(report, Report)
        assert REPORTS[report.id] is report
    assert len({report.suffix for report in REPORTS}) == len(REPORTS)


@pytest.mark.parametrize("name", REPORTS.ids)
def test_a_report_is_the_same_every_time(name: str, answer: Answer) -> None:
    assert written(name, answer) == written(name, answer)


@pytest.mark.parametrize("name", REPORTS.ids)
@pytest.mark.parametrize("which", ["empty_answer", "hostile_answer"])
def test_no_report_stumbles_over_an_empty_or_a_hostile_answer(name: str, which: str, request: pytest.FixtureRequest) -> None:
    text = written(name, request.getfixturevalue(which))
    assert "\x00" not in text
    assert "\x1b" not in text


def test_json_lines_begin_with_totals_that_add_up(answer: Answer) -> None:
    head, *rest = lines_of(answer)
    totals = head["totals"]
    assert head["kind"] == "check"
    assert totals["adds_up"] is True
    assert totals["lines"] == totals["accesses"] + sum(totals["ignored"].values()) + totals["rejected"]
    logs = [line for line in rest if line["kind"] == "log"]
    for key in ("lines", "accesses", "rejected"):
        assert sum(log[key] for log in logs) == totals[key]
    assert all(log["lines"] == log["accesses"] + sum(log["ignored"].values()) + log["rejected"] for log in logs)


def test_json_lines_hold_every_finding_and_everything_unseen(answer: Answer) -> None:
    head, *rest = lines_of(answer)
    kinds = Counter(line["kind"] for line in rest)
    assert kinds == {
        "finding": 41, "log": 3, "door": 4, "never_seen": 38, "unknown_login": 2, "unclear": 3, "shared_account": 1, "outside": 1,
        "unit": 8, "day": 89, "unread_column": 2,
    }  # fmt: skip
    findings = [line for line in rest if line["kind"] == "finding"]
    counted = Counter("waived" if line["waived"] else line["verdict"] for line in findings)
    assert counted == head["findings"]
    assert [line["id"] for line in findings] == [finding.id for finding in answer.findings]
    assert findings[0]["evidence"][0]["first"]["file"] == "logs/iis/u_ex260931.log.gz"


def test_json_lines_write_times_in_utc(answer: Answer) -> None:
    finding = next(line for line in lines_of(answer) if line["kind"] == "finding")
    assert finding["first"].endswith("Z")
    assert datetime.fromisoformat(finding["first"]) == answer.findings[0].first


def test_json_lines_say_when_the_sums_do_not_add_up(answer: Answer, broken_sums: Answer) -> None:
    assert lines_of(answer)[0]["totals"]["adds_up"] is True
    assert lines_of(broken_sums)[0]["totals"]["adds_up"] is False


def test_csv_has_a_row_for_each_finding_and_ends_its_lines_as_the_standard_says(answer: Answer) -> None:
    text = written("csv", answer)
    assert text.startswith("\ufeff"), "by which Excel knows UTF-8"
    text = text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert text.count("\r\n") == len(answer.findings) + 1 == text.count("\n")
    assert [row["finding"] for row in rows] == [finding.id for finding in answer.findings]
    assert sum(int(row["accesses"]) for row in rows) == sum(finding.accesses for finding in answer.findings)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_csv_cell_begins_like_a_formula(start: str, with_name: Callable[[str], Answer]) -> None:
    text = written("csv", with_name(f"{start}1+1"))
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert any(cell == f"'{start}1+1" for row in rows for cell in row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.parametrize("start", ["\t", "\r", "\x1b[2J"])
def test_csv_cells_hold_no_control_characters(start: str, with_name: Callable[[str], Answer]) -> None:
    text = written("csv", with_name(f"{start}=1+1"))
    assert start not in text.replace("\r\n", "\n")
    assert ascii(start).strip("'") + "=1+1" in text


def test_ocsf_events_are_what_the_schema_says(answer: Answer) -> None:
    lines = written("ocsf", answer).splitlines()
    events = [ComplianceFinding.model_validate_json(line) for line in lines]
    assert len(events) == len(answer.findings)
    assert {event.class_uid for event in events} == {2003}
    assert all(json.loads(line)["type_uid"] == 200301 for line in lines)
    assert [event.finding_info.uid for event in events] == [finding.id for finding in answer.findings]
    counted = Counter((event.compliance.status_id.name, event.status_id.name) for event in events)
    assert counted == {("Fail", "New"): 17, ("Fail", "Suppressed"): 3, ("Warning", "New"): 12, ("Unknown", "New"): 9}


def test_ocsf_times_are_the_answers_own(answer: Answer) -> None:
    event = ComplianceFinding.model_validate_json(written("ocsf", answer).splitlines()[0])
    assert event.time == round(answer.at.timestamp() * 1000)
    assert event.start_time_dt == answer.findings[0].first
    assert event.end_time == round(answer.findings[0].last.timestamp() * 1000)
