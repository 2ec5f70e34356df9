"""What a finding says of its device, and where its first and its last line stand."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from asking import IPHONE, answered, norms, sync
from phaseout.model.answer import Finding

QUERY = "Cmd=Sync&User=anna&DeviceId={}&DeviceType=iPhone"


def only(*logs: Path, zone: ZoneInfo | None = None) -> Finding:
    (finding,) = answered(*logs, zone=zone).findings
    return finding


def line(minute: int, device_id: str = "ABC", agent: str = IPHONE, day: int = 3) -> str:
    target = f"/Microsoft-Server-ActiveSync?{QUERY.format(device_id)}"
    return f'192.0.2.7 - anna [{day:02d}/Mar/2026:10:{minute:02d}:00 +0300] "POST {target} HTTP/1.1" 200 1 "-" "{agent}"\n'


@pytest.mark.parametrize("between", ["", "no line of any log\n"])
@pytest.mark.parametrize("more", ["", '192.0.2.7 - anna [03/Mar/2026:10:30:00 +0300] "POST /x \\" HTTP/1.1" 200 1 "-" "x"\n'])
def test_first_and_last_stand_where_the_times_are_in_a_log_out_of_order(tmp_path: Path, between: str, more: str) -> None:
    log = tmp_path / "access.log"
    log.write_text(between + line(30) + line(10) + line(50) + line(20) + more, "utf-8")
    (evidence,) = only(log).evidence
    before = bool(between)
    assert [(each.line, at.minute) for each, at in ((evidence.first, evidence.first_at), (evidence.last, evidence.last_at))] == [
        (2 + before, 10), (3 + before, 50),
    ]  # fmt: skip


def test_places_of_one_second_are_the_same_in_every_run(tmp_path: Path) -> None:
    logs = [tmp_path / name for name in ("a.log", "b.log", "c.log")]
    for log in logs:
        log.write_text("x\n" * 3 + sync("anna", 5) * 4, "utf-8")
    for _ in range(3):
        (evidence,) = only(*logs).evidence
        assert (str(evidence.first), str(evidence.last)) == (f"{logs[0]}:4", f"{logs[2]}:7")


def test_what_tells_most_names_the_device_not_what_is_newest(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(line(10) + line(20, agent="-") + line(30, agent="-"), "utf-8")
    finding = only(log)
    assert (finding.device.model, finding.device.platform_version, finding.accesses) == ("iPhone 13 Pro", "16.0", 3)


def test_an_id_that_servers_spell_in_two_ways_is_one_device(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(line(10, "ApplDN1") + line(20, "APPLDN1"), "utf-8")
    finding = only(log)
    assert (finding.device_ids, finding.accesses) == (("APPLDN1",), 2)


def test_what_weaker_evidence_shows_is_told_apart(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    about = "user=<anna>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=7, TLS, session=<{}>"
    said = "ID sent: name=iPhone Mail, version=20E247, os=iOS, os-version=16.4.1 (20E247)"
    with log.open("w", encoding="utf-8") as file:
        for minute, session in enumerate(("AAA", "BBB", "CCC")):
            file.write(f"2026-03-03 10:0{minute}:00 imap-login: Info: Login: {about.format(session)}\n")
            if not minute:
                file.write(f"2026-03-03 10:00:01 imap(anna)<7><{session}>: Info: {said}\n")
    finding = only(log, zone=norms().order.time_zone)
    assert (finding.device.grade.word, finding.accesses, finding.weaker_accesses) == ("claimed", 3, 2)
