"""Exchange's back end repeats what its front end shows; where no log of that is read, it counts itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from asking import IPHONE, answered
from phaseout.model.answer import Answer

FIELDS = "#Fields: date time s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\n"
SYNC = ("/Microsoft-Server-ActiveSync{}/default.eas", "Cmd=Sync&User=anna&DeviceId=ApplDN1&DeviceType=iPhone")
OWA = ("/owa/service.svc", "action=GetItem")
SAFARI = "Mozilla/5.0+(iPhone;+CPU+iPhone+OS+17_3+like+Mac+OS+X)+AppleWebKit/605.1.15+Version/17.3+Mobile/15E148+Safari/604.1"
NOTE = "Exchange's back end wrote {} of its accesses, and no front end's log shows them"


def iis(
    log: Path, asked: tuple[str, str], count: int, day: int = 3, *, site: str = "W3SVC1", port: int = 443, login: str = "anna"
) -> Path:
    """Write requests as one of Exchange's two sites does, a minute each."""
    stem, query = asked
    agent = SAFARI if asked[0] == OWA[0] else IPHONE
    with log.open("a", encoding="utf-8") as file:
        if not file.tell():
            file.write(FIELDS)
        for minute in range(count):
            stamp = f"2026-03-{day:02d} 07:{minute:02d}:00"
            target = stem.format("/Proxy" if port == 444 else "")
            query = query.replace("User=anna", f"User={login}")
            file.write(f"{stamp} {site} POST {target} {query} {port} EXAMPLE\\{login} 192.0.2.7 {agent} 200\n")
    return log


def behind(log: Path, asked: tuple[str, str], count: int, day: int = 3) -> Path:
    return iis(log, asked, count, day, site="W3SVC2", port=444)


def accounts(answer: Answer) -> list[tuple[int, int]]:
    """Return of each log the accesses and the repeats."""
    assert all(account.adds_up for account in answer.coverage.logs)
    return [(account.accesses, account.ignored.get("back-end repeat", 0)) for account in answer.coverage.logs]


def test_a_back_end_s_log_alone_is_read(tmp_path: Path) -> None:
    log = behind(behind(tmp_path / "u_ex.log", SYNC, 5), OWA, 3)
    answer = answered(log)
    assert accounts(answer) == [(8, 0)]
    assert sorted((each.accesses, each.evidence[0].protocol) for each in answer.violations) == [(3, "webmail"), (5, "activesync")]
    assert answer.coverage.logs[0].note.startswith(NOTE.format(8))


def test_beside_its_front_end_it_is_a_repeat_and_no_copy(tmp_path: Path) -> None:
    front, back = iis(tmp_path / "front.log", SYNC, 30), behind(tmp_path / "back.log", SYNC, 30)
    answer = answered(front, back)
    assert accounts(answer) == [(30, 0), (0, 30)]
    assert [each.accesses for each in answer.violations] == [30]
    assert [account.note for account in answer.coverage.logs] == ["", ""]


def test_a_door_and_a_day_that_no_front_end_shows_count(tmp_path: Path) -> None:
    front = iis(tmp_path / "front.log", SYNC, 5)
    back = behind(behind(behind(tmp_path / "back.log", SYNC, 5), SYNC, 4, day=4), OWA, 3)
    answer = answered(front, back)
    assert accounts(answer) == [(5, 0), (7, 5)]
    assert sum(each.accesses for each in answer.violations) == 12
    assert answer.coverage.logs[1].note.startswith(NOTE.format(7))


@pytest.mark.parametrize("asked", [SYNC, OWA])
def test_who_came_in_by_a_front_end_whose_log_is_not_read_counts(asked: tuple[str, str], tmp_path: Path) -> None:
    front = iis(tmp_path / "front.log", asked, 3)
    other = (asked[0], asked[1].replace("ApplDN1", "ApplDN2"))
    back = behind(tmp_path / "back.log", asked, 3)
    iis(back, other, 2, site="W3SVC2", port=444, login="boris")
    answer = answered(front, back)
    assert accounts(answer) == [(3, 0), (2, 3)]
    assert {each.person.name: each.accesses for each in answer.violations} == {"Anna": 3, "Boris": 2}
    assert answer.coverage.logs[1].note.startswith(NOTE.format(2))


def test_a_device_that_no_front_end_shows_counts_whatever_else_its_owner_uses(tmp_path: Path) -> None:
    front, back = iis(tmp_path / "front.log", SYNC, 3), behind(tmp_path / "back.log", SYNC, 3)
    behind(back, (SYNC[0], SYNC[1].replace("ApplDN1", "ApplDN2")), 2)
    answer = answered(front, back)
    assert accounts(answer) == [(3, 0), (2, 3)]
    assert [each.accesses for each in answer.violations] == [3, 2]


@pytest.mark.parametrize("login", ["MX1$", "anna@elsewhere.example"])
def test_a_login_that_nobody_has_is_another_server_s(login: str, tmp_path: Path) -> None:
    back = iis(behind(tmp_path / "back.log", OWA, 3), OWA, 2, site="W3SVC2", port=444, login=login)
    assert accounts(answered(iis(tmp_path / "front.log", OWA, 3), back)) == [(3, 0), (0, 5)]


def test_a_front_end_and_its_back_end_may_spell_a_login_and_see_midnight_otherwise(tmp_path: Path) -> None:
    front, back = iis(tmp_path / "front.log", OWA, 3), iis(tmp_path / "back.log", OWA, 3, site="W3SVC2", port=444, login="ANNA")
    for log, stamp, site in ((front, "2026-03-04 23:59:59", "W3SVC1"), (back, "2026-03-05 00:00:01", "W3SVC2")):
        moved = log.read_text().splitlines()[-1].replace("2026-03-03 07:02:00", stamp)
        log.write_text(log.read_text() + moved + "\n")
        iis(log, (SYNC[0], SYNC[1]), 1, 5, site=site, port=443 if site == "W3SVC1" else 444)
    iis(front, OWA, 1, 5, login="boris")
    assert accounts(answered(front, back)) == [(6, 0), (0, 5)]


def test_it_is_held_against_httpproxys_log_too(tmp_path: Path) -> None:
    stem, query = SYNC
    proxy = tmp_path / "HttpProxy.log"
    names = (
        "DateTime,RequestId,MajorVersion,Protocol,UrlStem,AuthenticatedUser,UserAgent,ClientIpAddress,HttpStatus,Method,UrlQuery"
    )
    rows = [
        f"2026-03-03T07:0{n}:00.000Z,r{n},15,Eas,{stem.format('')},anna,{IPHONE},192.0.2.7,200,POST,?{query}" for n in range(4)
    ]
    proxy.write_text("\n".join([names, *rows]) + "\n")
    answer = answered(proxy, behind(tmp_path / "back.log", SYNC, 4))
    assert accounts(answer) == [(4, 0), (0, 4)]
    assert [each.accesses for each in answer.violations] == [4]


def test_behind_nginx_each_request_counts_once(tmp_path: Path) -> None:
    nginx = tmp_path / "nginx.log"
    target = "/Microsoft-Server-ActiveSync?" + SYNC[1]
    line = f'192.0.2.7 - anna [03/Mar/2026:07:0{{}}:00 +0000] "POST {target} HTTP/1.1" 200 1 "-" "{IPHONE}"\n'
    nginx.write_text("".join(map(line.format, range(4))))
    answer = answered(nginx, behind(behind(tmp_path / "back.log", SYNC, 4), OWA, 2))
    assert sorted(each.accesses for each in answer.violations) == [2, 4]
    assert accounts(answer) == [(4, 0), (2, 0)]
    assert answer.coverage.logs[1].ignored["repeat of combined"] == 4


def test_strangers_of_repeats_are_not_told(tmp_path: Path) -> None:
    back = behind(tmp_path / "back.log", SYNC, 2)
    back.write_text(back.read_text().replace("EXAMPLE\\anna", "EXAMPLE\\MX1$"))
    answer = answered(iis(tmp_path / "front.log", SYNC, 2), back)
    assert answer.coverage.unknown_logins == ()


@pytest.mark.parametrize(
    ("site", "port", "shown"), [("W3SVC2", 443, 6), ("W3SVC2", 81, 3), ("W3SVC1", 444, 3), ("W3SVC7", 443, 6)]
)
def test_the_port_tells_a_back_end_before_the_site_does(site: str, port: int, shown: int, tmp_path: Path) -> None:
    log = iis(iis(tmp_path / "u_ex.log", SYNC, 3), ("/Microsoft-Server-ActiveSync/default.eas", SYNC[1]), 3, site=site, port=port)
    assert accounts(answered(log)) == [(shown, 6 - shown)]


def test_where_no_port_is_told_the_second_site_is_the_back_end(tmp_path: Path) -> None:
    log = iis(iis(tmp_path / "u_ex.log", SYNC, 3), SYNC, 3, site="W3SVC2")
    log.write_text(log.read_text().replace(" s-port", "").replace(" 443 ", " "))
    assert accounts(answered(log)) == [(3, 3)]


def test_what_says_nothing_of_the_rules_is_a_repeat_where_other_requests_do(tmp_path: Path) -> None:
    told = (SYNC[0], SYNC[1] + "&Log=V141_As:BlockedG_Mbx:MX1")
    answer = answered(behind(behind(tmp_path / "back.log", told, 3), SYNC, 2))
    assert accounts(answer) == [(3, 2)]
    assert (answer.findings, answer.coverage.only_tried) == ((), 1)
