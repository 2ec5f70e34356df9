"""A check of some logs under an order that bans Apple's phones and tablets for mail."""

from __future__ import annotations

import io
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


def norms() -> Norms:
    directive = load(DIRECTIVE, "directive.yaml")
    return Norms(directive, compile_order(directive), (), PEOPLE)


def answered(*logs: Path, zone: object = None, rejects: io.StringIO | None = None) -> Answer:
    checked = check(Asked(logs, AT, zone=zone), norms(), rejects or io.StringIO())  # type: ignore[arg-type]
    answer = checked.answer()
    checked.engine.close()
    return answer
