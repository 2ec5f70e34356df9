"""What the decision log bears: rotation, a full disk, a torn line; and what stands in it."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from phaseout.gate import decision_log
from phaseout.gate.asked import Asked
from phaseout.gate.decision import Outcome
from phaseout.gate.decision_ids import as_written, decision_ids
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.record import line_of, own_part, record_of, shared_part
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device, Grade
from phaseout.model.effect import Effect
from phaseout.model.fault import FaultsError
from phaseout.model.verdict import Verdict


@pytest.fixture
def log(tmp_path: Path) -> DecisionLog:
    return DecisionLog(tmp_path / "d.jsonl")


def write(log: DecisionLog, *lines: bytes) -> None:
    for line in lines:
        log.hold(line)
    log.settle()


def test_the_lines_of_a_turn_are_written_at_once(log: DecisionLog) -> None:
    log.hold(b"1\n")
    log.hold(b"2\n")
    assert log.path.read_bytes() == b""
    log.settle()
    assert log.path.read_bytes() == b"1\n2\n"
    log.close()


def test_what_is_held_at_the_end_is_written(log: DecisionLog) -> None:
    log.hold(b"1\n")
    log.close()
    assert log.path.read_bytes() == b"1\n"


def test_it_goes_on_at_the_end_of_the_file(log: DecisionLog) -> None:
    write(log, b"1\n")
    log.close()
    again = DecisionLog(log.path)
    write(again, b"2\n")
    again.close()
    assert log.path.read_bytes() == b"1\n2\n"
    assert log.path.stat().st_mode & 0o007 == 0, "not for everybody's eyes"


def test_rotation(log: DecisionLog, tmp_path: Path) -> None:
    write(log, b"1\n")
    log.path.rename(tmp_path / "d.1")
    write(log, b"2\n")
    log.reopen()
    write(log, b"3\n")
    assert (tmp_path / "d.1").read_bytes() == b"1\n2\n"
    assert log.path.read_bytes() == b"3\n"
    log.close()


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_stops_nothing_and_loses_nothing(log: DecisionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        write(log, b"1\n")
        write(log, b"2\n")
        log.retry()
        assert (log.works, log.failures, log.lost) == (False, 2, 0)
    log.retry()
    assert log.works
    assert log.path.read_bytes() == b"1\n2\n"
    log.close()


def test_a_log_that_is_written_again_says_so_however_it_came_to_be(
    log: DecisionLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    real, old = os.write, log._handle
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, data: full() if handle == old else real(handle, data))
        write(log, b"1\n")
        log.path.rename(tmp_path / "d.1")
        log.reopen()
    assert log.works
    assert log.path.read_bytes() == b"1\n"
    with monkeypatch.context() as patch:
        patch.setattr(log, "_opened", full)
        log.reopen()
        assert not log.works
    log.retry()
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"] * 2
    log.close()


def test_what_no_longer_fits_in_memory_is_counted_as_lost(log: DecisionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        patch.setattr(decision_log, "MOST_WAITING", 4)
        write(log, b"1\n", b"2\n", b"3\n")
    log.retry()
    assert log.lost == 1
    assert log.path.read_bytes() == b"1\n2\n"
    log.close()


def test_a_torn_line_is_written_whole_again(log: DecisionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:6]))
        write(log, b"a line\n")
        write(log, b"next\n")
        assert not log.works
    log.retry()
    assert log.works
    assert log.path.read_bytes().splitlines() == [b"a line", b"a line", b"next"], "the first of them had no line end"
    log.close()


@pytest.mark.parametrize("is_reopened", [False, True])
def test_a_line_that_another_gate_left_torn_spoils_none_of_this_one_s(tmp_path: Path, *, is_reopened: bool) -> None:
    path = tmp_path / "d.jsonl"
    log = DecisionLog(path)
    path.write_bytes(b"1\ntor")
    if is_reopened:
        log.reopen()
    else:
        log.close()
        log = DecisionLog(path)
    write(log, b"2\n", b"3\n")
    log.close()
    assert path.read_bytes() == b"1\ntor\n2\n3\n"


def test_what_the_disk_did_not_take_until_the_end_is_told(
    log: DecisionLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        write(log, b"1\n", b"2\n")
        log.close()
    assert caplog.messages[-1].endswith("lacks 2 decisions, which the disk did not take.")


def test_a_pipe_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(FaultsError, match="PO531"):
        DecisionLog(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    log = DecisionLog(path)
    line, lines = b"x" * 999 + b"\n", 100
    write(log, *[line] * lines)
    assert not log.works, "more than a pipe holds"
    taken = b""
    while not log.works:
        taken += os.read(reader, 1 << 20)
        log.retry()
    taken += os.read(reader, 1 << 20)
    assert taken.split(b"\n").count(line[:-1]) == lines
    log.close()
    os.close(reader)


def test_a_folder_that_vanished_while_rotating(log: DecisionLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(log, "_opened", full)
        log.reopen()
        assert not log.works
        write(log, b"1\n")
    log.path.rename(tmp_path / "d.1")
    log.retry()
    write(log, b"2\n")
    assert log.works
    assert log.path.read_bytes() == b"2\n"
    assert (tmp_path / "d.1").read_bytes() == b"1\n"
    log.close()


def test_a_log_that_can_t_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="PO531"):
        DecisionLog(tmp_path / "none" / "d.jsonl")


def test_a_line_says_all_that_was_known_and_can_be_asked_again(content: object) -> None:
    question = Asked(
        "dovecot", "imap", "mail", "anna", (Clue(ClueKind.IMAP_ID, '"name" "x"'),), Action.USE, "192.0.2.1", "D1",
        ((Clue(ClueKind.IMAP_ID, '"name" "y"'), Clue(ClueKind.INVENTORY, "os=ios")),),
    )  # fmt: skip
    clause = content.directive.clauses[0]  # type: ignore[attr-defined]
    outcome = Outcome(Effect.BLOCK, Verdict.CANNOT_TELL, clause, None, "w", "Why.", "7", Device(maker="Apple", grade=Grade.WEAK))
    line = line_of("K-1", clause.starts, 4.24, own_part(question), shared_part(question, outcome, "00ff"))
    record = record_of(line)
    assert line.count(b"\n") == 1
    assert record is not None
    assert record.asked == question
    assert (record.person, record.clause, record.effect, record.verdict) == ("7", "seat", "block", "cannot tell")
    assert (record.waiver, record.grade, record.device, record.cost_us) == ("w", "weak", {"maker": "Apple"}, 4.2)
    assert record.at == clause.starts


def test_a_line_holds_no_credential_that_a_client_puts_anywhere() -> None:
    clues = (Clue(ClueKind.USER_AGENT, "iPhone15,2 token=hunter2"), Clue(ClueKind.ACTIVESYNC, "password=hunter2"))
    asked = Asked("nginx", "activesync", "mail", "zoe:hunter2", clues, device_id="ApplDN:hunter2", others=(clues,))
    device = Device(platform="android", model_id="pwd=hunter2", model="secret=hunter2")
    outcome = Outcome(Effect.ALLOW, Verdict.NOT_COVERED, None, None, None, "", None, device)
    line = line_of("K7Q4MX-2F", datetime(2026, 10, 1, tzinfo=UTC), 1.0, own_part(asked), shared_part(asked, outcome, "5f"))
    record = record_of(line)
    assert record is not None
    assert b"hunter2" not in line
    assert (record.login, record.device_id, record.clues["user_agent"]) == ("zoe:***", "ApplDN:***", "iPhone15,2 token=***")


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b'{"id": "x"}', b"\xff", b"1", b'{"id": 1}'])
def test_what_is_no_whole_line_is_none(line: bytes) -> None:
    assert record_of(line) is None


def test_a_line_whose_time_is_none_is_none() -> None:
    text = (
        '{"id":"A-1","at":"AT","caller":"x","cost_us":1,"door":"imap","service":"mail","action":"use","login":"","grade":"weak",'
        '"verdict":"permitted","effect":"allow","reason":"","bundle":""}'
    )
    assert record_of(text.replace("AT", "2020-10-25T00:00:00Z").encode()) is not None
    for at in ("2020-10-25T00:00:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "", "noon"):
        assert record_of(text.replace("AT", at).encode()) is None, at


def test_ids_are_never_twice_and_can_be_said_on_the_phone() -> None:
    one, other = decision_ids(), decision_ids()
    drawn = [next(each) for each in (one, other) for _ in range(40)]
    assert len(set(drawn)) == 80
    assert as_written(f" {drawn[0].lower()} ") == drawn[0]
