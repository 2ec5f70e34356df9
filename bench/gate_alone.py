"""The decision without a network: microseconds of processor time, warm and cold, for orders of any number of clauses."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import gate_made

from phaseout.bundle.keys import trusted_key
from phaseout.bundle.seal import open_bundle
from phaseout.devices.identify import identify
from phaseout.gate.asked import Asked
from phaseout.gate.callers import nginx
from phaseout.gate.decide import decide
from phaseout.gate.http import Request
from phaseout.gate.policy import DEFAULT
from phaseout.gate.serving import serve
from phaseout.model.clue import Clue, ClueKind

AT = datetime(2026, 11, 1, tzinfo=UTC)
PASSES = 7


def parsed(ask: gate_made.Ask) -> Request:
    """Return a question as the HTTP parser hands it on."""
    lines = gate_made.gate_request(ask).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
    return Request("GET", f"/nginx/{ask.door}", "", headers)


def measure(bundle: Path, key: Path, asks: list[gate_made.Ask]) -> dict[str, float]:
    """Return microseconds by name.

    ``cold``: person and agent are new to the gate; ``new person``: the agent is known already, which is the usual case;
    ``warm``: the same was asked before. ``read`` is what takes the facts from the headers.
    """
    identify(Clue(ClueKind.USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"))
    identify(Clue(ClueKind.ACTIVESYNC, "iPhone"))
    requests = [parsed(ask) for ask in asks]
    asked = [_asked(request) for request in requests]
    seen, first, later = set[tuple[Clue, ...]](), list[Asked](), list[Asked]()
    for each in asked:
        (later if each.clues in seen else first).append(each)
        seen.add(each.clues)
    serving = serve(open_bundle(bundle, [trusted_key(key)]))

    def decided(each: Asked) -> object:
        return decide(serving, DEFAULT, each, AT)

    def both(request: Request) -> object:
        return decide(serving, DEFAULT, _asked(request), AT)

    gc.disable()
    found = {"cold": _each(decided, first), "new person": _each(decided, later)}
    found["read"] = _best(nginx.read, requests)
    found["warm"] = _best(decided, asked)
    found["read + warm"] = _best(both, requests)
    gc.enable()
    found["refused %"] = 100 * statistics.mean(decide(serving, DEFAULT, each, AT).effect.value == "block" for each in asked)
    return found


def _asked(request: Request) -> Asked:
    found = nginx.read(request)
    assert isinstance(found, Asked)  # noqa: S101 - what the bench asks is a question
    return found


def _each(call: Callable[..., object], values: Iterable[object]) -> float:
    """Return the mean processor microseconds of one pass."""
    values = list(values)
    started = time.process_time_ns()
    for value in values:
        call(value)
    return (time.process_time_ns() - started) / len(values) / 1000


def _best(call: Callable[..., object], values: Iterable[object]) -> float:
    """Return the least of some passes; what is above it is the machine's other work."""
    return min(_each(call, values) for _ in range(PASSES))


def in_own_process(bundle: Path, key: Path) -> dict[str, float]:
    """Measure in a fresh process, so that no order finds another's caches filled."""
    command = [sys.executable, __file__, str(bundle), str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]), gate_made.asks())))
