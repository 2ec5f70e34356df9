"""nginx under load while its gate is killed, replaced by nonsense, silent, frozen, and back: every single answer is looked at.

Only the answers that deploy/nginx/README.md has for a door may occur, whatever happens to the gate.
"""

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

from gate import KEY
from programs import wait_until

from .load import Answer, Ask, Load, impostor, until
from .nginx_door import GATE, opened
from .web_door import IPHONE_SYNC, SAMSUNG_SYNC

Start = Callable[..., Any]
Known = Any  # what conftest gives; tests can't import from it

NO_LENGTH = b"\r\nContent-Length: 0\r\n\r\n"
NONSENSE = (
    b"", b"HTTP/1.1 204 No Con", b"HTTP/1.1 403 Forbidden\r\nX-Gate-Eff", b"HTTP/1.1 204 No Content\r\nX-Gate: \x00\r\n\r\n",
    b"HTTP/1.1 500 Internal Server Error" + NO_LENGTH, b"HTTP/1.1 503 Service Unavailable" + NO_LENGTH,
)  # fmt: skip
"""What a gate says that is killed in the middle of its answer, and what a wrong one says; none of it is yes or no."""

NO_QUESTION = (b"HTTP/1.1 400 Bad Request" + NO_LENGTH, b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot")
"""What no gate says of a question that it has answered before; for such an answer nginx can't take an older one."""


def asks(known: Known) -> tuple[Ask, ...]:
    return (
        Ask("iphone", "/mail/", known.iphone),
        Ask("firefox", "/mail/", known.firefox),
        Ask("iphone-activesync", IPHONE_SYNC, "Apple-iPhone14C2/2001.362", method="POST"),
        Ask("samsung", SAMSUNG_SYNC, "Android-SAMSUNG-SM-S901B/101.13", method="POST"),
        Ask("stranger", "/mail/", known.firefox, user="stranger%"),
    )


def meaning(answer: Answer) -> str:
    """Say which of the documented answers it is."""
    status, body = answer.status, answer.body
    if (status, body) == (200, b"mail"):
        return "passed"
    if status == 403 and b"No Apple phones for work." in body:
        return "page"
    if status == 403 and b"<p>This device can't be used for work here. Number for the help desk: " in body:
        return "short page"
    if status == 200 and body.endswith(b"129\0\1\1"):
        return "status 129"
    if status == 503 and b"<p>Work mail can't be opened at the moment." in body:
        return "down"
    return f"{status} {body[:200]!r}"


RIGHT = {"iphone": "page", "firefox": "passed", "iphone-activesync": "status 129", "samsung": "passed", "stranger": "passed"}
FORBIDDEN = {"iphone", "iphone-activesync"}


def allowed(door: str, kind: str) -> set[str]:
    """Return what a client may be told, whatever becomes of the gate."""
    told = {RIGHT[kind]} | ({"short page"} if kind in FORBIDDEN else set())
    if door == "closed" or (door == "last-known" and kind == "stranger"):
        return told | {"down"}
    return told | ({"passed"} if door == "open" else set())


def counted(answers: list[Answer]) -> Counter[tuple[str, str]]:
    return Counter((each.kind, meaning(each)) for each in answers)


def without(door: str) -> set[tuple[str, str]]:
    """Return what the clients are told while no gate has an opinion."""
    if door == "closed":
        return {(kind, "down") for kind in RIGHT}
    if door == "open":
        return {(kind, "passed") for kind in RIGHT}
    return {(kind, "short page") for kind in FORBIDDEN} | {("firefox", "passed"), ("samsung", "passed"), ("stranger", "down")}


def again(folder: Path) -> Path:
    """Return a folder for another gate, with the same key."""
    other = folder / "again"
    other.mkdir()
    (other / "nginx.key").write_text(KEY, "ascii")
    return other


def only_documented_answers(door: str, load: Load) -> None:
    told = counted(load.answers)
    assert {(kind, word) for kind, word in told if word not in allowed(door, kind)} == set(), told
    assert max(each.ended - each.begun for each in load.answers) < LONGEST_WAIT


KEPT = 5.3
"""Seconds after which a kept decision would be asked for anew; from then on it shows that it holds without a gate."""

LONGEST_WAIT = 5.0
"""Seconds: the template's time limits together, on a busy machine."""


@pytest.mark.parametrize("door", ["closed", "open", "last-known"])
def test_whatever_becomes_of_the_gate_only_the_documented_answers_are_given(
    door: str, start_gate: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    right = set(RIGHT.items())
    with ExitStack() as stack:
        gate = stack.enter_context(start_gate(GATE))
        nginx = stack.enter_context(opened(tmp_path, door, gate.port))
        load = stack.enter_context(Load(nginx.port, asks(known)).running())
        until(load, meaning, right)
        gate.process.kill()
        gate.process.wait()
        if door == "last-known":
            time.sleep(KEPT)
        until(load, meaning, without(door))
        with impostor(gate.port, *NONSENSE, *(NO_QUESTION if door != "last-known" else ())):
            until(load, meaning, without(door))
        with impostor(gate.port, None):
            until(load, meaning, without(door))
        gate = stack.enter_context(start_gate(GATE, port=gate.port, folder=again(tmp_path)))
        until(load, meaning, right)
        os.kill(gate.process.pid, signal.SIGSTOP)
        time.sleep(0.9)
        os.kill(gate.process.pid, signal.SIGCONT)
        until(load, meaning, right)
    only_documented_answers(door, load)


def test_two_gates_at_one_port_take_over_from_each_other_under_load(start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    config = f"reuse_port = true\n{GATE}"
    with ExitStack() as stack:
        first = stack.enter_context(start_gate(config))
        second = stack.enter_context(start_gate(config, port=first.port, folder=again(tmp_path)))
        wait_until(lambda: "Listening" in second.said(), "the second listens")
        nginx = stack.enter_context(opened(tmp_path, "closed", first.port))
        load = stack.enter_context(Load(nginx.port, asks(known)).running())
        until(load, meaning, set(RIGHT.items()))
        first.process.kill()
        first.process.wait()
        until(load, meaning, set(RIGHT.items()))
        assert second.decisions()
    only_documented_answers("closed", load)


@pytest.mark.parametrize("door", ["closed", "open", "last-known"])
def test_the_second_gate_takes_over_under_load(door: str, start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    with ExitStack() as stack:
        first = stack.enter_context(start_gate(GATE))
        second = stack.enter_context(start_gate(GATE, folder=again(tmp_path)))
        nginx = stack.enter_context(opened(tmp_path, door, first.port, second.port))
        load = stack.enter_context(Load(nginx.port, asks(known)).running())
        until(load, meaning, set(RIGHT.items()))
        assert first.decisions()
        assert second.decisions()
        killed = time.monotonic()
        first.process.kill()
        first.process.wait()
        until(load, meaning, set(RIGHT.items()))
        told = counted(load.between(killed, time.monotonic()))
        right = sum(number for answer, number in told.items() if answer in RIGHT.items())
        assert right > 0.8 * told.total(), "without the second gate half of them would notice; a busy machine has its hiccups"
    only_documented_answers(door, load)
