"""Make the log that the bench reads: ActiveSync requests of many people, as nginx writes them, always the same."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

PEOPLE = 20_000
AGENTS = 3_000
DAYS = 7
FIRST = date(2026, 9, 1)
COMMANDS = ("Sync", "Sync", "Sync", "Sync", "Sync", "Ping", "Ping", "Ping", "FolderSync", "ItemOperations")
CHUNK = 20_000


def staff(people: int = PEOPLE) -> list[tuple[str, str, str]]:
    """Return each person's id, login and unit."""
    return [
        (str(n), f"u{n:05d}.{'abcdef'[n % 6]}name", f"Ministry / Department {n % 40} / Division {n % 7}") for n in range(people)
    ]


def agents(chance: random.Random) -> list[tuple[str, str]]:
    """Return agents with their device types: half iPhones, half Android phones of several makers."""
    found = []
    for n in range(AGENTS):
        if n % 2:
            build = f"{chance.randint(19, 23)}{chance.randint(1, 8):02d}.{chance.randint(10, 400)}"
            found.append((f"Apple-iPhone{chance.randint(11, 17)}C{chance.randint(1, 5)}/{build}", "iPhone"))
        else:
            found.append(
                (f"Android-SAMSUNG-SM-G{100 + n}B/101.{chance.randint(9, 15)}0{chance.randint(0, 9):03d}", "SamsungDevice")
            )
    return found


def log(path: Path, lines: int, seed: int = 1) -> None:
    """Write an access log in time order.

    Args:
        path: where.
        lines: how many.
        seed: of the chance.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up traffic, no secret
    known = agents(chance)
    people = [
        (login, *chance.choice(known), f"{chance.getrandbits(64):016X}", f"203.0.113.{number % 250}")
        for number, (_, login, _) in enumerate(staff())
    ]
    step, days = DAYS * 86_400 / lines, [f"{FIRST + timedelta(days=n):%d/%b/%Y}" for n in range(DAYS)]
    with path.open("w", encoding="ascii", buffering=1 << 20) as out:
        for start in range(0, lines, CHUNK):
            text = []
            for number in range(start, min(start + CHUNK, lines)):
                login, agent, kind, device, address = people[int(chance.random() * PEOPLE)]
                day, second = divmod(int(number * step), 86_400)
                stamp = f"{days[day]}:{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d} +0300"
                command = COMMANDS[int(chance.random() * len(COMMANDS))]
                target = f"/Microsoft-Server-ActiveSync?Cmd={command}&User={login}&DeviceId={device}&DeviceType={kind}"
                size = int(chance.random() * 9999)
                text.append(f'{address} - {login} [{stamp}] "POST {target} HTTP/1.1" 200 {size} "-" "{agent}"\n')
            out.write("".join(text))


def people_csv(path: Path, people: int = PEOPLE) -> None:
    """Write the staff list."""
    rows = "".join(f"{number},Person {number},{login},{unit}\n" for number, login, unit in staff(people))
    path.write_text("id,name,login,unit\n" + rows, encoding="utf-8")


DIRECTIVE = """\
id: bench
title: No Apple phones for work mail
issuer: Ministry of Examples
version: "1.0"
time_zone: Europe/Moscow
issued: 2026-08-20
sources:
  - {id: order, title: Order No. 12, by: Ministry of Examples, on: 2026-08-20, status: official}
devices:
  apple:
    title: Apple phones and tablets
    is: {maker: Apple, form_factor: [phone, tablet]}
clauses:
  - id: "1"
    text: Apple phones and tablets are not used for work mail.
    summary: Apple phones and tablets may not open work mail.
    strength: must
    who: {units: [Ministry / Department 1, Ministry / Department 2]}
    devices: [apple]
    services: [mail]
    from: 2026-09-03
    sources: [order]
"""
"""The order: two departments of forty first, as such orders go."""
