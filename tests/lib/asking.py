"""A check of some logs under an order that bans Apple's phones and tablets for mail."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

from phaseout.directive.load import load
from phaseout.judge.order import compile_order
from phaseout.model.answer import Answer
from phaseout.model.person import Person
from phaseout.runs.check import check
from phaseout.runs.inputs import Asked, Norms

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
AT = datetime(2026, 12, 1, tzinfo=UTC)
PEOPLE = (Person("1", "Anna", ("anna",), ("M",)), Person("2", "Boris", ("boris",), ("M",)))
IPHONE = "Apple-iPhone14C2/2001.362"


def norms() -> Norms:
    directive = load(DIRECTIVE, "directive.yaml")
    return Norms(directive, compile_order(directive), (), PEOPLE)


def answered(
    *logs: Path,
    zone: object = None,
    rejects: io.StringIO | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    asked = Asked(logs, AT, zone=zone, since=since, until=until)  # type: ignore[arg-type]
    checked = check(asked, norms(), rejects or io.StringIO())
    answer = checked.answer()
    checked.engine.close()
    return answer


def sync(login: str, second: int, day: int = 3) -> str:
    target = f"/Microsoft-Server-ActiveSync?Cmd=Sync&User={login}&DeviceId=ABC{login}&DeviceType=iPhone"
    stamp = f"{day:02d}/Mar/2026:10:00:{second:02d} +0300"
    return f'192.0.2.7 - {login} [{stamp}] "POST {target} HTTP/1.1" 200 1 "-" "{IPHONE}"\n'


def last_written(*logs: Path, at: datetime = AT) -> None:
    """Stamps without a year are dated by it."""
    for log in logs:
        os.utime(log, (at.timestamp(), at.timestamp()))
