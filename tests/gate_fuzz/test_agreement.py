"""Ten thousand random questions through a running gate, and the same through the judge: the same verdict and clause."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime
from typing import Any, NamedTuple

from phaseout.devices.identify import identify_all
from phaseout.gate.asked import SERVICE_OF
from phaseout.judge.decide import judge
from phaseout.judge.profile import profile_of
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.verdict import Judgement, Ruling

Gate = Serving = Any  # what conftest gives; tests can't import from it

QUESTIONS, BATCH = 10_000, 200
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
CODES = {"Sync": 0, "Ping": 18, "FolderSync": 9, "SendMail": 1}


class Question(NamedTuple):
    """One request, and what it means."""

    wire: bytes
    login: str
    door: str
    clues: tuple[Clue, ...]
    action: Action


def web(chance: random.Random) -> Question:
    door, login = chance.choice(("activesync", "webmail", "caldav", "carddav")), f"user{chance.randrange(230)}"
    (agent, kind), action, target = chance.choice(AGENTS), Action.USE, "/x"
    clues = [Clue(ClueKind.USER_AGENT, agent)] if agent else []
    if door == "activesync":
        command = chance.choice(list(COMMANDS))
        action, kind = COMMANDS[command], kind or "Outlook"
        target = f"/Microsoft-Server-ActiveSync?{query(chance, command, kind)}"
        clues.append(Clue(ClueKind.ACTIVESYNC, kind))
    spelt = chance.choice((login, login.upper(), f"{login}@example.org", f"{login}@example.net"))
    head = f"GET /nginx/{door} HTTP/1.1\r\nX-User: {spelt}\r\nX-Original-URI: {target}\r\nX-Original-Method: POST\r\n"
    return Question(f"{head}User-Agent: {agent}\r\n\r\n".encode(), spelt, door, tuple(clues), action)


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


def judged(serving: Serving, question: Question, at: datetime) -> list[Judgement]:
    """Ask the judge what it says of the request as use, and as what it is."""
    profile = profile_of(serving.order, serving.directory.find(question.login))
    device, service = identify_all(question.clues), SERVICE_OF[question.door]
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
    staged = {"warn": 1, "quarantine": 1, "block": 3}.get(ruling.stage.value if ruling.stage else "", 0)
    if ruling.waiver or ruling.verdict.word not in {"violation", "advised"}:
        return 0
    return staged if ruling.verdict.word == "violation" else min(staged, 1)


def test_gate_and_judge_agree(gate: Gate, serving: Serving) -> None:
    chance = random.Random(20)  # noqa: S311 - made-up traffic, no secret
    questions = [web(chance) if chance.random() < 0.7 else imap(chance) for _ in range(QUESTIONS)]
    with gate.wire() as wire:
        for start in range(0, QUESTIONS, BATCH):
            wire.sendall(b"".join(each.wire for each in questions[start : start + BATCH]))
            answers = 0
            while answers < BATCH:
                part = wire.recv(1 << 20)
                assert part
                answers += part.count(b"HTTP/1.1 2") + part.count(b"HTTP/1.1 403 ")
                assert b"HTTP/1.1 5" not in part
    records = [json.loads(line) for line in gate.log.read_text("utf-8").splitlines()]
    assert len(records) == QUESTIONS
    seen = set()
    for question, record in zip(questions, records, strict=True):
        said = judged(serving, question, datetime.fromisoformat(record["at"]))
        assert (record["login"], record["door"], record["action"]) == (question.login, question.door, question.action.value)
        verdict, clause = hardest(said)
        assert (record["verdict"], record.get("clause")) == (verdict, clause), (question, record)
        seen.add((record["verdict"], record["effect"]))
    assert len(seen) >= 7, "the questions reach every corner"
