"""A request that two servers write down counts once, and no log hides what only the other shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asking import IPHONE, answered, last_written, norms, sync
from phaseout.model.answer import Answer
from phaseout.model.verdict import Verdict

LINES = "".join(sync("anna", second) for second in range(20))
FIELDS = "#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status\n"
SAMSUNG = "Mozilla/5.0 (Linux; Android 14; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 "
    "Mobile/15E148 Safari/604.1"
)
OLD, NEW = SAFARI.format("15_8"), SAFARI.format("17_3")


def in_front(log: Path, agents: Sequence[str], day: int = 3, target: str = "/owa/", method: str = "GET") -> Path:
    """Write requests as nginx does; more of them where the file is there."""
    with log.open("a", encoding="utf-8") as file:
        for second, agent in enumerate(agents):
            stamp = f"{day:02d}/Mar/2026:07:00:{second:02d} +0000"
            file.write(f'192.0.2.7 - anna [{stamp}] "{method} {target} HTTP/1.1" 200 1 "-" "{agent}"\n')
    return log


def behind(log: Path, agents: Sequence[str], day: int = 3, target: str = "/owa/ -", method: str = "GET") -> Path:
    """Write the same requests as IIS does."""
    with log.open("a", encoding="utf-8") as file:
        file.write(FIELDS)
        for second, agent in enumerate(agents):
            stamp = f"2026-03-{day:02d} 07:00:{second:02d}"
            file.write(f"{stamp} {method} {target} MINEX\\anna 192.0.2.7 {agent.replace(' ', '+')} 200\n")
    return log


def devices(answer: Answer) -> dict[str, int]:
    """Return what was found by the device's words, with the accesses."""
    assert all(account.adds_up for account in answer.coverage.logs)
    return {each.device.label: each.accesses for each in answer.findings}


def test_a_log_behind_another_is_not_counted_twice(tmp_path: Path) -> None:
    front, back = tmp_path / "nginx.log", tmp_path / "sogo.log"
    front.write_text(LINES)
    request = (
        'Mar 03 10:00:{:02d} sogod [7438]: 192.0.2.7 "POST /SOGo/Microsoft-Server-ActiveSync?Cmd=Sync&User={}'
        '&DeviceId=ABC{}&DeviceType=iPhone HTTP/1.1" 200 13/13 0.1 - - 3M - 15\n'
    )
    seen_twice = "".join(request.format(second, "anna", "anna") for second in range(20))
    seen_once = "".join(request.format(second, "boris", "boris") for second in range(5))
    back.write_text(seen_twice + seen_once)
    last_written(back)
    answer = answered(front, back, zone=norms().order.time_zone)
    assert {each.person.name: each.accesses for each in answer.violations} == {"Anna": 20, "Boris": 5}
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 20
    assert answer.coverage.logs[1].accesses == 5
    assert all(account.adds_up for account in answer.coverage.logs)


def test_a_log_behind_another_that_shows_another_device_is_no_repeat(tmp_path: Path) -> None:
    front, back = tmp_path / "nginx.log", tmp_path / "iis.log"
    desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0.0.0 Safari/537.36"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) Version/17.3 Mobile/15E148 Safari/604.1"
    front.write_text(f'192.0.2.7 - anna [03/Mar/2026:10:00:01 +0000] "GET /owa/ HTTP/1.1" 200 1 "-" "{desktop}"\n' * 3)
    fields = "#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status\n"
    request = "2026-03-03 10:00:01 GET /owa/ - MINEX\\anna 192.0.2.7 {} 200\n"
    back.write_text(fields + "".join(request.format(agent.replace(" ", "+")) * 2 for agent in (phone, desktop)))
    answer = answered(front, back)
    assert [(each.person.name, each.accesses) for each in answer.violations] == [("Anna", 2)]
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 2
    assert all(account.adds_up for account in answer.coverage.logs)


def test_exchange_writes_a_request_into_two_logs_and_it_counts_once(tmp_path: Path) -> None:
    fields = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status"
    target = "/Microsoft-Server-ActiveSync/default.eas"
    iis, proxy, front = tmp_path / "u_ex260303.log", tmp_path / "HttpProxy.log", tmp_path / "nginx.log"
    query = "Cmd=Sync&User={0}&DeviceId=ABC{0}&DeviceType=iPhone"
    rows = [
        f"2026-03-03 07:00:0{n} 10.0.0.1 POST {target} {query.format('anna')} 443 anna 192.0.2.7 {IPHONE} 200" for n in range(4)
    ]
    rows += [
        f"2026-03-04 07:00:0{n} 10.0.0.1 POST {target} {query.format('boris')} 443 boris 192.0.2.8 {IPHONE} 200" for n in range(2)
    ]
    iis.write_text("\n".join([f"#Fields: {fields}", *rows]) + "\n")
    columns = (
        "DateTime,RequestId,MajorVersion,Protocol,UrlStem,AuthenticatedUser,UserAgent,ClientIpAddress,HttpStatus,Method,UrlQuery"
    )
    seen = [
        f"2026-03-03T07:00:0{n}.000Z,r{n},15,Eas,{target},anna,{IPHONE},192.0.2.7,200,POST,?{query.format('anna')}"
        for n in range(4)
    ]
    proxy.write_text("\n".join([columns, *seen]) + "\n")
    both = answered(iis, proxy)
    assert {each.person.name: each.accesses for each in both.violations} == {"Anna": 4, "Boris": 2}
    assert both.coverage.logs[1].ignored["repeat of iis"] == 4
    front.write_text(LINES)
    three = answered(iis, proxy, front)
    assert {each.person.name: each.accesses for each in three.violations} == {"Anna": 20, "Boris": 2}
    assert all(account.adds_up for account in three.coverage.logs)


@pytest.mark.parametrize(
    ("front", "back"), [(SAMSUNG, NEW), (OLD, NEW), (SAMSUNG, SAMSUNG.replace("SM-S901B", "HUAWEI P30")), ("-", NEW)]
)
def test_no_device_hides_another(tmp_path: Path, front: str, back: str) -> None:
    logs = in_front(tmp_path / "nginx.log", [front] * 9), behind(tmp_path / "u_ex.log", [back] * 2)
    answer = answered(*logs)
    assert "repeat of combined" not in answer.coverage.logs[1].ignored
    assert answer.coverage.logs[1].accesses == 2


def test_what_the_server_behind_shows_beyond_the_one_in_front_is_no_repeat(tmp_path: Path) -> None:
    front, back = in_front(tmp_path / "nginx.log", [NEW] * 3), behind(tmp_path / "u_ex.log", [NEW] * 9)
    answer = answered(front, back)
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 3
    assert sum(devices(answer).values()) == 3 + 6


def test_a_log_without_agents_is_hidden_by_no_more_than_was_asked_in_front(tmp_path: Path) -> None:
    target = "/SOGo/dav/anna/Calendar/"
    front = in_front(tmp_path / "nginx.log", [SAMSUNG] * 2, target=target, method="REPORT")
    line = 'Mar 03 10:00:{:02d} sogod [7438]: 192.0.2.7 "REPORT {} HTTP/1.1" 207 13/13 0.1 - - 3M - 15\n'
    back = tmp_path / "sogo.log"
    back.write_text("".join(line.format(second, target) for second in range(8)), "utf-8")
    last_written(back)
    answer = answered(front, back, zone=norms().order.time_zone)
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 2
    assert answer.coverage.logs[1].accesses == 6


def test_a_request_that_another_hides_stays_hidden_when_less_is_looked_at(tmp_path: Path) -> None:
    front = in_front(in_front(tmp_path / "nginx.log", [NEW] * 9, day=3), [NEW], day=4)
    back = behind(behind(tmp_path / "u_ex.log", [NEW] * 4, day=3), [NEW] * 4, day=4)
    whole = answered(front, back)
    less = answered(front, back, since=datetime(2026, 3, 4, tzinfo=UTC))
    assert (sum(devices(whole).values()), sum(devices(less).values())) == (10 + 3, 1 + 3)


def at(log: Path, stamp: str, *, target: str = "/owa/") -> Path:
    """Write one request as nginx does, or as IIS does where the log is called so; add it where the file is there."""
    when = datetime.fromisoformat(f"{stamp}Z")
    is_front = log.name.startswith("nginx")
    line = (
        f'192.0.2.7 - anna [{when:%d/%b/%Y:%H:%M:%S +0000}] "GET {target} HTTP/1.1" 200 1 "-" "{NEW}"\n'
        if is_front
        else f"{when:%Y-%m-%d %H:%M:%S} GET {target} - EXAMPLE\\anna 192.0.2.7 {NEW.replace(' ', '+')} 200\n"
    )
    with log.open("a", encoding="utf-8") as file:
        file.write(line if is_front or file.tell() else FIELDS + line)
    return log


def test_another_service_hides_nothing(tmp_path: Path) -> None:
    front = at(tmp_path / "nginx.log", "2026-03-03 07:00:00", target="/nextcloud/apps/files/")
    back = at(tmp_path / "u_ex.log", "2026-03-03 07:00:00")
    answer = answered(front, back)
    assert "repeat of combined" not in answer.coverage.logs[1].ignored
    assert [each.services for each in answer.findings] == [("mail",)]


def test_another_time_of_the_day_is_another_request(tmp_path: Path) -> None:
    front, back = at(tmp_path / "nginx.log", "2026-03-03 07:00:00"), at(tmp_path / "u_ex.log", "2026-03-03 14:30:00")
    answer = answered(front, back)
    (finding,) = answer.findings
    assert (answer.coverage.logs[1].accesses, finding.accesses) == (1, 2)
    assert f"{finding.last:%H:%M}" == "14:30"


def test_clocks_that_differ_at_midnight_make_no_second_request(tmp_path: Path) -> None:
    # The order keeps Moscow's time, whose midnight is at nine in the evening of UTC.
    front, back = at(tmp_path / "nginx.log", "2026-03-03 20:59:58"), at(tmp_path / "u_ex.log", "2026-03-03 21:00:01")
    answer = answered(front, back)
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 1
    assert [(each.accesses, each.days) for each in answer.findings] == [(1, 1)]
    answer = answered(at(front, "2026-03-03 10:00:00"), at(back, "2026-03-03 10:00:00"))
    assert [(each.accesses, each.days) for each in answer.findings] == [(2, 1)]


def test_clocks_that_differ_on_the_first_day_make_no_violation(tmp_path: Path) -> None:
    # The order begins on the first of February of Moscow.
    front, back = at(tmp_path / "nginx.log", "2026-01-31 20:59:59"), at(tmp_path / "u_ex.log", "2026-01-31 21:00:01")
    answer = answered(front, back)
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 1
    assert answer.findings == ()


def test_a_log_in_front_that_names_no_agent_is_a_repeat_of_one_that_does(tmp_path: Path) -> None:
    query, target = PHONE.format("A1"), "/Microsoft-Server-ActiveSync"
    front = in_front(tmp_path / "nginx.log", ["-"] * 3, target=f"{target}?{query}", method="POST")
    back = behind(tmp_path / "u_ex.log", [IPHONE] * 3, target=f"{target} {query}", method="POST")
    answer = answered(front, back)
    (finding,) = answer.findings
    assert (finding.accesses, finding.device.model) == (3, "iPhone 13 Pro")
    assert [log.accesses for log in answer.coverage.logs] == [0, 3]


def asked_of(log: Path, second: int, *, door: str, clues: dict[str, str], caller: str = "nginx", device_id: str = "") -> Path:
    """Write a decision of the gate that let a use pass."""
    told = {"id": f"K-{second}", "at": f"2026-03-03T07:00:{second:02d}Z", "caller": caller, "door": door, "service": "mail",
            "action": "use", "login": "anna", "device_id": device_id, "grade": "claimed", "verdict": "violation",
            "effect": "allow", "reason": "", "bundle": "5f", "cost_us": 1.0, "clues": clues}  # fmt: skip
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(told) + "\n")
    return log


def test_what_the_gate_decided_and_a_server_logged_counts_once(tmp_path: Path) -> None:
    query, gate = PHONE.format("A1"), tmp_path / "decisions.jsonl"
    asked_of(gate, 1, door="activesync", clues={"user_agent": IPHONE, "activesync": "iPhone"}, device_id="A1")
    iis = behind(tmp_path / "u_ex.log", [IPHONE], target=f"/Microsoft-Server-ActiveSync {query}", method="POST")
    assert list(devices(answered(gate, iis)).values()) == [1]
    push = tmp_path / "z-push.log"
    told = "cmd='Sync' memory='1' devType='iPhone' devId='A1' getUser='anna' version='2.6' method='POST' httpcode='200'"
    push.write_text(f"03/03/2026 10:00:01 [1] [ INFO] [anna] {told}\n", "utf-8")
    answer = answered(gate, push, zone=norms().order.time_zone)
    assert [(each.verdict, each.accesses) for each in answer.findings] == [(Verdict.VIOLATION, 1)]


def test_what_a_phone_told_the_gate_is_what_dovecot_logged_without_it(tmp_path: Path) -> None:
    gate, mail = tmp_path / "decisions.jsonl", tmp_path / "maillog"
    asked_of(gate, 1, door="imap", caller="dovecot", clues={"imap_id": '"name" "iPhone Mail" "os" "iOS" "os-version" "17.4"'})
    login = "imap-login: Login: user=<anna>, method=PLAIN, rip=192.0.2.7"
    mail.write_text(f"2026-03-03T10:00:02.000000+03:00 mx dovecot: {login}\n", "utf-8")
    answer = answered(gate, mail, zone=norms().order.time_zone)
    assert [(each.verdict, each.accesses) for each in answer.findings] == [(Verdict.VIOLATION, 1)]
    assert answer.coverage.logs[1].ignored == {"repeat of decisions": 1}


def test_what_is_left_of_a_log_behind_stands_where_it_was_seen(tmp_path: Path) -> None:
    front, back = tmp_path / "nginx.log", tmp_path / "u_ex.log"
    for stamp in ("07:00:00", "08:00:00"):
        at(front, f"2026-03-03 {stamp}")
    for stamp in ("07:00:02", "08:00:02", "15:00:00"):
        at(back, f"2026-03-03 {stamp}")
    (finding,) = answered(front, back).findings
    _, late = finding.evidence
    assert (late.format, late.accesses, f"{late.first_at:%H:%M}", late.first) == ("iis", 1, "15:00", late.last)
    assert late.first.line == 4  # behind the names of the columns


def test_servers_spell_a_device_s_id_as_they_like(tmp_path: Path) -> None:
    query = "Cmd=Sync&User=anna&DeviceId={}&DeviceType=iPhone"
    target = "/Microsoft-Server-ActiveSync"
    front = in_front(tmp_path / "nginx.log", [IPHONE] * 3, target=f"{target}?{query.format('ApplDN1')}", method="POST")
    back = behind(tmp_path / "u_ex.log", [IPHONE] * 3, target=f"{target} {query.format('APPLDN1')}", method="POST")
    (finding,) = answered(front, back).findings
    assert (finding.accesses, finding.device_ids) == (3, ("ApplDN1",))


PHONE = "Cmd=Sync&User=anna&DeviceId={}&DeviceType=iPhone"


def exchange(log: Path, front: int, refused: int, *, allowed: int = 0, day: int = 3, device_id: str = "ApplDN1") -> Path:
    """Write what Exchange 2013 logs of a phone: its requests at the front end, and what the back end made of them."""
    fields = "#Fields: date time cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\n"
    query, stem = PHONE.format(device_id), "/Microsoft-Server-ActiveSync{}/default.eas"
    line = f"2026-03-{day:02d} 07:{{:02d}}:00 POST {{}} {query}{{}} {{}} EXAMPLE\\anna 192.0.2.7 {IPHONE} 200\n"
    with log.open("a", encoding="utf-8") as file:
        file.write(fields)
        file.writelines(line.format(minute, stem.format(""), "&cafeReqId=1;", 443) for minute in range(front))
        said = ["Allowed"] * allowed + ["Blocked", "Quarantined"] * refused
        for minute, word in enumerate(said[: allowed + refused]):
            file.write(line.format(minute, stem.format("/Proxy"), f"&Log=V141_As:{word}G_Mbx:MX1", 444))
    return log


def test_what_exchange_s_back_end_refused_is_no_use(tmp_path: Path) -> None:
    answer = answered(exchange(tmp_path / "u_ex260303.log", 5, 5))
    (account,) = answer.coverage.logs
    assert (answer.findings, answer.coverage.only_tried) == ((), 1)
    assert (account.accesses, account.ignored["back-end repeat"], account.adds_up) == (5, 5, True)


def test_what_exchange_let_pass_before_its_rule_is_use(tmp_path: Path) -> None:
    (finding,) = answered(exchange(tmp_path / "u_ex260303.log", 9, 6, allowed=3)).findings
    assert (finding.accesses, finding.other) == (3, {"attempt": 6})
    assert (f"{finding.first:%H:%M}", f"{finding.last:%H:%M}") == ("07:00", "07:02")


def said(log: Path, stamp: str, word: str, command: str = "Sync") -> None:
    """Write one request of a phone as both of Exchange's ends do."""
    query, stem = f"Cmd={command}&{PHONE.format('ApplDN1').split('&', 1)[1]}", "/Microsoft-Server-ActiveSync{}/default.eas"
    line = f"2026-03-{stamp} POST {{}} {query}{{}} {{}} EXAMPLE\\anna 192.0.2.7 {IPHONE} 200\n"
    with log.open("a", encoding="utf-8") as file:
        if not file.tell():
            file.write("#Fields: date time cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\n")
        file.write(line.format(stem.format(""), "&cafeReqId=1;", 443))
        file.write(line.format(stem.format("/Proxy"), f"&Log=V141_As:{word}_Mbx:MX1", 444))


def test_a_phone_that_was_released_is_seen_from_then_on(tmp_path: Path) -> None:
    log = tmp_path / "u_ex260303.log"
    for minute in range(5):
        said(log, f"03 09:0{minute}:00", "QuarantinedG")
    for minute in range(3):
        said(log, f"03 15:0{minute}:00", "AllowedI")
    answer = answered(log)
    (finding,) = answer.findings
    assert (finding.accesses, finding.other) == (3, {"attempt": 5})
    assert (f"{finding.first:%H:%M}", f"{finding.last:%H:%M}") == ("15:00", "15:02")
    (account,) = answer.coverage.logs
    assert (account.accesses, account.ignored["back-end repeat"]) == (8, 8)


def test_what_no_log_in_front_shows_counts(tmp_path: Path) -> None:
    log = tmp_path / "u_ex260303.log"
    exchange(log, 0, 0, allowed=3)
    exchange(log, 2, 0, allowed=2, device_id="ApplDN2")
    answer = answered(log)
    assert sorted(each.accesses for each in answer.findings) == [2, 3]
    assert (answer.coverage.logs[0].accesses, answer.coverage.logs[0].ignored["back-end repeat"]) == (5, 2)


def test_one_command_refused_is_not_another(tmp_path: Path) -> None:
    log = tmp_path / "u_ex260303.log"
    said(log, "03 09:00:00", "AllowedG")
    said(log, "03 09:10:00", "BlockedG", "Ping")
    (finding,) = answered(log).findings
    assert (finding.accesses, finding.other) == (1, {"attempt": 1})


def test_clocks_that_differ_at_midnight_accuse_nobody(tmp_path: Path) -> None:
    log = tmp_path / "u_ex260303.log"
    said(log, "03 12:00:00", "BlockedG")
    with log.open("a", encoding="utf-8") as file:
        query = PHONE.format("ApplDN1")
        file.write(f"2026-03-03 20:59:59 POST /Microsoft-Server-ActiveSync {query} 443 EXAMPLE\\anna 192.0.2.7 {IPHONE} 200\n")
        proxy = f"/Microsoft-Server-ActiveSync/Proxy {query}&Log=V141_As:BlockedG_Mbx:MX1 444"
        file.write(f"2026-03-03 21:00:02 POST {proxy} EXAMPLE\\anna 192.0.2.7 {IPHONE} 200\n")
    answer = answered(log)
    assert (answer.findings, answer.coverage.only_tried) == ((), 1)


def test_another_device_and_another_day_are_not_refused(tmp_path: Path) -> None:
    log = exchange(tmp_path / "u_ex260303.log", 4, 4)
    exchange(exchange(log, 3, 0, day=4), 2, 0, device_id="ApplDN2")
    assert sorted(each.accesses for each in answered(log).findings) == [2, 3]


def test_a_refusal_without_its_request_is_an_attempt(tmp_path: Path) -> None:
    answer = answered(exchange(tmp_path / "u_ex260303.log", 0, 4))
    assert (answer.findings, answer.coverage.only_tried, answer.coverage.logs[0].accesses) == ((), 1, 4)


def test_refusals_reach_the_logs_in_front(tmp_path: Path) -> None:
    target = f"/Microsoft-Server-ActiveSync?{PHONE.format('APPLDN1')}"
    front = in_front(tmp_path / "nginx.log", [IPHONE] * 5, target=target, method="POST")
    answer = answered(front, exchange(tmp_path / "u_ex260303.log", 5, 5))
    assert (answer.findings, answer.coverage.only_tried) == ((), 1)
    assert all(account.adds_up for account in answer.coverage.logs)


def test_a_sign_in_that_microsoft_writes_into_two_logs_counts_once(tmp_path: Path) -> None:
    entra, audit = tmp_path / "SignInLogs.jsonl", tmp_path / "audit.jsonl"
    entra.write_text(
        json.dumps({"createdDateTime": "2026-03-03T07:00:00Z", "userPrincipalName": "anna", "appDisplayName": "Outlook",
                    "isInteractive": True, "status": {"errorCode": 0}, "userAgent": NEW, "deviceDetail": {"deviceId": ""}}) + "\n"
    )  # fmt: skip
    signed_in = {"CreationTime": "2026-03-03T07:00:02", "Operation": "UserLoggedIn", "UserId": "anna", "Id": "1",
                 "Workload": "AzureActiveDirectory", "ExtendedProperties": [{"Name": "UserAgent", "Value": NEW}]}  # fmt: skip
    later = {**signed_in, "CreationTime": "2026-03-03T12:00:00", "Id": "2"}
    audit.write_text(json.dumps(signed_in) + "\n" + json.dumps(later) + "\n")
    answer = answered(entra, audit)
    assert [(log.format, log.accesses) for log in answer.coverage.logs] == [("entra", 1), ("m365", 1)]
    assert answer.coverage.logs[1].ignored == {"repeat of entra": 1}
