"""Ten thousand random questions through a running gate, and the same through the judge: the same verdict and clause."""

from __future__ import annotations

import json
import random
from datetime import datetime
from typing import Any

from .questions import hardest, imap, judged, web

Gate = Serving = Any  # what conftest gives; tests can't import from it

QUESTIONS, BATCH = 10_000, 200


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
