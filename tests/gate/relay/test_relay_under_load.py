"""Many clients before Envoy and Traefik, which ask a relay: whatever becomes of the gate behind it, nobody is told wrong."""

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

from ..load import Answer, Ask, Load, impostor, until  # noqa: TID252 - neighbours of the folder above
from ..proxy_door import asked_at, config, mail_server, opened  # noqa: TID252
from ..web_door import IPHONE_SYNC, SAMSUNG_SYNC  # noqa: TID252

Start = Callable[..., Any]
Known = Any  # what conftest gives

RIGHT = {"iphone": "page", "firefox": "passed", "iphone-activesync": "status 129", "samsung": "passed", "stranger": "passed"}
WITHOUT = RIGHT | {"stranger": "down"}
NONSENSE = (
    b"", b"HTTP/1.1 200 OK\r\n", b"\x16\x03\x01 no HTTP", b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
    b"HTTP/1.1 200 OK\r\nX-Gate-Decision: FORGED-1\r\nX-Gate-Effect: allow\r\nContent-Length: 50\r\n\r\nhalf",
)  # fmt: skip
"""What a gate never says."""


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
    return {200: "passed" if answer.body == b"mail" else "200", 503: "down"}.get(answer.status, str(answer.status))


@pytest.mark.parametrize("proxy", ["envoy", "traefik"])
def test_whatever_becomes_of_the_gate_the_last_known_decision_holds(
    proxy: str, start_gate: Start, known: Known, tmp_path: Path
) -> None:
    text = config(proxy, tmp_path)
    with ExitStack() as stack:
        gate = stack.enter_context(start_gate(text))
        back = stack.enter_context(mail_server())
        asked = stack.enter_context(asked_at("last-known", tmp_path, gate.port))
        door = stack.enter_context(opened(tmp_path, proxy, "last-known", back.port, asked))
        load = stack.enter_context(Load(door.port, asks(known)).running())
        until(load, meaning, set(RIGHT.items()))
        gate.process.kill()
        gate.process.wait()
        until(load, meaning, set(WITHOUT.items()))
        with impostor(gate.port, *NONSENSE):
            until(load, meaning, set(WITHOUT.items()))
        with impostor(gate.port, None):
            until(load, meaning, set(WITHOUT.items()))
        gate = stack.enter_context(start_gate(text, port=gate.port))
        until(load, meaning, set(RIGHT.items()))
        os.kill(gate.process.pid, signal.SIGSTOP)
        time.sleep(0.9)
        os.kill(gate.process.pid, signal.SIGCONT)
        until(load, meaning, set(RIGHT.items()))
    told = Counter((each.kind, meaning(each)) for each in load.answers)
    assert set(told) <= {*RIGHT.items(), *WITHOUT.items()}, told
    assert max(each.ended - each.begun for each in load.answers) < 5
