"""What a bad neighbour does to the wire, while others ask on: they are answered, in time, and rightly."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Gate = Any  # what conftest gives; tests can't import from it

IPHONE = "Apple-iPhone14C2/2001.362"
PATIENCE = 10.0
"""Seconds that an ordinary question may take on a machine that does much else."""


def question(user: str = "user27", agent: str = IPHONE, door: str = "webmail") -> bytes:
    head = f"GET /nginx/{door} HTTP/1.1\r\nX-User: {user}\r\nX-Original-URI: /\r\nX-Original-Method: GET\r\n"
    return f"{head}User-Agent: {agent}\r\n\r\n".encode()


def answer(wire: socket.socket) -> bytes:
    """Return the status of one whole answer without a body."""
    said = b""
    while b"\r\n\r\n" not in said:
        part = wire.recv(65536)
        assert part, said
        said += part
    return said.split(b" ", 2)[1]


def rest(wire: socket.socket) -> bytes:
    """Return what the gate says until it closes."""
    said = b""
    try:
        while part := wire.recv(65536):
            said += part
    except ConnectionResetError:
        pass
    return said


@contextmanager
def others(gate: Gate) -> Iterator[None]:
    """Ask ordinary questions meanwhile, over one connection and over new ones; each must be answered rightly and in time."""
    stop, times, wrong = threading.Event(), list[float](), list[bytes]()

    def ask() -> None:
        with gate.wire() as kept:
            while not stop.is_set():
                for wire in (kept, gate.wire()):
                    began = time.monotonic()
                    wire.sendall(question())
                    if (status := answer(wire)) != b"403":
                        wrong.append(status)
                    times.append(time.monotonic() - began)
                    if wire is not kept:
                        wire.close()
                time.sleep(0.005)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        yield
        end = time.monotonic() + PATIENCE
        while len(times) < 4 and asker.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        stop.set()
        asker.join(20)
    assert not asker.is_alive()
    assert not wrong
    assert len(times) >= 4
    assert max(times) < PATIENCE
    assert gate.process.poll() is None


def send(wire: socket.socket, data: bytes) -> None:
    """Send what the gate may cut off in the middle."""
    try:
        wire.sendall(data)
    except (ConnectionResetError, BrokenPipeError):
        return


def closed_after(wire: socket.socket, data: Callable[[], bytes]) -> float:
    """Send parts until the gate closes; return after how many seconds that was."""
    began = time.monotonic()
    wire.settimeout(0.02)
    while time.monotonic() - began < PATIENCE:
        send(wire, data())
        try:
            if not wire.recv(4096):
                break
        except TimeoutError:
            continue
        except ConnectionResetError:
            break
    return time.monotonic() - began


def test_garbage(gate: Gate) -> None:
    with others(gate):
        for n in range(150):
            with gate.wire() as wire:
                send(wire, os.urandom(1 + 37 * n) + b"\r\n\r\n")
                wire.shutdown(socket.SHUT_WR)
                said = rest(wire)
                assert not said or said.startswith(b"HTTP/1.1 4"), said[:80]


def test_a_hundred_megabytes_announced_and_a_part_sent(gate: Gate) -> None:
    head = b"POST /dovecot?command=allow HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n"
    with others(gate):
        with gate.wire() as wire:
            send(wire, head + b"x" * 3_000_000)
            assert rest(wire)[:13] in {b"HTTP/1.1 413 ", b""}
        with gate.wire() as waits:
            send(waits, head + b"x" * 1000)
            assert rest(waits).startswith(b"HTTP/1.1 408 "), "nothing more comes"


def memory(gate: Gate) -> int:
    """Return how many KiB the gate holds."""
    status = Path(f"/proc/{gate.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def test_a_hundred_megabytes_really_sent(gate: Gate) -> None:
    """As a body in one piece, as chunks, and as a head; whatever the gate takes of them, it keeps nothing."""
    part = b"x" * 1_000_000
    beginnings = (
        (b"POST /dovecot?command=allow HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n", b""),
        (b"POST /dovecot?command=allow HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"f4240\r\n"),
        (b"GET / HTTP/1.1\r\nX: ", b""),
        (b"", b""),
    )
    with others(gate):
        before = memory(gate)
        for head, chunk in beginnings:
            with gate.wire() as wire:
                send(wire, head)
                for _ in range(100):
                    send(wire, chunk + part + (b"\r\n" if chunk else b""))
                assert rest(wire)[:10] in {b"HTTP/1.1 4", b""}
        assert memory(gate) - before < 16_384


def test_one_byte_at_a_time(gate: Gate) -> None:
    text = iter(question() * 9)
    with others(gate), gate.wire() as slow:
        spent = closed_after(slow, lambda: bytes((next(text),)))
    assert gate.seconds - 0.1 <= spent < PATIENCE


def test_many_slow_ones_at_once(gate: Gate) -> None:
    wires = [gate.wire() for _ in range(200)]
    with others(gate):
        for wire in wires:
            send(wire, b"GET / HTTP/1.1\r\nX: ")
        assert all(rest(wire).startswith(b"HTTP/1.1 408 ") for wire in wires)
    for wire in wires:
        wire.close()


def test_a_pipeline(gate: Gate) -> None:
    count = 2000
    with others(gate), gate.wire() as wire:
        sender = threading.Thread(target=lambda: wire.sendall(b"".join(question(f"user{n % 10}") for n in range(count))))
        sender.start()
        said = b""
        while said.count(b"\r\n\r\n") < count:
            part = wire.recv(1 << 20)
            assert part
            said += part
        sender.join(20)
    statuses = [each.split(b" ", 2)[1] for each in said.split(b"\r\n\r\n")[:-1]]
    assert len(statuses) == count
    assert statuses[:10] * (count // 10) == statuses, "each in its turn"
    assert set(statuses) == {b"204", b"403"}


def test_ten_thousand_headers(gate: Gate) -> None:
    with others(gate), gate.wire() as wire:
        send(wire, b"GET / HTTP/1.1\r\n" + b"".join(b"H%d: x\r\n" % n for n in range(10_000)) + b"\r\n")
        assert rest(wire)[:13] in {b"HTTP/1.1 431 ", b""}


def test_who_goes_away_without_reading(gate: Gate) -> None:
    with others(gate):
        for n in range(100):
            with gate.wire() as wire:
                wire.sendall(question() * (1 + n % 5))
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closes by a reset


def test_who_never_reads_his_answers(gate: Gate) -> None:
    with others(gate), gate.wire() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.settimeout(1)
        sent = 0
        try:
            while sent < 40_000_000:
                sent += wire.send(question() * 100)
        except (TimeoutError, ConnectionResetError, BrokenPipeError):
            pass
    assert sent < 40_000_000, "it reads no further question from who takes no answer"


def test_killed_in_the_middle_no_half_answer_is_believed(gate: Gate) -> None:
    wires = [gate.wire() for _ in range(20)]
    for wire in wires:
        wire.sendall(question() * 50)
    gate.process.kill()
    gate.process.wait()
    said = [rest(wire) for wire in wires]
    for wire in wires:
        wire.close()
    heads = [head for each in said for head in each.split(b"\r\n\r\n")[:-1]]
    assert all(head.startswith(b"HTTP/1.1 403 ") for head in heads), "whole ones are right"
    written = gate.log.read_bytes().count(b"\n")
    assert written >= len(heads), "what was answered was written down"
    assert gate.log.read_bytes().endswith(b"\n") or not written
