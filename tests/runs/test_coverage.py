"""What was not seen is told: days that one server's logs lack, what lies in folders unread, people who only tried."""

from __future__ import annotations

import gzip
import io
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from phaseout.directive.load import load
from phaseout.judge.order import compile_order
from phaseout.model.answer import Answer, Coverage, LeftOut
from phaseout.model.fault import FaultsError
from phaseout.model.person import Person
from phaseout.reporting.words import bounds, days_shown
from phaseout.runs.check import check
from phaseout.runs.inputs import Asked, Norms
from phaseout.runs.paths import found_in, logs_in
from phaseout.runs.placing import series_of

DIRECTIVE = """
id: test
title: No Apple phones
issuer: Ministry of Examples
version: "1"
time_zone: Europe/Moscow
issued: 2026-01-01
devices:
  apple: {title: Apple phones and tablets, is: {maker: Apple}}
clauses:
  - {id: "1", text: None., strength: must, who: {everyone: true}, devices: apple, services: mail, from: 2026-02-01}
"""
AT = datetime(2026, 3, 10, tzinfo=UTC)
PEOPLE = (
    Person("1", "Anna", ("anna",), ("M",)),
    Person("2", "Boris", ("boris",), ("M",)),
    Person("3", "Clara", ("clara",), ("M",)),
)


def line(login: str, day: int, status: int = 200) -> str:
    target = f"/Microsoft-Server-ActiveSync?Cmd=Sync&User={login}&DeviceId=A{login}&DeviceType=SamsungDevice"
    agent = "SAMSUNG-SM-G530M/101.40404"
    return f'192.0.2.7 - {login} [{day:02d}/Mar/2026:10:00:00 +0300] "POST {target} HTTP/1.1" {status} 1 "-" "{agent}"\n'


def covered(folder: Path, since: datetime | None = None, until: datetime | None = None, at: datetime = AT) -> Coverage:
    return found(folder, since, until, at).coverage


def found(folder: Path, since: datetime | None = None, until: datetime | None = None, at: datetime = AT) -> Answer:
    directive, there = load(DIRECTIVE, "directive.yaml"), found_in([folder])
    norms = Norms(directive, compile_order(directive), (), PEOPLE)
    checked = check(Asked(there.logs, at, since=since, until=until, left_out=there.left_out), norms, io.StringIO())
    answer = checked.answer()
    checked.engine.close()
    return answer


def days(*numbers: int) -> tuple[date, ...]:
    return tuple(date(2026, 3, number) for number in numbers)


def test_a_server_whose_logs_of_some_days_are_lost_is_told_though_another_shows_the_door(tmp_path: Path) -> None:
    for server, shown in (("north", (2, 3, 4, 5, 6)), ("south", (3, 6))):
        (tmp_path / server).mkdir()
        for day in shown:
            (tmp_path / server / f"access.log-202603{day:02d}").write_text(line("anna", day))
    coverage = covered(tmp_path)
    assert [(place.name, place.files, place.missing_days) for place in coverage.places] == [
        (str(tmp_path / "north" / "access.log"), 5, ()),
        (str(tmp_path / "south" / "access.log"), 2, days(2, 4, 5)),
    ]
    assert next(door for door in coverage.doors if door.door == "activesync").missing_days == ()


def test_a_log_that_is_silent_for_longer_than_it_ever_is_is_told(tmp_path: Path) -> None:
    shown = {
        "daily": {*range(1, 31)} - {7, 8, 14, 15},
        "hole": {*range(1, 31)} - {7, 8, *range(12, 19)},
        "seldom": {1, 8, 17, 22, 30},
        "other": {*range(1, 12), *range(19, 31)},
    }
    for name, some in shown.items():
        (tmp_path / f"{name}.log").write_text("".join(line("anna", day) for day in sorted(some)))
    with (tmp_path / "other.log").open("a") as other:  # lines that are no accesses show that the server was at work
        other.writelines(line("anna", day).replace("/Microsoft-Server-ActiveSync", "/shop/") for day in range(12, 19))
    end = datetime(2026, 3, 30, 21, tzinfo=UTC)  # the end of the 30th in Moscow
    coverage = covered(tmp_path, until=end, at=end + timedelta(days=1))
    silent = {Path(place.name).name: place.silent_days for place in coverage.places}
    assert silent == {"daily.log": (), "hole.log": days(*range(12, 19)), "seldom.log": (), "other.log": ()}
    assert not any(place.missing_days for place in coverage.places)


def test_a_login_of_nobody_is_told_with_its_device(tmp_path: Path) -> None:
    apple = line("stranger", 3).replace("SamsungDevice", "iPhone")
    apple = apple.replace("SAMSUNG-SM-G530M/101.40404", "Apple-iPhone9C1/1402.100")
    (tmp_path / "access.log").write_text(apple + line("other", 4) + line("spray", 5, 401))
    found = {login.login: login for login in covered(tmp_path).unknown_logins}
    assert list(found) == ["stranger", "other", "spray"], "those with a banned device stand first"
    assert (found["stranger"].banned, found["stranger"].devices) == (("iPhone 7, iOS 10.1.1",),) * 2
    assert (found["other"].banned, found["other"].devices) == ((), ("Samsung SM-G530M, Android 4.4.4",))
    assert (found["spray"].banned, found["spray"].devices) == ((), ()), "it only tried"


def test_two_logs_that_may_be_of_the_same_requests_are_told(tmp_path: Path) -> None:
    lines = [line(("anna", "boris")[n % 2], 1 + n % 6).replace("10:00:00", f"10:{n:02d}:00") for n in range(40)]
    later = [text.replace(":00 +0300", ":01 +0300") for text in lines]
    shop = line("anna", 3).replace("/Microsoft-Server-ActiveSync", "/shop/")
    written = {"nginx": [*lines, shop], "apache": later, "other": [*lines[:30], *lines[-1:]], "short": later[:3]}
    for name, some in written.items():
        (tmp_path / f"{name}.log").write_text("".join(sorted(some, key=lambda text: text.split("[")[1])))
    notes = {Path(log.file).name: log.note for log in covered(tmp_path).logs}
    assert notes["nginx.log"].startswith(f"About as many accesses as {tmp_path / 'apache.log'}, from and to the same times")
    assert not any(notes[f"{name}.log"] for name in ("apache", "other", "short"))


def test_two_exports_of_the_same_days_are_told_where_records_have_no_id(tmp_path: Path) -> None:
    def record(day: int, id_: str = "") -> str:
        return (
            f'{{"CreationTime":"2026-03-{day:02d}T10:00:00","Operation":"MailItemsAccessed","Workload":"Exchange",'
            f'"UserId":"anna","ClientInfoString":"Client=OWA;Mozilla/5.0","Id":"{id_}"}}\n'
        )

    for name, shown in {"a": range(1, 5), "b": range(3, 9), "c": range(8, 10)}.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(map(record, shown)))
    first, second, third = (log.note for log in covered(tmp_path).logs)
    assert second.startswith(f"It shows days that {tmp_path / 'a.jsonl'} shows, too")
    assert (first, third) == ("", ""), "where one ends, another may begin"
    (tmp_path / "a.jsonl").write_text("".join(record(day, f"a-{day}") for day in range(1, 5)))
    assert [log.note for log in covered(tmp_path).logs] == ["", "", ""], "no record of the one can stand in the other"


def test_what_lies_behind_the_asked_time_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "north.log").write_text(line("anna", 3) + line("anna", 9) + line("anna", 12))
    (tmp_path / "south.log").write_text(line("anna", 3) + line("anna", 8))
    coverage = covered(tmp_path)
    assert [place.missing_days for place in coverage.places] == [(), days(9, 10)]
    assert (coverage.last_day, coverage.asked_to) == (date(2026, 3, 10), date(2026, 3, 10))


def test_the_time_before_and_behind_the_logs_is_told(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(line("anna", 3) + line("anna", 5))
    assert bounds(found(tmp_path)) == (
        "No log reaches back to 1 Feb 2026: of the time before 3 Mar 2026 nothing is known.",
        "No log shows anything after 5 Mar 2026; the answer is as of 10 Mar 2026, 03:00.",
    )
    assert bounds(found(tmp_path, datetime(2026, 3, 2, 21, tzinfo=UTC), datetime(2026, 3, 5, 21, tzinfo=UTC))) == ()


def test_the_end_of_the_time_is_told_as_it_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(line("anna", 3))
    midnight = datetime(2026, 3, 8, 21, tzinfo=UTC)
    at, until = found(tmp_path, at=midnight), found(tmp_path, until=midnight)
    told = "No log shows anything after 3 Mar 2026"
    assert bounds(at)[1:] == (f"{told}; the answer is as of 9 Mar 2026, 00:00.",)
    assert bounds(until)[1:] == (f"{told}; the time asked for ends at 9 Mar 2026, 00:00.",)


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [
        (None, None, "The log shows every day from 3 Mar 2026 to 5 Mar 2026"),
        (4, None, "The log shows every day from 4 Mar 2026 to 5 Mar 2026"),
        (4, 6, "The log shows every day from 4 Mar 2026 to 5 Mar 2026"),
        (1, 3, "The log does not show every day from 1 Mar 2026 to 2 Mar 2026"),
        (7, 9, "The log does not show every day from 7 Mar 2026 to 8 Mar 2026"),
        (7, None, ""),
        (None, 3, ""),
    ],
)
def test_the_days_of_which_is_said_whether_they_are_shown_are_those_asked_for(
    since: int | None, until: int | None, told: str, tmp_path: Path
) -> None:
    (tmp_path / "access.log").write_text(line("anna", 3) + line("anna", 4) + line("anna", 5))
    ends = [None if day is None else datetime(2026, 3, day, tzinfo=ZoneInfo("Europe/Moscow")) for day in (since, until)]
    said = days_shown(found(tmp_path, *ends))
    assert said == (told and f"{told}, counted with what rotation has made of it.")


def test_a_copy_is_told(tmp_path: Path) -> None:
    text = "".join(line("anna", day) for day in range(1, 10)) * 4
    (tmp_path / "access.log").write_text(text)
    (tmp_path / "backup.log.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "other.log").write_text(text + line("anna", 9))
    notes = [log.note for log in covered(tmp_path).logs]
    copy = f"Line for line the same as {tmp_path / 'access.log'}, so that all in it counts twice: leave one of them out."
    assert notes == ["", copy, ""]


def test_who_only_tried_was_not_seen(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(line("anna", 3) + line("boris", 3, 401) * 2)
    coverage = covered(tmp_path)
    assert (coverage.people_seen, [person.name for person in coverage.never_seen]) == (1, ["Boris", "Clara"])
    assert coverage.only_tried == 1


def test_what_lies_in_a_folder_and_is_not_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "access.log").write_text(line("anna", 3))
    (tmp_path / "logs" / ".hidden.log").write_text(line("boris", 3))
    (tmp_path / "logs" / "elsewhere").symlink_to(tmp_path)
    (tmp_path / "logs" / "gone.log").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "logs" / "pipe")
    os.link(tmp_path / "logs" / "access.log", tmp_path / "logs" / "again.log")
    (tmp_path / "logs" / "link.log").symlink_to(tmp_path / "logs" / "access.log")
    left_out = covered(tmp_path / "logs").left_out
    assert sorted(left_out, key=lambda each: each.path) == [
        LeftOut(str(tmp_path / "logs" / ".hidden.log"), "hidden"),
        LeftOut(str(tmp_path / "logs" / "again.log"), "another name of a file that is read"),
        LeftOut(str(tmp_path / "logs" / "elsewhere"), "a link to a folder"),
        LeftOut(str(tmp_path / "logs" / "gone.log"), "no file that can be read"),
        LeftOut(str(tmp_path / "logs" / "link.log"), "another name of a file that is read"),
        LeftOut(str(tmp_path / "logs" / "pipe"), "no file that can be read"),
    ]


def test_a_folder_that_cannot_be_opened_is_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Who runs the tests as root may open anything, so the system's refusal is played here.
    (tmp_path / "closed").mkdir()
    (tmp_path / "access.log").write_text(line("anna", 3))
    scan = os.scandir

    def refused(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(FaultsError, match="PO407 It can't be opened: Permission denied"):
        logs_in([tmp_path])


def test_missing_logs_and_empty_folders_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FaultsError) as told:
        logs_in([tmp_path / "missing.log", tmp_path / "empty"])
    assert [fault.code for fault in told.value.faults] == ["PO402", "PO401"]


@pytest.mark.parametrize(
    ("file", "series"),
    [
        ("mx/access.log", "mx/access.log"),
        ("mx/access.log.1", "mx/access.log"),
        ("mx/access.log.12.gz", "mx/access.log"),
        ("mx/access.log-20261031.gz", "mx/access.log"),
        ("mx/u_ex261031.log", "mx/u_ex.log"),
        ("mx/HttpProxy_2026110100-1.LOG", "mx/HttpProxy.LOG"),
        ("mx/mailbox.log.2026-10-31.zst", "mx/mailbox.log"),
        ("m365/audit-2026-08.jsonl", "m365/audit.jsonl"),
        ("imap1.log", "imap1.log"),
        ("20261031", "20261031"),
    ],
)
def test_rotation_makes_no_other_log(file: str, series: str) -> None:
    assert series_of(file) == series


def test_what_is_like_a_copy_is_told(tmp_path: Path) -> None:
    text = "".join(line("anna", day) for day in range(1, 10)) * 4
    (tmp_path / "access.log").write_text(text)
    (tmp_path / "other.log").write_text(text.replace("192.0.2.7", "192.0.2.9"))
    notes = [log.note for log in covered(tmp_path).logs]
    assert notes[1].startswith("As many lines of each kind, from and to the same instants, as")


def test_a_small_copy_is_told_where_it_is_the_same_line_for_line(tmp_path: Path) -> None:
    text = line("anna", 3)
    (tmp_path / "access.log").write_text(text)
    (tmp_path / "access.log.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "other.log").write_text(line("boris", 3))
    notes = [log.note for log in covered(tmp_path).logs]
    same = f"Line for line the same as {tmp_path / 'access.log'}, so that all in it counts twice: leave one of them out."
    assert notes == ["", same, ""]
