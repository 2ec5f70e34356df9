"""Stamps that no log has: a damaged line is told, and shows no days."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import pytest

from asking import IPHONE, answered, norms, sync

TARGET = "/Microsoft-Server-ActiveSync"
FIELDS = "#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) sc-status\n"
COLUMNS = (
    "DateTime,RequestId,MajorVersion,Protocol,UrlStem,AuthenticatedUser,UserAgent,ClientIpAddress,HttpStatus,Method,UrlQuery\n"
)
PHONE = "Cmd=Sync&User=anna&DeviceId=ABC&DeviceType=iPhone"
ZPUSH = f"{PHONE.replace('&', ' ')} cmd='Sync' memory='1' time='1s' devType='iPhone' devId='ABC' getUser='anna' httpcode='200'"

LOGS = {
    "combined": f'192.0.2.7 - anna [03/Mar/{{year}}:10:00:00 +0300] "POST {TARGET}?{PHONE} HTTP/1.1" 200 1 "-" "{IPHONE}"\n',
    "iis": f"{FIELDS}{{year}}-03-03 07:00:00 POST {TARGET} {PHONE} anna 192.0.2.7 {IPHONE} 200\n",
    "httpproxy": f"{COLUMNS}{{year}}-03-03T07:00:00.000Z,r,15,Eas,{TARGET},anna,{IPHONE},192.0.2.7,200,POST,?{PHONE}\n",
    "zpush": f"03/03/{{year}} 10:00:00 [13624] [ INFO] [anna] {ZPUSH}\n",
    "dovecot": "{year}-03-03T10:00:00.000000+03:00 mx dovecot: imap-login: Login: user=<anna>, method=PLAIN, rip=192.0.2.7\n",
    "m365": json.dumps({"CreationTime": "YEAR-03-03T07:00:00", "Operation": "UserLoggedIn", "UserId": "anna", "Id": "1",
                        "Workload": "AzureActiveDirectory", "RecordType": 15}) + "\n",
}  # fmt: skip


@pytest.mark.parametrize("year", ["0000", "0001", "1969", "2200", "9999"])
@pytest.mark.parametrize("format_", LOGS)
def test_no_stamp_stops_a_check(tmp_path: Path, format_: str, year: str) -> None:
    log, rejects = tmp_path / f"{format_}.log", io.StringIO()
    log.write_text(LOGS[format_].replace("{year}", year).replace("YEAR", year), "utf-8")
    with log.open("a", encoding="utf-8") as file:
        file.write(LOGS[format_].replace("{year}", "2026").replace("YEAR", "2026"))
    (account,) = answered(log, zone=norms().order.time_zone, rejects=rejects).coverage.logs
    assert (account.format, account.rejected, account.accesses) == (format_, 1, 1)
    (told,) = map(json.loads, rejects.getvalue().splitlines())
    assert told["reason"] in {"a time stamp before 1970 or after 2199", "no time stamp"}
    assert f"{account.first:%Y}" == f"{account.last:%Y}" == "2026"


def test_one_stamp_of_the_future_shows_no_days(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(sync("anna", 1) + sync("anna", 2).replace("/2026:", "/2062:"), "utf-8")
    coverage = answered(log).coverage
    (account,), (place,) = coverage.logs, coverage.places
    assert (account.accesses, account.ignored, f"{account.last:%Y}") == (1, {"outside the asked time": 1}, "2062")
    assert (place.last, coverage.last_day) == (date(2026, 3, 3), date(2026, 3, 3))


@pytest.mark.parametrize("status", ["", " ", " 20", " 2000 1", " x"])
def test_a_line_without_its_status_is_damaged(tmp_path: Path, status: str) -> None:
    log = tmp_path / "access.log"
    log.write_text(sync("anna", 1) + sync("anna", 2).replace(" 200 1", status), "utf-8")
    (account,) = answered(log).coverage.logs
    assert (account.accesses, account.rejected) == (1, 1)
