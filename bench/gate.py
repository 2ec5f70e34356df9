"""Measure the gate: the decision alone, and the server under wrk beside a constant answer of its own.

python bench/gate.py

20,000 people, 3,000 agents; 20, 200 and 1,000 clauses. One worker on one core, wrk on another. Written to bench/out/gate.json.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from phaseout.bundle.content import Content
from phaseout.bundle.keys import make_keys, signing_key, trusted_key
from phaseout.bundle.seal import seal, unseal
from phaseout.gate.asked import Asked
from phaseout.gate.decide import decide
from phaseout.gate.policy import DEFAULT
from phaseout.gate.serving import serve
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Stage, StageKind, Strength
from phaseout.model.person import Person
from phaseout.model.predicate import Is

OUT: Final = Path(__file__).parent / "out"
DAY: Final = datetime(2020, 1, 1, tzinfo=UTC)
PEOPLE, AGENTS, SERVED = 20_000, 3_000, 200

WRK: Final = """
local n, reqs = 0, {}
local function agent(i)
  if i % 2 == 1 then
    return string.format("Mozilla/5.0 (iPhone; CPU iPhone OS %d_%d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " ..
      "Version/17.0 Mobile/15E%d Safari/604.1", 12 + i % 7, i % 8, i)
  end
  return string.format("Mozilla/5.0 (Windows NT 10.0; rv:%d.0) Gecko/20100101 Firefox/%d.0", i, i)
end
function init()
  for i = 1, 20000 do
    local u = math.random(0, 19999)
    reqs[i] = wrk.format("GET", "/nginx/webmail", {["Host"] = "gate", ["X-User"] = "user" .. u, ["User-Agent"] = agent(u % 3000),
      ["X-Original-URI"] = "/mail/?_task=mail", ["X-Original-Method"] = "GET", ["X-Real-IP"] = "192.0.2.7"})
  end
end
function request() n = n % 20000 + 1; return reqs[n] end
"""


def agent(number: int) -> str:
    """Return one of the agents; half of them are iPhones."""
    if number % 2:
        system = f"CPU iPhone OS {12 + number % 7}_{number % 8} like Mac OS X"
        engine = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
        return f"Mozilla/5.0 (iPhone; {system}) {engine} Version/17.0 Mobile/15E{number} Safari/604.1"
    return f"Mozilla/5.0 (Windows NT 10.0; rv:{number}.0) Gecko/20100101 Firefox/{number}.0"


def made(people: int, clauses: int) -> Content:
    """Make an order with one clause for each department."""
    units = [("Ministry", f"Department {number}") for number in range(clauses)]
    block = (Stage("*", StageKind.BLOCK, DAY),)
    rules = tuple(
        Clause(str(number), Strength.MUST, Scope(units=(unit,)), ("apple",), ("*",), DAY, DAY, stages=block)
        for number, unit in enumerate(units)
    )
    apple = DeviceClass("apple", "Apple phones", Is(frozenset({"apple"}), frozenset({"ios", "ipados"})))
    order = Directive("order", "Order", "Ministry", "1", "UTC", rules, {"apple": apple})
    staff = tuple(
        Person(str(n), "", (f"user{n}@example.org", f"CORP\\user{n}"), units[n % clauses], frozenset({"specialist"}))
        for n in range(people)
    )
    return Content(DAY, "bench", (), order, staff, ())


def decision_alone(folder: Path, clauses: int) -> dict[str, float]:
    """Measure the processor's time of a decision, of cases never seen and of cases seen."""
    draw = random.Random(7)  # noqa: S311 - no secret
    serving = serve(unseal(seal(made(PEOPLE, clauses), signing_key(folder / "key")), "", [trusted_key(folder / "key.pub")]))
    asked = [_asked(draw.randrange(PEOPLE)) for _ in range(50_000)]
    now = datetime.now(UTC)
    return {name: round(_microseconds(lambda: [decide(serving, DEFAULT, each, now) for each in asked]) / len(asked), 2)
            for name in ("new", "seen")}  # fmt: skip


def _asked(person: int) -> Asked:
    return Asked("nginx", "webmail", "mail", f"user{person}", (Clue(ClueKind.USER_AGENT, agent(person % AGENTS)),))


def _microseconds(work: Callable[[], object]) -> float:
    """Return the processor's time that a piece of work takes."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e6


@contextmanager
def running(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a gate on the first core; it is ended by its own process id."""
    (folder / "bundle").write_bytes(seal(made(PEOPLE, SERVED), signing_key(folder / "key")))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    gate = subprocess.Popen(
        ["taskset", "-c", "0", Path(sys.executable).with_name("phaseout"), "gate", "--bundle", folder / "bundle", "--trust",
         folder / "key.pub", "--listen", f"127.0.0.1:{port}", "--decision-log", folder / "decisions.jsonl"],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while subprocess.run(["curl", "-sfo", os.devnull, f"http://127.0.0.1:{port}/readyz"], check=False).returncode:
            time.sleep(0.05)
        yield port, gate
    finally:
        gate.terminate()
        gate.wait()


def spent(gate: subprocess.Popen[bytes]) -> float:
    """Return the seconds of processor's time that a process has used."""
    user, system = Path(f"/proc/{gate.pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def pressed(port: int, gate: subprocess.Popen[bytes], path: str, connections: int, script: Path | None) -> dict[str, Any]:
    """Press the server with wrk for five seconds."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", "-d5s", "--latency", f"http://127.0.0.1:{port}{path}"]
    before = spent(gate)
    said = subprocess.run(command + (["-s", str(script)] if script else []), capture_output=True, text=True, check=True).stdout
    requests = int(re.findall(r"(\d+) requests in", said)[0])
    return {
        "per second": float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0]),
        "p50": re.findall(r"50%\s+(\S+)", said)[0],
        "p99": re.findall(r"99%\s+(\S+)", said)[0],
        "processor µs a request": round((spent(gate) - before) / requests * 1e6, 1),
    }


def main() -> None:
    """Measure, print, write."""
    found: dict[str, Any] = {"at": datetime.now(UTC).isoformat(), "load before": os.getloadavg()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_keys(folder / "key")
        found["decision alone, processor µs"] = {clauses: decision_alone(folder, clauses) for clauses in (20, 200, 1000)}
        if shutil.which("wrk") and (os.cpu_count() or 1) > 1:
            (folder / "wrk.lua").write_text(WRK, "utf-8")
            with running(folder) as (port, gate):
                pressed(port, gate, "/nginx/webmail", 16, folder / "wrk.lua")
                for connections in (16, 64):
                    asked = pressed(port, gate, "/nginx/webmail", connections, folder / "wrk.lua")
                    bare = pressed(port, gate, "/healthz", connections, None)
                    found[f"{connections} connections"] = {"decisions": asked, "a constant answer of the same server": bare}
                rss = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{gate.pid}/status").read_text("ascii"))[0]
                found["memory, MB"] = int(rss) // 1024
    found["load after"] = os.getloadavg()
    OUT.mkdir(exist_ok=True)
    text = json.dumps(found, indent=2, ensure_ascii=False)
    (OUT / "gate.json").write_text(text + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
