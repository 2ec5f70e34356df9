"""Logs of several servers, made at random: each access is accounted for once, and the order of the files changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from asking import AT, IPHONE, last_written, norms
from phaseout.reading.on_demand import ir
from phaseout.reading.reduction import total
from phaseout.runs.check import check
from phaseout.runs.inputs import Asked

AGENTS = (
    IPHONE, "Android-SAMSUNG-SM-S901B/101.13", "-",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1",
)  # fmt: skip
FIELDS = "#Fields: date time cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status\n"


def lines(chance: Random) -> Iterator[tuple[str, str]]:
    """Give a request as some of the servers write it down: the log's name, and the line."""
    day, hour, minute = chance.randrange(1, 6), chance.randrange(24), chance.randrange(60)
    user, agent, status = (
        chance.choice(["anna", "boris", "eve", "-"]),
        chance.choice(AGENTS),
        chance.choice([200, 200, 204, 302, 404]),
    )
    device_id, command = chance.choice(["A1", "a1", "B2"]), chance.choice(["Sync", "Ping", "Provision"])
    query = f"Cmd={command}&User=anna&DeviceId={device_id}&DeviceType={chance.choice(['iPhone', 'SAMSUNGSMG991B'])}"
    path = chance.choice(["/Microsoft-Server-ActiveSync", "/owa/", f"/SOGo/so/{user}/Mail/0/x", f"/SOGo/dav/{user}/Calendar/x"])
    target = f"{path}?{query}" if "ActiveSync" in path else path
    seen_in = [name for name in ("nginx", "iis", "sogo", "gate") if chance.random() < 0.6]
    if "nginx" in seen_in:
        stamp = f"{day:02d}/Mar/2026:{hour:02d}:{minute:02d}:00 +0000"
        yield "nginx", f'192.0.2.7 - {chance.choice([user, "-"])} [{stamp}] "POST {target} HTTP/1.1" {status} 1 "-" "{agent}"\n'
    if "iis" in seen_in:
        is_back = chance.random() < 0.4
        stem, port = (f"{path}/Proxy/x", 444) if is_back else (path, 443)
        said = query + (chance.choice(["", "&Log=V141_As:BlockedG_Mbx:MX1", "&Log=V141_As:AllowedG_Mbx:MX1"]) if is_back else "")
        stamp = f"2026-03-{day:02d} {hour:02d}:{minute:02d}:00"
        yield "iis", f"{stamp} POST {stem} {said} {port} {user} 192.0.2.7 {agent.replace(' ', '+')} {status}\n"
    if "sogo" in seen_in:
        stamp = f"Mar {day:2d} {hour:02d}:{minute:02d}:00"
        yield "sogo", f'{stamp} sogod [1]: 192.0.2.7 "POST {target} HTTP/1.1" {status} 13/13 0.1 - - 3M - 15\n'
    if "gate" in seen_in:
        told = {
            "id": "K", "at": f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:01Z", "caller": chance.choice(["nginx", "dovecot"]),
            "door": "activesync", "service": "mail", "action": chance.choice(["use", "presence"]), "login": user,
            "device_id": device_id, "grade": "claimed", "verdict": "violation", "effect": chance.choice(["allow", "block"]),
            "reason": "", "bundle": "5f", "cost_us": 1.0, "clues": {"user_agent": agent},
        }  # fmt: skip
        yield "gate", json.dumps(told) + "\n"


def count(table: ir.Table) -> ir.Table:
    return table.agg(n=total(table.n))


def checked(*logs: Path) -> list[Any]:
    """Check the logs; return what was found."""
    result = check(Asked(logs, AT, zone=norms().order.time_zone), norms(), io.StringIO())
    answer, seen = result.answer(), result.engine.ask(count, result.table).column("n")[0].as_py() or 0
    result.engine.close()
    assert all(account.adds_up and min((0, account.accesses, *account.ignored.values())) == 0 for account in result.accounts)
    assert seen == sum(account.accesses for account in result.accounts)
    return sorted(
        (each.person.name, each.verdict, each.device.label, each.device_ids, each.accesses, each.first, each.last)
        for each in answer.findings
    )


@pytest.mark.parametrize("seed", range(24))
def test_each_access_is_accounted_for_once(tmp_path: Path, seed: int) -> None:
    chance, texts = Random(seed), {"iis": FIELDS}  # noqa: S311 - no secret
    for _ in range(60):
        for name, line in lines(chance):
            texts[name] = texts.get(name, "") + line
    logs = []
    for name, text in texts.items():
        logs.append(tmp_path / f"{name}.log")
        logs[-1].write_text(text, "utf-8")
    last_written(*logs)
    assert checked(*logs) == checked(*reversed(logs))


def shown_by_two(chance: Random) -> tuple[dict[tuple[str, str], list[datetime]], dict[str, list[str]]]:
    """Make requests of which one of two servers shows all and the other some, with clocks up to a minute apart.

    Returns:
        The instants by person and device, and the lines of both logs.
    """
    truth: dict[tuple[str, str], list[datetime]] = {}
    texts: dict[str, list[tuple[datetime, str]]] = {"nginx": [], "iis": []}
    for user in ("anna", "boris"):
        for device_id in ("A1", "B2"):
            whole, other = chance.sample(["nginx", "iis"], 2)
            minutes = sorted(chance.sample(range(0, 5 * 24 * 60, 20), chance.randrange(1, 40)))
            for minute in minutes:
                at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)  # some at midnight
                truth.setdefault((user, device_id), []).append(at)
                for name in (whole, other) if chance.random() < 0.6 else (whole,):
                    when = at + timedelta(seconds=chance.randrange(-60, 61))
                    texts[name].append((when, as_logged(name, when, user, device_id)))
    return truth, {name: [text for _, text in sorted(lines)] for name, lines in texts.items()}


def as_logged(name: str, at: datetime, user: str, device_id: str) -> str:
    query = f"Cmd=Sync&User={user}&DeviceId={device_id}&DeviceType=iPhone"
    path = "/Microsoft-Server-ActiveSync"
    if name == "nginx":
        return f'192.0.2.7 - {user} [{at:%d/%b/%Y:%H:%M:%S +0000}] "POST {path}?{query} HTTP/1.1" 200 1 "-" "{IPHONE}"\n'
    return f"{at:%Y-%m-%d %H:%M:%S} POST {path} {query} 443 {user} 192.0.2.7 {IPHONE} 200\n"


@pytest.mark.parametrize("seed", range(24))
def test_what_two_servers_show_counts_once_and_nothing_is_hidden(tmp_path: Path, seed: int) -> None:
    truth, texts = shown_by_two(Random(seed))  # noqa: S311 - no secret
    front, back = tmp_path / "nginx.log", tmp_path / "u_ex.log"
    front.write_text("".join(texts["nginx"]), "utf-8")
    back.write_text("".join([FIELDS, *texts["iis"]]), "utf-8")
    result = check(Asked(tuple(log for log in (front, back) if log.stat().st_size), AT), norms(), io.StringIO())
    found = {(each.person.name.lower(), each.device_ids[0]): each for each in result.answer().findings}
    result.engine.close()
    assert {key: each.accesses for key, each in found.items()} == {key: len(instants) for key, instants in truth.items()}
    for key, instants in truth.items():
        assert abs(found[key].first - instants[0]) <= timedelta(minutes=1)
        assert abs(found[key].last - instants[-1]) <= timedelta(minutes=1)


@pytest.mark.parametrize("seed", range(24))
def test_what_exchange_refused_is_told_from_what_it_let_pass(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret
    lines: list[tuple[datetime, str]] = []
    passed: list[datetime] = []
    refused, minutes = 0, sorted(chance.sample(range(0, 5 * 24 * 60, 20), 60))
    changes = sorted(chance.sample(minutes, 4))
    for minute in minutes:
        at = datetime(2026, 3, 1, 0, 10, tzinfo=UTC) + timedelta(minutes=minute)
        is_refused = sum(minute >= change for change in changes) % 2 == 1
        refused += is_refused
        passed += [] if is_refused else [at]
        for stem, tail, port in (("", "", 443), ("/Proxy", f"&Log=V141_As:{'Blocked' if is_refused else 'Allowed'}G_Mbx:1", 444)):
            when = at + timedelta(seconds=chance.randrange(-30, 31))
            query = f"Cmd=Sync&User=anna&DeviceId=A1&DeviceType=iPhone{tail}"
            stamp = f"{when:%Y-%m-%d %H:%M:%S}"
            lines.append(
                (
                    when,
                    f"{stamp} POST /Microsoft-Server-ActiveSync{stem}/default.eas {query} {port} anna 192.0.2.7 {IPHONE} 200\n",
                )
            )
    logs = [tmp_path / "u_ex.log"]
    logs[0].write_text("".join([FIELDS, *(line for _, line in sorted(lines))]), "utf-8")
    if chance.random() < 0.5:  # a proxy in front shows them too
        logs.append(tmp_path / "nginx.log")
        instants = [datetime(2026, 3, 1, 0, 10, tzinfo=UTC) + timedelta(minutes=minute) for minute in minutes]
        logs[1].write_text("".join(as_logged("nginx", at, "anna", "A1") for at in instants), "utf-8")
    result = check(Asked(tuple(logs), AT), norms(), io.StringIO())
    (finding,) = result.answer().findings
    result.engine.close()
    assert (finding.accesses, finding.other) == (len(passed), {"attempt": refused})
    assert abs(finding.first - passed[0]) <= timedelta(minutes=1)
    assert abs(finding.last - passed[-1]) <= timedelta(minutes=1)
