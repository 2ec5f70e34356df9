"""What the gate or Z-Push wrote down before the password was checked counts as what the other log shows that it came to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from asking import IPHONE, answered, last_written, norms
from phaseout.model.answer import Answer
from phaseout.model.verdict import Verdict

ZONE = norms().order.time_zone
STEM, QUERY = "/Microsoft-Server-ActiveSync", "Cmd=Sync&User=anna&DeviceId={}&DeviceType=iPhone"
MORNING = datetime(2026, 3, 3, 7, tzinfo=UTC)


def nginx(log: Path, at: datetime, status: int, *, user: str = "anna", device_id: str = "A1", path: str = "") -> Path:
    """Write a request as nginx does; nobody has signed in where it was asked without a password."""
    target = path or f"{STEM}?{QUERY.format(device_id)}"
    return more(log, f'192.0.2.7 - {user} [{at:%d/%b/%Y:%H:%M:%S +0000}] "POST {target} HTTP/1.1" {status} 1 "-" "{IPHONE}"')


def iis(log: Path, at: datetime, status: int, *, user: str = "anna", device_id: str = "A1") -> Path:
    """Write a request as IIS does."""
    if not log.exists():
        more(log, "#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status")
    return more(log, f"{at:%Y-%m-%d %H:%M:%S} POST {STEM} {QUERY.format(device_id)} {user} 192.0.2.7 {IPHONE} {status}")


def sogo(log: Path, at: datetime, status: int, **_: str) -> Path:
    """Write a request as SOGo does, which tells no agent and nobody who signed in."""
    local = at.astimezone(ZONE)
    request = f"POST /SOGo{STEM}?{QUERY.format('A1')} HTTP/1.1"
    more(log, f'{local:%b %d %H:%M:%S} sogod [7438]: 192.0.2.7 "{request}" {status} 13/13 0.1 - - 3M - 15')
    last_written(log)
    return log


def zpush(log: Path, at: datetime) -> Path:
    """Write the beginning of a request as Z-Push 2.2 does, which says no more of it."""
    told = "Version='2.2' method='POST' from='192.0.2.7' cmd='Sync' getUser='anna' devId='A1' devType='iPhone'"
    return more(log, f"{at.astimezone(ZONE):%d/%m/%Y %H:%M:%S} [1] [ INFO] [anna] {told}")


def gate(log: Path, at: datetime, *, caller: str = "nginx", device_id: str = "A1", door: str = "activesync") -> Path:
    """Write what the gate decided, which let it pass."""
    clues = {"user_agent": IPHONE, **({"activesync": "iPhone"} if door == "activesync" else {})}
    told = {"id": "K", "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "caller": caller, "door": door, "service": "mail", "action": "use",
            "login": "anna", "device_id": device_id, "grade": "claimed", "verdict": "violation", "effect": "allow", "reason": "",
            "bundle": "5f", "cost_us": 1.0, "clues": clues}  # fmt: skip
    return more(log, json.dumps(told))


def more(log: Path, line: str) -> Path:
    with log.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    return log


def seconds(number: int) -> timedelta:
    return timedelta(seconds=number)


def found(*logs: Path, since: datetime | None = None) -> Answer:
    """Check the logs, in both orders; their accounts must add up."""
    answer, other = answered(*logs, zone=ZONE, since=since), answered(*reversed(logs), zone=ZONE, since=since)
    assert [(each.accesses, each.other) for each in answer.findings] == [(each.accesses, each.other) for each in other.findings]
    assert all(account.adds_up and min(account.accesses, *account.ignored.values(), 0) == 0 for account in answer.coverage.logs)
    return answer


def violations(answer: Answer) -> list[tuple[int, int]]:
    """Return the accesses and days of each violation."""
    return [(each.accesses, each.days) for each in answer.findings if each.verdict is Verdict.VIOLATION]


@pytest.mark.parametrize("server", [nginx, iis])
def test_a_client_that_first_asks_without_a_password_got_in_once(tmp_path: Path, server: object) -> None:
    front, asked = tmp_path / "front.log", tmp_path / "gate.jsonl"
    for minute in range(0, 60, 20):
        at = MORNING + timedelta(minutes=minute)
        server(front, at, 401, user="-")  # type: ignore[operator]
        server(front, at + seconds(1), 200)  # type: ignore[operator]
        gate(gate(asked, at), at + seconds(1))
    answer = found(front, asked)
    assert violations(answer) == [(3, 1)]
    assert (answer.coverage.logs[1].accesses, sum(answer.coverage.logs[1].ignored.values())) == (0, 6)


def test_a_wrong_password_is_an_attempt_and_no_use(tmp_path: Path) -> None:
    front, asked = tmp_path / "front.log", tmp_path / "gate.jsonl"
    for second, status in enumerate([401, 401, 200]):
        nginx(front, MORNING + seconds(second), status)
        gate(asked, MORNING + seconds(second))
    answer = found(front, asked)
    assert [(each.accesses, each.other) for each in answer.findings] == [(1, {"attempt": 2})]
    assert answer.coverage.logs[1].ignored == {"repeat of combined": 3}


def test_who_got_nothing_all_day_is_not_accused_by_another_day(tmp_path: Path) -> None:
    front, asked = tmp_path / "front.log", tmp_path / "gate.jsonl"
    nginx(front, MORNING, 200)
    for day in range(1, 4):
        nginx(front, MORNING + timedelta(days=day), 401, user="-")
        gate(asked, MORNING + timedelta(days=day))
    assert violations(found(front, asked)) == [(1, 1)]


@pytest.mark.parametrize("beside", ["/owa/prem/a.js", "/owa/ping.owa", "/owa/auth/logon.aspx"])
def test_what_the_gate_was_asked_about_beside_the_page_is_no_use(tmp_path: Path, beside: str) -> None:
    front, asked = tmp_path / "front.log", tmp_path / "gate.jsonl"
    for second, path in enumerate(["/owa/", beside, beside]):
        nginx(front, MORNING + seconds(second), 200, path=path)
        gate(asked, MORNING + seconds(second), device_id="", door="webmail")
    assert violations(found(front, asked)) == [(1, 1)]


def test_z_push_that_logs_no_more_than_the_beginning_adds_nothing(tmp_path: Path) -> None:
    front, behind = tmp_path / "front.log", tmp_path / "z-push.log"
    nginx(nginx(front, MORNING, 401, user="-"), MORNING + seconds(1), 200)
    zpush(zpush(behind, MORNING), MORNING + seconds(1))
    answer = found(front, behind, gate(gate(tmp_path / "gate.jsonl", MORNING), MORNING + seconds(1)))
    assert violations(answer) == [(1, 1)]
    assert [log.accesses for log in answer.coverage.logs] == [1, 0, 0]


def test_a_log_that_tells_no_agent_says_how_often_the_gate_s_phone_got_in(tmp_path: Path) -> None:
    behind, asked = tmp_path / "sogo.log", tmp_path / "gate.jsonl"
    for minute in range(0, 60, 20):
        at = MORNING + timedelta(minutes=minute)
        sogo(sogo(behind, at, 401), at + seconds(1), 200)
        gate(gate(asked, at), at + seconds(1))
    answer = found(behind, asked)
    assert violations(answer) == [(3, 1)]
    assert answer.findings[0].device.model == "iPhone 13 Pro"
    assert [log.accesses for log in answer.coverage.logs] == [0, 3]


def test_a_decision_log_with_a_hole_hides_no_use_and_no_device(tmp_path: Path) -> None:
    behind = sogo(sogo(tmp_path / "sogo.log", MORNING, 401), MORNING + seconds(1), 200)
    answer = found(behind, gate(tmp_path / "gate.jsonl", MORNING + seconds(1)))
    assert violations(answer) == [(1, 1)]
    assert answer.findings[0].device.model == "iPhone 13 Pro"


def test_a_log_in_front_with_a_hole_hides_nothing(tmp_path: Path) -> None:
    front = nginx(nginx(tmp_path / "front.log", MORNING, 401, user="-"), MORNING + seconds(1), 200)
    nginx(front, MORNING + timedelta(hours=5), 200)
    asked = gate(gate(tmp_path / "gate.jsonl", MORNING), MORNING + seconds(1))
    for hour in (1, 2, 3, 5):
        gate(asked, MORNING + timedelta(hours=hour))
    assert violations(found(front, asked)) == [(5, 1)]


def test_a_log_in_front_that_ends_before_hides_nothing(tmp_path: Path) -> None:
    front = nginx(nginx(tmp_path / "front.log", MORNING, 401, user="-"), MORNING + seconds(1), 200)
    (finding,) = found(front, gate(tmp_path / "gate.jsonl", MORNING + timedelta(hours=3))).findings
    assert (finding.verdict, finding.accesses, finding.last) == (Verdict.VIOLATION, 2, MORNING + timedelta(hours=3))


def test_z_push_behind_a_server_whose_log_is_not_at_hand_counts_itself(tmp_path: Path) -> None:
    server, proxy = iis(tmp_path / "u_ex.log", MORNING, 200), tmp_path / "HttpProxy.log"
    more(
        proxy, "DateTime,RequestId,MajorVersion,Protocol,UrlStem,AuthenticatedUser,UserAgent,ClientIpAddress,HttpStatus,UrlQuery"
    )
    more(proxy, f"2026-03-03T07:00:00.000Z,1,15,Eas,{STEM},anna,{IPHONE},192.0.2.7,200,?{QUERY.format('A1')}")
    answer = found(server, proxy, zpush(tmp_path / "z-push.log", MORNING))
    assert violations(answer) == [(1, 1)]
    assert [log.accesses for log in answer.coverage.logs] == [1, 0, 1]


def test_another_day_and_another_device_are_seen(tmp_path: Path) -> None:
    front = nginx(nginx(tmp_path / "front.log", MORNING, 401, user="-"), MORNING + seconds(1), 200)
    asked = gate(gate(tmp_path / "gate.jsonl", MORNING), MORNING + seconds(1))
    gate(gate(asked, MORNING + timedelta(days=1)), MORNING, device_id="B2")
    answer = found(front, asked)
    assert {each.device_ids: (each.accesses, each.days) for each in answer.findings} == {("A1",): (2, 2), ("B2",): (1, 1)}
    assert {each.verdict for each in answer.findings} == {Verdict.VIOLATION}


def test_what_had_signed_in_when_the_gate_was_asked_is_no_request_that_was_refused(tmp_path: Path) -> None:
    front = nginx(nginx(tmp_path / "front.log", MORNING, 401, user="-"), MORNING + seconds(1), 200)
    asked = gate(tmp_path / "gate.jsonl", MORNING, caller="envoy")
    assert violations(found(front, gate(asked, MORNING + seconds(1), caller="envoy"))) == [(2, 1)]
    # The one that had not is then the one that was refused.
    assert violations(found(front, gate(asked, MORNING + seconds(2)))) == [(2, 1)]


@pytest.mark.parametrize("seed", range(8))
def test_each_request_counts_once_and_holes_hide_none(tmp_path: Path, seed: int) -> None:
    chance, got_in, lost = Random(seed), 0, 0  # noqa: S311 - no secret
    front, asked, holes = tmp_path / "front.log", tmp_path / "gate.jsonl", seed % 2 == 1
    minutes = sorted(chance.sample(range(0, 3 * 24 * 60, 20), 40))
    # Whole hours that the log in front lacks, never its first and last requests.
    hole = {minute // 60 for minute in minutes[5:-5] if holes and chance.random() < 0.3}
    for minute in minutes:
        at = MORNING + timedelta(minutes=minute)
        ends = [(401, "-")] * chance.randrange(3) + [(401, "anna")] * chance.randrange(2) + [(200, "anna")]
        got_in += 1
        for second, (status, user) in enumerate(ends):
            is_shown = minute // 60 not in hole or minute in {minutes[0], minutes[-1]}
            lost += not is_shown and status != 200
            if is_shown:
                nginx(front, at + seconds(second), status, user=user)
            gate(asked, at + seconds(second + chance.randrange(-1, 2)))
    (whole,) = found(front, asked).findings
    assert whole.accesses == got_in + lost  # what nothing else shows stays what it was
    assert whole.first.replace(microsecond=0) - MORNING <= timedelta(minutes=minutes[0], seconds=5)
    less = found(front, asked, since=MORNING + timedelta(days=1)).findings
    assert sum(each.accesses for each in less) <= whole.accesses
