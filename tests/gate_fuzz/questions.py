"""Random questions to a gate, what each means, and what the judge says of it; written anew here, from the documentation."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from phaseout.devices.identify import identify_all
from phaseout.gate.asked import SERVICE_OF
from phaseout.judge.decide import judge
from phaseout.judge.profile import profile_of
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.verdict import Judgement, Ruling

Serving = Any  # what conftest gives; tests can't import from it

AGENTS = (
    ("Apple-iPhone14C2/2001.362", "iPhone"),
    ("Apple-iPhone9C1/1402.100", "iPhone"),
    ("Android-SAMSUNG-SM-S901B/101.13", "SamsungDevice"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Mobile/15E148 Safari/604.1", ""),
    ("Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36", ""),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", ""),
    ("curl/8.5", ""),
    ("", ""),
)
IDS = ('"name" "iPhone Mail" "os" "iOS" "os-version" "13.3 (17C54)"', '"name" "Thunderbird" "version" "115.0"', '"name" "x"', "")
COMMANDS = {"Sync": Action.USE, "Ping": Action.PRESENCE, "FolderSync": Action.SET_UP, "SendMail": Action.USE}
REFUSED = 3
CODES = {"Sync": 0, "Ping": 18, "FolderSync": 9, "SendMail": 1}


class Question(NamedTuple):
    """One request, and what it means."""

    wire: bytes
    login: str
    door: str
    clues: tuple[Clue, ...]
    action: Action
    command: str = ""


def web(chance: random.Random, *, through_nginx: bool = False) -> Question:
    """Write what nginx asks of a request, or the request itself."""
    door, login = chance.choice(("activesync", "webmail", "caldav", "carddav")), f"user{chance.randrange(230)}"
    (agent, kind), action, target, command = chance.choice(AGENTS), Action.USE, f"/{door}/x?y=1", ""
    clues = [Clue(ClueKind.USER_AGENT, agent)] if agent else []
    if door == "activesync":
        command = chance.choice(list(COMMANDS))
        action, kind = COMMANDS[command], kind or "Outlook"
        target = f"/Microsoft-Server-ActiveSync?{query(chance, command, kind)}"
        clues.append(Clue(ClueKind.ACTIVESYNC, kind))
    spelt = chance.choice((login, login.upper(), f"{login}@example.org", f"{login}@example.net"))
    if through_nginx:
        basic = base64.b64encode(f"{spelt}:pass-word-1".encode()).decode()
        head = f"POST {target} HTTP/1.1\r\nHost: mail.example.org\r\nAuthorization: Basic {basic}\r\nContent-Length: 4\r\n"
    else:
        head = f"GET /nginx/{door} HTTP/1.1\r\nX-User: {spelt}\r\nX-Original-URI: {target}\r\nX-Original-Method: POST\r\n"
    body = "mail" if through_nginx else ""
    return Question(f"{head}User-Agent: {agent}\r\n\r\n{body}".encode(), spelt, door, tuple(clues), action, command)


def query(chance: random.Random, command: str, kind: str) -> str:
    """Write an ActiveSync query, plain or packed."""
    if chance.random() < 0.5:
        return f"Cmd={command}&User=x&DeviceId=d1&DeviceType={kind}"
    packed = bytes((141, CODES[command], 9, 4, 2)) + b"d1" + bytes((0, len(kind))) + kind.encode()
    return base64.b64encode(packed).decode()


def imap(chance: random.Random) -> Question:
    said, login = chance.choice(IDS), f"user{chance.randrange(230)}"
    # An address of its own, for what was said from one before is carried over.
    remote = f"2001:db8::{chance.randrange(1, 65536):x}:{chance.randrange(1, 65536):x}"
    body = json.dumps({"login": login, "protocol": "imap", "device_id": said, "remote": remote}).encode()
    head = f"POST /dovecot?command=allow HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return Question(head + body, login, "imap", (Clue(ClueKind.IMAP_ID, said),) if said else (), Action.USE)


identified = lru_cache(maxsize=None)(identify_all)


def judged(serving: Serving, question: Question, at: datetime) -> list[Judgement]:
    """Ask the judge what it says of the request as use, and as what it is."""
    member = serving.directory.find(question.login)
    profile = profile_of(serving.order, None if member is None else serving.staff.person(member))
    device, service = identified(question.clues), SERVICE_OF[question.door]
    actions = dict.fromkeys((Action.USE, question.action))
    return [judge(serving.order, profile, device, service, question.door, action, at) for action in actions]


def hardest(said: list[Judgement]) -> tuple[str, str | None]:
    """Return verdict and clause of the ruling that a door goes by: the hardest effect, the highest verdict, the first."""
    rulings = [ruling for each in said for ruling in each.rulings]
    if not rulings:
        return "not covered", None
    best = max(rulings, key=lambda ruling: (effect(ruling), ruling.verdict))
    return best.verdict.word, best.clause


def effect(ruling: Ruling) -> int:
    """Return how hard a ruling is at a door that nothing was configured for; written anew here, from the documentation."""
    staged = {"warn": 1, "quarantine": 1, "block": REFUSED}.get(ruling.stage.value if ruling.stage else "", 0)
    if ruling.waiver or ruling.verdict.word not in {"violation", "advised"}:
        return 0
    return staged if ruling.verdict.word == "violation" else min(staged, 1)


def is_refused(said: list[Judgement]) -> bool:
    """Say whether the door must refuse."""
    return max((effect(ruling) for each in said for ruling in each.rulings), default=0) == REFUSED
