"""Measure the gate against a floor and peers, in one run; print figures, ratios and the machine's load beside each.

The gate has one core, wrk the other. On a machine that does other work too, answers a second of the gate's own processor time
(``/cpu-s``) say more than answers a second.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gate_alone
import gate_load
import gate_made
import gate_nginx
import gate_peers
from gate_load import CORES, Figure, Server, free_port, server, wrk

HERE = Path(__file__).parent
OUT = HERE / "out"
PHASEOUT = Path(sys.executable).parent / "phaseout"
WANTED_RATE, WANTED_P99, WANTED_US, WANTED_START = 30_000, 2.0, 5.0, 0.3


def command(bundle: Path, port: int, log: Path) -> list[str | Path]:
    """Return the command that starts a gate."""
    config = OUT / "gate.toml"
    config.write_text('trusted_keys = ["gate.key.pub"]\n', encoding="utf-8")
    start = [PHASEOUT, "gate", "--bundle", bundle, "--listen", f"127.0.0.1:{port}"]
    return [*start, "--decision-log", log, "--config", config]


@contextmanager
def gate(bundle: Path, core: int = CORES[0]) -> Iterator[Server]:
    """Run a gate; its decision log is thrown away afterwards."""
    port, log = free_port(), OUT / "decisions.jsonl"
    try:
        with server(command(bundle, port, log), port, OUT / "gate.said", b"/readyz", core) as running:
            yield running
    finally:
        log.unlink(missing_ok=True)


def load() -> str:
    """Return the machine's load average of the last minute."""
    return f"load {os.getloadavg()[0]:.1f}"


def throughput(bundle: Path, requests: Path, seconds: int) -> dict[str, Figure]:
    """Measure gate and floor in turns, at 16 and 64 connections."""
    found: dict[str, list[Figure]] = {}
    port = free_port()
    floor = [sys.executable, HERE / "gate_floor.py", str(port)]
    with gate(bundle) as ours, server(floor, port, OUT / "floor.said") as constant:
        print(f"  each question for the first time, one connection: {once(ours, requests)}", flush=True)
        for _ in range(2):  # one by one, as mail servers ask: then the gate remembers them
            once(ours, requests, batch=1)
        for _ in range(2):
            for connections in (16, 64):
                for name, each in (("gate", ours), ("gate, new targets", ours), ("floor", constant)):
                    figure = wrk(each, requests, connections, seconds, fresh=name.endswith("targets"))
                    found.setdefault(f"{name} {connections}", []).append(figure)
                    print(f"  {name:<30} {connections:>4}: {figure}", flush=True)
    return {name: max(figures, key=lambda figure: figure.rate) for name, figures in found.items()}


def once(to: Server, requests: Path, batch: int = 16) -> str:
    """Ask everything once, some at a time over one connection; say how long it took."""
    texts = requests.read_bytes().split(b"\0")
    began, spent, slowest = time.perf_counter(), to.processor, 0.0
    with socket.create_connection(("127.0.0.1", to.port), timeout=60) as wire:
        for start_ in range(0, len(texts), batch):
            part, sent = texts[start_ : start_ + batch], time.perf_counter()
            wire.sendall(b"".join(part))
            answers = 0
            while answers < len(part):
                answers += wire.recv(65536).count(b"HTTP/1.1 ")
            slowest = max(slowest, time.perf_counter() - sent)
    own = len(texts) / (to.processor - spent)
    wall = time.perf_counter() - began
    return f"{len(texts) / wall:,.0f}/s, {own:,.0f}/cpu-s, the slowest {batch} together {slowest * 1000:.0f} ms ({load()})"


def say_throughput(best: dict[str, Figure]) -> None:
    """Print ratios, and whether what is wanted holds."""
    for connections in (16, 64):
        ours, floor = best[f"gate {connections}"], best[f"floor {connections}"]
        ratio, own = floor.rate / ours.rate, floor.own_rate / ours.own_rate
        print(f"  floor / gate at {connections}: {ratio:.2f} (by processor time {own:.2f})")
    ours = best["gate 16"]
    holds = ours.rate >= WANTED_RATE and ours.p99 <= WANTED_P99
    print(f"  wanted at 16: {WANTED_RATE:,}/s and p99 {WANTED_P99:.0f} ms: {'holds' if holds else 'does not hold'}")


def alone() -> None:
    """Print the decision without a network."""
    print("the decision alone, µs of processor time:")
    for clauses in (20, gate_made.CLAUSES, 1000):
        found = gate_alone.in_own_process(gate_made.write_bundle(OUT, clauses), OUT / "gate.key.pub")
        told = ", ".join(f"{name} {value:.1f}" for name, value in found.items())
        print(f"  {clauses:>5} clauses: {told}; wanted {WANTED_US:.0f} ({load()})", flush=True)


def memory(requests: Path) -> None:
    """Print what people cost."""
    sizes = {}
    for people in (1_000, 101_000):
        bundle = gate_made.write_bundle(OUT, people=people)
        with gate(bundle) as running:
            time.sleep(1.5)  # it reads its tables in the background
            sizes[people] = running.memory
            if people > gate_made.PEOPLE:
                wrk(running, requests, 16, 8)
                asked = running.memory
    print(
        f"memory: {sizes[1_000]:.0f} MiB with 1,000 people, {sizes[101_000] - sizes[1_000]:.0f} MiB more per 100,000 people; "
        f"{asked - sizes[101_000]:.0f} MiB more after {gate_made.REQUESTS:,} different questions ({load()})"
    )


def start(bundle: Path, rounds: int = 7) -> None:
    """Print how long it takes from the process's start to the first decision, and to /readyz."""
    # An installed package has its bytecode, and an order to write none may stand in the environment.
    subprocess.run([sys.executable, "-m", "compileall", "-q", HERE.parent / "src"], check=True)
    phone = gate_made.Ask(
        "activesync", "login1@example.org", "Apple-iPhone14C2/2001.362", "POST", f"{gate_made.EAS}?Cmd=Sync", ""
    )
    browser = gate_made.Ask("webmail", "login1@example.org", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)", "GET", "/", "")
    for told, question in (
        ("the first decision about a phone", gate_made.gate_request(phone)),
        ("the first decision about a browser", gate_made.gate_request(browser)),
        ("/readyz", b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"),
    ):
        walls, processors = zip(*(_started(bundle, question) for _ in range(rounds)), strict=True)
        print(
            f"start to {told}: {min(walls):.2f} s at best, {statistics.median(walls):.2f} s median of {rounds}, "
            f"{min(processors):.2f} s of processor time at best; wanted {WANTED_START} s ({load()})",
            flush=True,
        )


def _started(bundle: Path, question: bytes) -> tuple[float, float]:
    """Return the seconds until a gate answers a question with no 5xx, and its processor time."""
    port, log = free_port(), OUT / "decisions.jsonl"
    began = time.perf_counter()
    with (OUT / "gate.said").open("wb") as said:
        process = subprocess.Popen(gate_load.pinned(CORES[0], command(bundle, port, log)), stdout=said, stderr=said)
    while gate_load.status(port, question) not in {b"2", b"4"}:
        time.sleep(0.002)
        if process.poll() is not None:
            sys.exit((OUT / "gate.said").read_text("utf-8"))
    found = time.perf_counter() - began, Server(port, process.pid).processor
    process.terminate()
    process.wait(20)
    return found


def flood(bundle: Path, questions: int = 100_000) -> None:
    """Print what strangers cost who call themselves anew each time, at full length."""
    agent = "x" * 1000
    with gate(bundle) as running, socket.create_connection(("127.0.0.1", running.port), timeout=60) as wire:
        time.sleep(1.5)
        before, peak, spent = running.memory, 0.0, running.processor
        for start_ in range(0, questions, 100):
            wire.sendall(
                b"".join(
                    f"GET /nginx/webmail HTTP/1.1\r\nX-User: s{n}\r\nX-Original-URI: /\r\nUser-Agent: {agent}{n}\r\n\r\n".encode()
                    for n in range(start_, start_ + 100)
                )
            )
            answers = 0
            while answers < 100:  # noqa: PLR2004 - as many as were asked
                answers += wire.recv(65536).count(b"HTTP/1.1 ")
            peak = max(peak, running.memory)
        spent = running.processor - spent
    print(
        f"strangers: {questions:,} questions, each with a new login and agent of 1,000 letters: {peak - before:.0f} MiB more, "
        f"{peak:,.0f} MiB in all; {spent / questions * 1e6:.0f} µs each ({load()})"
    )


def peers(bundle: Path, seconds: int) -> None:
    """Print Cedar and OPA beside the gate."""
    asks = gate_made.asks()[:4000]
    print(f"peers, {gate_made.CLAUSES} comparable rules (they are told the device, the gate identifies it):")
    found = gate_peers.cedar(asks, gate_made.CLAUSES)
    if found is None:
        print("  Cedar not measured: cedarpy is not installed")
    else:
        ours = gate_alone.in_own_process(bundle, OUT / "gate.key.pub")
        print(
            f"  Cedar (cedarpy, in process): {found[0]:.1f} µs, {found[1]:.1f}% refused; gate: warm {ours['warm']:.1f}, "
            f"new person {ours['new person']:.1f} µs; "
            f"Cedar / gate {found[0] / ours['warm']:.0f}, {found[0] / ours['new person']:.1f} ({load()})"
        )
    binary, why = gate_peers.opa_binary(OUT)
    if binary is None:
        print(f"  OPA not measured: {why}")
        return
    rego, data = gate_peers.write_rego(OUT, gate_made.CLAUSES)
    questions = gate_made.write_requests(OUT / "opa.requests", (gate_peers.opa_request(ask) for ask in asks))
    port = free_port()
    run = [binary, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error", "--disable-telemetry", rego, data]
    with server(run, port, OUT / "opa.said", b"/health") as opa:
        for connections in (16, 64):
            print(f"  OPA's server {connections:>3}: {wrk(opa, questions, connections, seconds)}", flush=True)


def nginx(bundle: Path, seconds: int) -> None:
    """Print nginx with the gate beside nginx without; nginx shares wrk's core."""
    binary = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if binary is None:
        print("nginx not measured: it is not installed")
        return
    requests = gate_made.write_requests(OUT / "client.requests", map(gate_made.client_request, gate_made.asks()))
    print("nginx, which shares wrk's core:")
    rates: dict[str, Figure] = {}
    with gate(bundle) as running:
        once(running, OUT / "gate.requests")  # so that nginx is measured, and not who asks first
        for name, asked, door in (
            ("without", None, "closed"),
            ("closed", running.port, "closed"),
            ("last-known", running.port, "last-known"),
        ):
            port, here = free_port(), OUT / "nginx"
            config = gate_nginx.write(here, port, free_port(), asked, door)
            run = [binary, "-c", config, "-e", here / "error.log"]
            with server(run, port, OUT / "nginx.said", core=CORES[-1]) as web:
                wrk(web, requests, 16, 2)
                rates[name] = wrk(web, requests, 16, seconds)
            print(f"  {name:<12}  16: {rates[name]}", flush=True)
    for name in ("closed", "last-known"):
        print(f"  without / {name}: {rates['without'].rate / rates[name].rate:.2f}")


def relay(bundle: Path, requests: Path, seconds: int) -> None:
    """Print the gate behind the relay, which has its core to itself, and the relay when the gate is gone."""
    print("the relay on one core, gate and wrk on the other:")
    port, kept = free_port(), OUT / "kept.db"
    kept.unlink(missing_ok=True)
    with gate(bundle, CORES[-1]) as behind:
        run = [PHASEOUT, "gate", "relay", "--listen", f"127.0.0.1:{port}", "--gate", f"127.0.0.1:{behind.port}", "--kept", kept]
        with server(run, port, OUT / "relay.said", b"/healthz") as between:
            wrk(between, requests, 16, 2)
            direct, handed_on = wrk(behind, requests, 16, seconds), wrk(between, requests, 16, seconds)
            print(f"  the gate itself          16: {direct}\n  by the relay             16: {handed_on}", flush=True)
            once(between, requests)
            os.kill(behind.pid, signal.SIGKILL)
            time.sleep(2)
            known = wrk(between, requests, 16, seconds)
            print(f"  last known, gate gone    16: {known}")
            print(f"  the relay has {between.memory:.0f} MiB, its file {kept.stat().st_size / 2**20:.0f}")
    rates = direct.rate / handed_on.rate, known.rate / handed_on.rate
    print(f"  gate itself / by the relay: {rates[0]:.1f}; last known / by the relay: {rates[1]:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=8, help="of each run of wrk")
    parser.add_argument("--only", choices=["throughput", "alone", "memory", "start", "flood", "peers", "nginx", "relay"])
    given = parser.parse_args()
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        sys.exit("It needs wrk and taskset, of Debian's packages wrk and util-linux.")
    OUT.mkdir(exist_ok=True)
    bundle = gate_made.write_bundle(OUT)
    asks = gate_made.asks()
    requests = gate_made.write_requests(OUT / "gate.requests", map(gate_made.gate_request, asks))
    known = len({ask.agent for ask in asks})
    print(
        f"{gate_made.PEOPLE:,} people, {gate_made.CLAUSES} clauses, {known:,} agents, {len(asks):,} different questions; {load()}"
    )

    def throughput_() -> None:
        print("over HTTP, the gate on one core, wrk on the other:")
        say_throughput(throughput(bundle, requests, given.seconds))

    parts = {
        "throughput": throughput_,
        "alone": alone,
        "memory": lambda: memory(requests),
        "start": lambda: start(bundle),
        "flood": lambda: flood(bundle),
        "peers": lambda: peers(bundle, given.seconds),
        "nginx": lambda: nginx(bundle, given.seconds),
        "relay": lambda: relay(bundle, requests, given.seconds),
    }
    for name, part in parts.items():
        if given.only in {None, name}:
            part()


if __name__ == "__main__":
    main()
