"""Make what the gate is measured with: an order of many clauses, a staff, its bundle, and the requests of a busy morning."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import made

from phaseout.bundle.keys import make_keys
from phaseout.runs.bundle import Ingredients, make_bundle

MADE_AT = datetime(2026, 10, 1, tzinfo=UTC)
PEOPLE = 20_000
CLAUSES = 200
AGENTS = 3_000
REQUESTS = 40_000
EAS = "/Microsoft-Server-ActiveSync"

COMMANDS = {"Sync": 0, "FolderSync": 9, "Ping": 18, "ItemOperations": 19}
"""Of ActiveSync, with their codes in the packed form."""

CLASSES = {
    "apple": "{maker: Apple, form_factor: [phone, tablet]}",
    "apple-any": "{maker: Apple}",
    "samsung": "{maker: Samsung}",
    "iphones-11": "{maker: Apple, model: ['iPhone11,*']}",
    "iphones-12": "{maker: Apple, model: ['iPhone12,*']}",
    "phones": "{form_factor: [phone]}",
    "ios-old": "{platform: [ios], version: {below: '15'}}",
}


@dataclass(frozen=True)
class Ask:
    """One question of a web server: who, with what, at which door."""

    door: str
    user: str
    agent: str
    method: str
    target: str
    address: str


@dataclass(frozen=True)
class Rule:
    """One clause, as far as it decides; for peers with rules of their own form."""

    id: str
    unit: str
    classes: tuple[str, ...]
    service: str


def rules(count: int) -> list[Rule]:
    """Return the clauses: each reaches a department, or one of its divisions, with one or two classes and one service."""
    names, found = list(CLASSES), []
    for n in range(count):
        unit = f"Ministry / Department {n % 40}" + (f" / Division {n // 40 % 7}" if n % 3 else "")
        classes = tuple(dict.fromkeys((names[n // 40 % len(names)], names[n % len(names)])))
        found.append(Rule(f"c{n}", unit, classes, ("mail", "mail", "calendar")[n // 40 % 3]))
    return found


def directive(count: int) -> str:
    """Return an order with so many clauses, as YAML."""
    classes = "".join(f"  {name}:\n    title: Devices of class {name}\n    is: {test}\n" for name, test in CLASSES.items())
    clauses = "".join(
        f'  - id: "{rule.id}"\n    text: What clause {rule.id} names is not used for work.\n    strength: must\n'
        f"    who: {{units: [{rule.unit}]}}\n    devices: [{', '.join(rule.classes)}]\n    services: [{rule.service}]\n"
        f"    from: 2026-09-01\n    sources: [order]\n    stages:\n"
        f'      - {{door: "*", do: warn, from: 2026-09-01}}\n'
        f"      - {{door: [activesync, webmail], do: block, from: 2026-09-15}}\n"
        for rule in rules(count)
    )
    head = made.DIRECTIVE.partition("devices:\n")[0]
    return f"{head}devices:\n{classes}clauses:\n{clauses}"


def agents() -> list[tuple[str, str]]:
    """Return the agents with their ActiveSync types; a third are browsers, without one."""
    chance = random.Random(2)  # noqa: S311 - made-up traffic, no secret
    found = made.agents(chance)
    for n in range(0, AGENTS, 3):
        if n % 2:
            system = f"iPhone; CPU iPhone OS {chance.randint(14, 18)}_{n % 8} like Mac OS X"
            tail = f"AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{14 + n % 5}.{n % 9} Mobile/15E{n} Safari/604.1"
        else:
            system = f"Linux; Android {chance.randint(11, 15)}; SM-G{100 + n}B"
            tail = f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{110 + n % 30}.0.0.0 Mobile Safari/537.36"
        found[n] = (f"Mozilla/5.0 ({system}) {tail}", "")
    return found


def asks(people: int = PEOPLE, count: int = REQUESTS) -> list[Ask]:
    """Return the questions, in a random order; everybody asks about equally often, with a device or two of their own."""
    chance = random.Random(3)  # noqa: S311 - made-up traffic, no secret
    known, staff = agents(), [login for _, login, _ in made.staff(people)]
    found = []
    for n in range(count):
        login = staff[n % people]
        agent, kind = known[(n * 7 + n // people) % AGENTS]
        address = f"203.0.113.{n % 250}"
        if kind:
            command = chance.choice(made.COMMANDS)
            target = f"{EAS}?{_packed(command, kind, n) if n % 4 == 0 else _plain(command, login, kind, n)}"
            found.append(Ask("activesync", login, agent, "POST", target, address))
        elif n % 5:
            found.append(Ask("webmail", login, agent, "GET", f"/SOGo/so/{login}/Mail/view?page={n % 30}", address))
        else:
            found.append(Ask("caldav", login, agent, "PROPFIND", f"/SOGo/dav/{login}/Calendar/personal/", address))
    chance.shuffle(found)
    return found


def _plain(command: str, login: str, kind: str, n: int) -> str:
    return f"Cmd={command}&User={login}&DeviceId={n % 70_000:016X}&DeviceType={kind}"


def _packed(command: str, kind: str, n: int) -> str:
    device = f"{n % 70_000:016X}".encode()
    body = bytes((141, COMMANDS[command], 9, 4, len(device))) + device + bytes((0, len(kind))) + kind.encode()
    return base64.b64encode(body).decode()


def gate_request(ask: Ask) -> bytes:
    """Return what nginx sends to the gate."""
    return (
        f"GET /nginx/{ask.door} HTTP/1.1\r\nHost: phaseout_gate\r\nX-Original-URI: {ask.target}\r\n"
        f"X-Original-Method: {ask.method}\r\nX-Real-IP: {ask.address}\r\nX-User: {ask.user}\r\n"
        f"X-Client-Cert-Verify: NONE\r\nUser-Agent: {ask.agent}\r\nAccept: */*\r\n\r\n"
    ).encode()


def client_request(ask: Ask) -> bytes:
    """Return what a person's device sends to nginx."""
    password = base64.b64encode(f"{ask.user}:x".encode()).decode()
    return (
        f"{ask.method} {ask.target} HTTP/1.1\r\nHost: mail.example.org\r\nAuthorization: Basic {password}\r\n"
        f"User-Agent: {ask.agent}\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def write_requests(path: Path, texts: Iterator[bytes]) -> Path:
    """Write requests where ``gate.lua`` reads them."""
    path.write_bytes(b"\0".join(texts))
    return path


def write_bundle(folder: Path, clauses: int = CLAUSES, people: int = PEOPLE) -> Path:
    """Make a bundle by the way that users do, from files; the keys are made once."""
    folder.mkdir(exist_ok=True)
    key, order, staff = folder / "gate.key", folder / f"order-{clauses}.yaml", folder / f"staff-{people}.csv"
    if not key.exists():
        make_keys(key)
    order.write_text(directive(clauses), encoding="utf-8")
    made.people_csv(staff, people)
    data, *_ = make_bundle(Ingredients(order, staff), key, MADE_AT)
    bundle = folder / f"gate-{clauses}-{people}.bundle"
    bundle.write_bytes(data)
    return bundle
