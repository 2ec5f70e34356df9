"""Servers of their own process on a free loopback port and one core, and wrk on the other."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 60.0
"""Seconds that a server may take to listen."""

CORES = tuple(sorted(os.sched_getaffinity(0)))[:2]
"""The server's and wrk's; one and the same where the machine has but one."""


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        port: on 127.0.0.1.
        pid: of its process, which also decides.
    """

    port: int
    pid: int

    @property
    def processor(self) -> float:
        """Seconds of processor time that it has spent, of all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """MiB that it holds."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text(encoding="ascii"))
        return int(found[1]) / 1024 if found else 0.0


@dataclass(frozen=True)
class Figure:
    """What wrk measured.

    Attributes:
        rate: answers a second.
        own_rate: answers a second of the server's own processor time; what it could give were nobody else on its core.
        p50: milliseconds.
        p99: milliseconds.
        p999: milliseconds.
        answers: how many.
        refused: answers with a status of 400 or above; at the gate these are refusals.
        failed: requests without an answer.
        load: the machine's load average of the last minute, at the end.
    """

    rate: float
    own_rate: float
    p50: float
    p99: float
    p999: float
    answers: int
    refused: int
    failed: int
    load: float

    def __str__(self) -> str:
        """The figures on a line."""
        return (
            f"{self.rate:9,.0f}/s {self.own_rate:9,.0f}/cpu-s   p50 {self.p50:6.2f}  p99 {self.p99:6.2f}"
            f"  p99.9 {self.p999:6.2f} ms"
            f"   {100 * self.refused / max(self.answers, 1):4.1f}% refused, {self.failed} failed   load {self.load:.1f}"
        )


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def pinned(core: int, command: Sequence[str | Path]) -> list[str]:
    """Return a command that keeps to one core."""
    return ["taskset", "-c", str(core), *map(str, command)]


@contextmanager
def server(command: Sequence[str | Path], port: int, said: Path, ready: bytes = b"", core: int = CORES[0]) -> Iterator[Server]:
    """Run a server until the context is left; it is ended by its own process id.

    Args:
        command: that starts it.
        port: at which it will listen.
        said: where its output goes.
        ready: the path that answers 200 when it can serve; without one, listening is enough.
        core: that it keeps to.
    """
    with said.open("wb") as out:
        process = subprocess.Popen(pinned(core, command), stdout=out, stderr=out)
    try:
        end = time.monotonic() + PATIENCE
        while not answers(port, ready):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{command[0]} does not serve: {said.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.005)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int, ready: bytes) -> bool:
    """Whether a server listens, and answers 200 at a path."""
    try:
        if not ready:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return True
    except OSError:
        return False
    return status(port, b"GET " + ready + b" HTTP/1.1\r\nHost: x\r\n\r\n") == b"2"


def status(port: int, question: bytes) -> bytes:
    """Return the first digit of the status that a question is answered with; empty without an answer."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
            wire.sendall(question)
            return wire.recv(4096)[9:10]
    except OSError:
        return b""


def wrk(to: Server, requests: Path, connections: int, seconds: int, *, fresh: bool = False) -> Figure:
    """Ask a server for some seconds, over so many connections, from the other core; fresh, for new targets each time."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "-s", HERE / "gate.lua"]
    command += [f"http://127.0.0.1:{to.port}/"]
    before = to.processor
    environment = {**os.environ, "REQUESTS": str(requests)} | ({"FRESH": "1"} if fresh else {})
    done = subprocess.run(
        pinned(CORES[-1], command), capture_output=True, text=True, env=environment, timeout=seconds + 60, check=True
    )
    spent = to.processor - before
    found = re.search(r"FIGURES (\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if not found:
        sys.exit(f"wrk says nothing: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    count, micros, p50, p99, p999, refused, failed = map(int, found.groups())
    times = (count / micros * 1e6, count / spent if spent else 0.0, p50 / 1000, p99 / 1000, p999 / 1000)
    return Figure(*times, count, refused, failed, os.getloadavg()[0])
