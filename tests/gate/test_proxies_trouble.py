"""Many clients before Envoy and Traefik: whatever becomes of the gate, they are told what deploy says and nothing else."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .load import Answer, Ask, Load, impostor, until
from .proxy_door import asked_at, config, mail_server, opened
from .web_door import IPHONE_SYNC, SAMSUNG_SYNC

Start = Callable[..., Any]
Known = Any  # what conftest gives

RIGHT = {"iphone": "page", "firefox": "passed", "iphone-activesync": "status 129", "samsung": "passed", "stranger": "passed"}
NONSENSE = (
    b"", b"HTTP/1.1 200 OK\r\n", b"\x16\x03\x01 no HTTP", b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
)  # fmt: skip
"""What a gate never says, and what every door takes for no answer."""

OTHER_ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.1 200 OK\r\nX-Gate-Decision: FORGED-1\r\nX-Gate-Effect: allow\r\nContent-Length: 50\r\n\r\nhalf",
)  # fmt: skip
"""What another server says; the proxies themselves believe whoever listens there."""


def asks(known: Known) -> tuple[Ask, ...]:
    return (
        Ask("iphone", "/mail/", known.iphone), Ask("firefox", "/mail/", known.firefox),
        Ask("iphone-activesync", IPHONE_SYNC, "Apple-iPhone14C2/2001.362", method="POST"),
        Ask("samsung", SAMSUNG_SYNC, "Android-SAMSUNG-SM-S901B/101.13", method="POST"),
        Ask("stranger", "/mail/", f"{known.firefox} %", user="vera"),
    )  # fmt: skip


def meaning(answer: Answer) -> str:
    if answer.status == 403:
        return "status 129" if answer.body.endswith(b"129\0\1\1") else "page" if b"No Apple phones" in answer.body else "403"
    if answer.status in {500, 502, 503, 504}:
        return "down"
    return "passed" if (answer.status, answer.body) == (200, b"mail") else f"{answer.status} {answer.body[:200]!r}"


def without(door: str) -> dict[str, str]:
    """Return what the clients are told while no gate has an opinion."""
    if door == "last-known":
        return RIGHT | {"stranger": "down"}
    return dict.fromkeys(RIGHT, "down" if door == "closed" else "passed")


@pytest.mark.parametrize("door", ["closed", "open", "last-known"])
@pytest.mark.parametrize("proxy", ["envoy", "traefik"])
def test_whatever_becomes_of_the_gate_only_the_documented_answers_are_given(
    proxy: str, door: str, start_gate: Start, known: Known, tmp_path: Path
) -> None:
    text, right, wrong = config(proxy, tmp_path), set(RIGHT.items()), set(without(door).items())
    with ExitStack() as stack:
        gate = stack.enter_context(start_gate(text))
        back = stack.enter_context(mail_server())
        asked = stack.enter_context(asked_at(door, tmp_path, gate.port))
        mail = stack.enter_context(opened(tmp_path, proxy, door, back.port, asked))
        load = stack.enter_context(Load(mail.port, asks(known)).running())
        until(load, meaning, right)
        gate.process.kill()
        gate.process.wait()
        until(load, meaning, wrong)
        with impostor(gate.port, *NONSENSE, *(OTHER_ANSWERS if door == "last-known" else ())):
            until(load, meaning, wrong)
        with impostor(gate.port, None):
            until(load, meaning, wrong)
        gate = stack.enter_context(start_gate(text, port=gate.port))
        until(load, meaning, right)
        os.kill(gate.process.pid, signal.SIGSTOP)
        time.sleep(0.9)
        os.kill(gate.process.pid, signal.SIGCONT)
        until(load, meaning, right)
    told = Counter((each.kind, meaning(each)) for each in load.answers)
    assert set(told) <= right | wrong, told
    assert max(each.ended - each.begun for each in load.answers) < 5
