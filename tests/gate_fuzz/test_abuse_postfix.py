"""What a bad neighbour does to the place at which Postfix asks, while Postfix asks on: it is answered, in time, and rightly."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Gate = Any  # what conftest gives; tests can't import from it

QUESTION = b"request=smtpd_access_policy\nprotocol_state=DATA\nsasl_username=user27\nclient_address=192.0.2.7\nhelo_name=x\n\n"
PASS = b"action=DUNNO\n\n"
PATIENCE = 10.0


def rest(wire: socket.socket) -> bytes:
    """Return what the gate says until it closes."""
    said = b""
    try:
        while part := wire.recv(65536):
            said += part
    except ConnectionResetError:
        pass
    return said


def send(wire: socket.socket, data: bytes) -> None:
    """Send what the gate may cut off in the middle."""
    try:
        wire.sendall(data)
    except (ConnectionResetError, BrokenPipeError):
        return


@contextmanager
def postfix(gate: Gate) -> Iterator[None]:
    """Ask before and after, over one connection that is kept and over a new one."""
    with gate.wire(gate.postfix) as kept:
        for turn in range(2):
            for wire in (kept, gate.wire(gate.postfix)):
                began = time.monotonic()
                wire.sendall(QUESTION)
                assert wire.recv(4096) == PASS
                assert time.monotonic() - began < PATIENCE
                if wire is not kept:
                    wire.close()
            if turn == 0:
                yield
    assert gate.process.poll() is None


def test_garbage(gate: Gate) -> None:
    with postfix(gate):
        for n in range(60):
            with gate.wire(gate.postfix) as wire:
                send(wire, os.urandom(1 + 37 * n) + b"\n\n")
                wire.shutdown(socket.SHUT_WR)
                assert rest(wire) == b""
        with gate.wire(gate.postfix) as wire:
            send(wire, b"GET / HTTP/1.1\r\n\r\n\n\n")
            assert rest(wire) == b""


def test_a_hundred_megabytes(gate: Gate) -> None:
    with postfix(gate):
        for flood in (b"x" * 1_000_000, b"helo_name=x\n" * 90_000):
            with gate.wire(gate.postfix) as wire:
                for _ in range(100):
                    send(wire, flood)
                assert rest(wire) == b""


def test_one_byte_at_a_time(gate: Gate) -> None:
    text = iter(QUESTION * 9)
    with postfix(gate), gate.wire(gate.postfix) as wire:
        wire.settimeout(0.05)
        began, closed = time.monotonic(), False
        while not closed and time.monotonic() - began < PATIENCE:
            send(wire, bytes((next(text),)))
            try:
                closed = not wire.recv(4096)
            except TimeoutError:
                continue
            except ConnectionResetError:
                closed = True
        assert gate.seconds - 0.1 <= time.monotonic() - began < PATIENCE


def test_many_slow_ones_and_many_silent_ones(gate: Gate) -> None:
    wires = [gate.wire(gate.postfix) for _ in range(200)]
    with postfix(gate):
        for wire in wires[::2]:
            send(wire, b"request=")
        assert all(rest(wire) == b"" for wire in wires[::2])
    for wire in wires:
        wire.close()


def test_a_pipeline(gate: Gate) -> None:
    with postfix(gate), gate.wire(gate.postfix) as wire:
        wire.sendall(QUESTION * 2000)
        said = b""
        while len(said) < len(PASS) * 2000:
            part = wire.recv(1 << 20)
            assert part
            said += part
        assert said == PASS * 2000
