"""Logs in every wrapping, damaged ones, repeats, and what must never be copied."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import zstandard

from asking import AT, IPHONE, answered, last_written, norms, sync
from phaseout.model.fault import FaultsError
from phaseout.model.person import AccountKind
from phaseout.reports import REPORTS
from phaseout.runs.check import check
from phaseout.runs.inputs import Asked
from phaseout.runs.paths import logs_in

LINES = "".join(sync("anna", second) for second in range(20))


@pytest.mark.parametrize("wrap", [lambda data: data, gzip.compress, lambda data: zstandard.ZstdCompressor().compress(data)])
def test_compressed_logs_are_read_as_they_are(tmp_path: Path, wrap: Callable[[bytes], bytes]) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(wrap(LINES.encode()))
    answer = answered(log)
    assert [(each.person.name, each.accesses) for each in answer.violations] == [("Anna", 20)]
    assert answer.violations[0].evidence[0].first.line == 1
    assert answer.violations[0].evidence[0].last.line == 20


@pytest.mark.parametrize("wrap", [gzip.compress, lambda data: zstandard.ZstdCompressor().compress(data)])
def test_a_log_that_is_cut_off_is_read_so_far_and_says_so(tmp_path: Path, wrap: Callable[[bytes], bytes]) -> None:
    log = tmp_path / "access.log.gz"
    log.write_bytes(wrap((LINES * 5_000).encode())[:-20])
    account = answered(log).coverage.logs[0]
    assert account.adds_up
    assert "cut off" in account.note
    assert 0 < account.accesses <= 100_000


@pytest.mark.parametrize("escaped", [r"MINEX\\anna", r"MINEX\x5canna", r"MINEX\x5Canna", "MINEX%5Canna"])
def test_a_name_is_read_as_its_server_escapes_it(tmp_path: Path, escaped: str) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINES.replace("- anna [", f"- {escaped} [").replace("User=anna&", ""))
    answer = answered(log)
    assert [(each.person.name, each.accesses) for each in answer.violations] == [("Anna", 20)]


def test_a_stamp_with_an_offset_that_is_none_is_rejected(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINES + sync("boris", 1).replace("+0300", "+9900") + sync("boris", 2).replace("+0300", "+0360"))
    (account,) = answered(log).coverage.logs
    assert (account.accesses, account.rejected) == (20, 2)


def test_a_login_of_nobody_is_named_as_logs_spell_it(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(sync("EVE@Example.net", 1) + sync("eve@example.net", 2))
    answer = answered(log)
    (login,) = answer.coverage.unknown_logins
    assert (login.login, login.spelt) == ("eve@example.net", ("EVE@Example.net", "eve@example.net"))
    assert answer.violations[0].person.kind is AccountKind.UNKNOWN


def test_a_damaged_log_is_read_up_to_the_damage(tmp_path: Path) -> None:
    log = tmp_path / "access.log.gz"
    whole = bytearray(gzip.compress(LINES.encode()) * 3)
    whole[-len(whole) // 6] ^= 0xFF
    log.write_bytes(whole)
    account = answered(log).coverage.logs[0]
    assert account.adds_up
    assert "damaged" in account.note
    assert account.accesses >= 40


def test_many_files_say_what_one_file_says(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "access.log").write_text(LINES)
    many = tmp_path / "many"
    many.mkdir()
    for number, line in enumerate(LINES.splitlines(keepends=True)):
        (many / f"access-{number:02d}.log").write_text(line + "garbage\n" * (number % 3))
    one, all_of_them = answered(*logs_in([tmp_path / "one"])), answered(*logs_in([many]))
    assert [each.accesses for each in all_of_them.violations] == [each.accesses for each in one.violations]
    assert len(all_of_them.coverage.logs) == 20
    assert [account.rejected for account in all_of_them.coverage.logs] == [number % 3 for number in range(20)]
    evidence = all_of_them.violations[0].evidence[0]
    assert (evidence.first.file, evidence.last.file) == (str(many / "access-00.log"), str(many / "access-19.log"))


def test_a_rejected_line_is_kept_with_its_place_and_without_its_secret(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINES + "POST /login Authorization: Basic YW5uYTpodW50ZXIy password=hunter2\n")
    rejects = io.StringIO()
    answered(log, rejects=rejects)
    kept = [json.loads(line) for line in rejects.getvalue().splitlines()]
    assert [(each["file"], each["line"]) for each in kept] == [(str(log), 21)]
    assert "YW5uYTpodW50ZXIy" not in rejects.getvalue()
    assert "hunter2" not in rejects.getvalue()


def test_no_answer_copies_a_credential_that_a_client_or_a_name_carries(tmp_path: Path) -> None:
    log, told = tmp_path / "access.log", io.StringIO()
    leaking = LINES.replace(IPHONE, f"{IPHONE} token=hunter2").replace("- anna [", "- eve:hunter2@example.net [")
    log.write_text(leaking.replace("User=anna&", ""))
    answer = answered(log)
    assert [each.accesses for each in answer.violations] == [20]
    for name in ("jsonl", "csv", "html"):
        REPORTS[name].write(answer, told)
    assert f"{IPHONE} token=***" in told.getvalue()
    assert "hunter2" not in told.getvalue()


@pytest.mark.parametrize(
    ("agent", "device"), [("Login Client/1.0 iPhone15,2", "iPhone 14 Pro"), (f"{IPHONE} password=x", "iPhone 13 Pro")]
)
def test_a_mask_hides_no_device(tmp_path: Path, agent: str, device: str) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINES.replace(IPHONE, agent).replace("&DeviceType=iPhone", ""))
    assert [each.device.model for each in answered(log).violations] == [device]


def test_no_answer_copies_a_credential_in_a_device_s_id_or_a_login(tmp_path: Path) -> None:
    log, told = tmp_path / "access.log", io.StringIO()
    log.write_text(LINES.replace("DeviceId=ABCanna", "DeviceId=password=hunter2") + sync("zoe:hunter2", 1))
    answer = answered(log)
    assert sorted(each.person.name for each in answer.violations) == ["Anna", "zoe:***"]
    for name in ("csv", "html", "jsonl", "ocsf"):
        REPORTS[name].write(answer, told)
    assert "hunter2" not in told.getvalue()


def test_where_nobody_is_named_no_line_is_kept(tmp_path: Path) -> None:
    log, rejects = tmp_path / "access.log", io.StringIO()
    log.write_text(LINES + "anna broke this line\n")
    checked = check(Asked((log,), AT, withheld=True), norms(), rejects)
    checked.engine.close()
    (kept,) = map(json.loads, rejects.getvalue().splitlines())
    assert (kept["line"], kept["text"]) == (21, "(withheld: it may name people)")


def test_what_the_gate_refused_is_no_use_though_activesync_says_200(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    allowed, refused = " gate=allow decision=K7Q4MX-0", " gate=block decision=K7Q4MX-1"
    log.write_text(LINES.replace("\n", f"{refused}\n") + sync("boris", 1).replace("\n", f"{allowed}\n"))
    answer = answered(log)
    assert [(each.person.name, each.accesses) for each in answer.violations] == [("Boris", 1)]
    assert (answer.coverage.logs[0].accesses, answer.coverage.only_tried) == (21, 1)


def sogo(month: str, day: int, login: str) -> str:
    return (
        f'{month} {day:2d} 10:00:01 sogod [7438]: 192.0.2.7 "POST /SOGo/Microsoft-Server-ActiveSync?Cmd=Sync&User={login}'
        '&DeviceId=A&DeviceType=iPhone HTTP/1.1" 200 13/13 0.1 - - 3M - 15\n'
    )


def test_years_that_make_a_log_jump_back_are_told(tmp_path: Path) -> None:
    log, zone = tmp_path / "sogo.log", norms().order.time_zone
    log.write_text(sogo("Nov", 20, "anna") + sogo("Nov", 27, "anna") + sogo("Mar", 3, "anna"))
    last_written(log, at=datetime(2026, 11, 24, 12, tzinfo=UTC))
    (account,) = answered(log, zone=zone).coverage.logs
    assert "jump back by 358 days between line 1 and line 2: say with --written" in account.note
    last_written(log, at=datetime(2026, 3, 4, 12, tzinfo=UTC))
    (account,) = answered(log, zone=zone).coverage.logs
    assert (account.note, str(account.first)[:10]) == ("", "2025-11-20")


def test_stamps_without_a_year_are_dated_by_when_the_log_was_last_written_whatever_the_check_asks_for(tmp_path: Path) -> None:
    log, zone = tmp_path / "sogo.log", norms().order.time_zone
    log.write_text(sogo("Dec", 30, "anna") + sogo("Jun", 3, "anna") + sogo("Jul", 9, "boris"))
    last_written(log, at=datetime(2026, 7, 9, 12, tzinfo=UTC))
    for at in (datetime(2026, 7, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)):
        checked = check(Asked((log,), at, zone=zone), norms(), io.StringIO())  # type: ignore[arg-type]
        answer = checked.answer()
        checked.engine.close()
        (account,) = answer.coverage.logs
        assert account.latest == date(2026, 7, 10)
        assert (account.first, account.last) == (
            datetime(2025, 12, 30, 7, 0, 1, tzinfo=UTC),
            datetime(2026, 7, 9, 7, 0, 1, tzinfo=UTC),
        )
        assert {each.person.name for each in answer.violations} == ({"Anna"} if at.year == 2026 else {"Anna", "Boris"})
    given = check(Asked((log,), AT, zone=zone, written=((tmp_path, date(2027, 1, 2)),)), norms(), io.StringIO())  # type: ignore[arg-type]
    assert given.accounts[0].first == datetime(2026, 6, 3, 7, 0, 1, tzinfo=UTC)
    given.engine.close()


def test_what_is_given_for_a_path_without_logs_is_told(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINES)
    zone, other = ZoneInfo("Asia/Omsk"), tmp_path / "omsk"
    asked = Asked((log,), AT, zones=((other, zone),), formats=((other, "combined"),), written=((other, AT.date()),))
    with pytest.raises(FaultsError) as told:
        check(asked, norms(), io.StringIO())
    assert [(fault.file, fault.code) for fault in told.value.faults] == [
        ("--format", "PO409"),
        ("--timezone", "PO409"),
        ("--written", "PO409"),
    ]


def test_local_times_need_a_zone(tmp_path: Path) -> None:
    log = tmp_path / "sogo.log"
    log.write_text(
        'Mar 03 10:00:01 sogod [7438]: 192.0.2.7 "POST /SOGo/Microsoft-Server-ActiveSync?Cmd=Sync&User=anna&DeviceId=A'
        '&DeviceType=iPhone HTTP/1.1" 200 13/13 0.1 - - 3M - 15\n' * 10
    )
    with pytest.raises(FaultsError, match="PO404"):
        answered(log)


@pytest.mark.parametrize("stamp", ["2026-09-05T10:00:01.123456+03:00", "2026-09-05T07:00:01Z", "2026-09-05 10:00:01+0300"])
def test_times_that_all_carry_their_offset_need_no_zone(stamp: str, tmp_path: Path) -> None:
    signed = " mx1 dovecot: imap-login: Login: user=<anna>, method=PLAIN, rip=203.0.113.5, lip=10.0.0.1, mpid=1, session=<s>\n"
    log = tmp_path / "mail.log"
    log.write_text(f"{stamp}{signed}" * 200 + f"2026-09-05T10:00:02{signed}Sep  5 10:00:02{signed}")
    checked = check(Asked((log,), AT), norms(), io.StringIO())
    (account,) = checked.answer().coverage.logs
    checked.engine.close()
    assert (account.accesses, account.rejected, account.time_zone) == (200, 2, "as each line says")
    assert account.first == datetime(2026, 9, 5, 7, 0, 1, tzinfo=UTC)


def test_an_empty_log_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(LINES)
    (tmp_path / "access.log.1").touch()
    logs = logs_in([tmp_path])
    checked = check(Asked(logs, AT, named=logs), norms(), io.StringIO())
    accounts = checked.answer().coverage.logs
    checked.engine.close()
    assert [(account.lines, account.note) for account in accounts] == [(20, ""), (0, "the file is empty")]


def test_a_file_in_no_known_format_stops_the_check_only_where_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(LINES)
    (tmp_path / "error.log").write_text("something else\n" * 7)
    (tmp_path / "zz.log").write_text(sync("anna", 1, day=4))
    logs = logs_in([tmp_path])
    answer = answered(*logs)
    assert [(account.format, account.lines, dict(account.ignored)) for account in answer.coverage.logs] == [
        ("combined", 20, {}),
        ("none", 7, {"in no known format": 7}),
        ("combined", 1, {}),
    ]
    assert {each.evidence[0].last.file for each in answer.violations} == {str(tmp_path / "zz.log")}
    with pytest.raises(FaultsError, match="PO403"):
        check(Asked(logs, AT, named=logs), norms(), io.StringIO())


def test_each_place_has_its_own_time_zone(tmp_path: Path) -> None:
    line = (
        'Feb 01 01:30:00 sogod [7438]: 192.0.2.7 "POST /SOGo/Microsoft-Server-ActiveSync?Cmd=Sync&User=anna&DeviceId={}'
        '&DeviceType=iPhone HTTP/1.1" 200 13/13 0.1 - - 3M - 15\n'
    )
    for place in ("west", "east"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "sogo.log").write_text(line.format(place) * 3)
    logs = logs_in([tmp_path])
    last_written(*logs)
    zones = ((tmp_path / "east", ZoneInfo("Asia/Vladivostok")), (tmp_path, ZoneInfo("Europe/Moscow")))
    checked = check(Asked(logs, AT, zones=zones), norms(), io.StringIO())
    answer = checked.answer()
    checked.engine.close()
    # Half past one on the first day is still the day before in Moscow, for a server in Vladivostok.
    assert {each.device_ids: each.first.isoformat() for each in answer.findings} == {("west",): "2026-01-31T22:30:00+00:00"}
    assert [account.time_zone for account in answer.coverage.logs] == ["Asia/Vladivostok", "Europe/Moscow"]
    assert [str(account.first) for account in answer.coverage.logs] == ["2026-01-31 15:30:00+00:00", "2026-01-31 22:30:00+00:00"]
