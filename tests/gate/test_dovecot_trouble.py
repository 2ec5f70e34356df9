"""Many sign-ins at once at real Dovecot: whatever becomes of the gate, they are told what deploy says and nothing else."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest

from gate import KEY, running_relay
from programs import free_port

from .dovecot_door import GATE, DovecotDoor, opened
from .load import LONGEST, Answer, Load, impostor, until

Start = Callable[..., Any]
Known = Any  # what conftest gives

CLIENTS = 4
PATIENCE = 60.0
"""Seconds: the longer a gate was gone, the longer Dovecot's client waits until it asks again, a minute at most."""

RIGHT = {"iphone": "refused", "samsung": "in", "stranger": "in"}
WITHOUT = {
    "closed": dict.fromkeys(RIGHT, "failed"), "open": dict.fromkeys(RIGHT, "in"), "last-known": RIGHT | {"stranger": "failed"},
}  # fmt: skip
"""What is told while no gate has an opinion."""

NONSENSE = (
    b"", b"HTTP/1.1 200 OK\r\n", b"\x16\x03\x01 no HTTP", b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno",
)  # fmt: skip
"""What a gate never says."""


def meaning(answer: Answer) -> str:
    if answer.body.startswith(b"OK"):
        return "in"
    known = {b"NO [ALERT] Apple": "refused", b"NO [AUTHENTICATIONFAILED]": "failed"}
    return next((word for begun, word in known.items() if answer.body.startswith(begun)), repr(answer.body))


def at_once(here: Path) -> None:
    """Let Dovecot tell a failed sign-in so at once, and not after two seconds: more of them fit into the test."""
    with (here / "phaseout.conf").open("a", encoding="utf-8") as file:
        file.write("auth_failure_delay = 0\n")


@contextmanager
def signing_in(door: DovecotDoor, known: Known) -> Iterator[Load]:
    """Sign in again and again while the block runs."""
    load, ends, numbers = Load(door.port, ()), threading.Event(), count()
    asks = {"iphone": known.iphone_id, "samsung": known.samsung_id, "stranger": '"name" "Thunderbird" "version" "{}"'}

    def client() -> None:
        for kind, said in cycle(asks.items()):
            if ends.is_set():
                return
            begun = time.monotonic()
            told = door.sign_in("boris@example.org", said.format(next(numbers)))
            load.answers.append(Answer(kind, 0, told.encode(), begun, time.monotonic()))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        ends.set()
        for thread in threads:
            thread.join(LONGEST * 3)


@pytest.mark.parametrize("door", ["closed", "open", "last-known"])
def test_whatever_becomes_of_the_gate_only_the_documented_answers_are_given(
    door: str, start_gate: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    right, wrong = set(RIGHT.items()), set(WITHOUT[door].items())
    with ExitStack() as stack:
        gate = stack.enter_context(start_gate(GATE))
        port = gate.port
        if door == "last-known":
            port = free_port()
            stack.enter_context(running_relay(tmp_path / "relay", [f"127.0.0.1:{port}"], [f"127.0.0.1:{gate.port}"]))
        load = stack.enter_context(signing_in(stack.enter_context(opened(door, port, at_once)), known))
        until(load, meaning, right)
        gate.process.kill()
        gate.process.wait()
        until(load, meaning, wrong)
        gate = stack.enter_context(start_gate(GATE, port=gate.port))
        until(load, meaning, right, PATIENCE)
        os.kill(gate.process.pid, signal.SIGSTOP)
        time.sleep(0.9)
        os.kill(gate.process.pid, signal.SIGCONT)
        until(load, meaning, right, PATIENCE)
        gate.process.kill()
        gate.process.wait()
        # Without the relay Dovecot may ask nobody for a minute after this much; that a gate is asked again was seen above.
        with impostor(gate.port, *NONSENSE):
            until(load, meaning, wrong, PATIENCE)
        with impostor(gate.port, None):
            until(load, meaning, wrong, PATIENCE)
    told = {(each.kind, meaning(each)) for each in load.answers}
    assert told <= right | wrong
