"""What the fuzzing of the gate begins from: an order with many clauses, a staff, and a gate of its own process."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from gate import running_gate
from phaseout.bundle.content import Content
from phaseout.bundle.keys import make_keys, signing_key, trusted_key
from phaseout.bundle.seal import seal, unseal
from phaseout.gate.serving import Serving, serve
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Stage, StageKind, Strength, Waiver
from phaseout.model.person import Person
from phaseout.model.predicate import Is, Not, VersionRange
from programs import free_port

collect_ignore = ["guided.py"]  # a program of its own, that needs atheris

SECONDS = 1.5
"""That a request may take at the gate that is fuzzed."""

BEGUN = datetime(2020, 10, 1, tzinfo=UTC)
FAR = datetime(2090, 10, 1, tzinfo=UTC)

CLASSES = {
    "apple": Is(maker=frozenset({"apple"}), platform=frozenset({"ios", "ipados"})),
    "old": Is(platform=frozenset({"ios"}), version=VersionRange(below=(15,))),
    "phones": Is(form_factor=frozenset({"phone"})),
    "not-samsung": Not(Is(maker=frozenset({"samsung"}))),
    "thunderbird": Is(app=frozenset({"thunderbird"})),
}

ENDINGS = (StageKind.OBSERVE, StageKind.WARN, StageKind.QUARANTINE, StageKind.BLOCK)


def clauses() -> Iterator[Clause]:
    """Give one clause for each of twenty units, with every strength, class, service and stage in turn."""
    names = list(CLASSES)
    for n in range(20):
        stages = (Stage("*", ENDINGS[n % 4], BEGUN), Stage("imap", StageKind.BLOCK, BEGUN))
        yield Clause(
            f"c{n}", list(Strength)[n % 5 % 3], Scope(units=(("Ministry", f"Unit {n % 10}"),)), (names[n % 5],),
            ("*",) if n % 3 else ("mail",), BEGUN, BEGUN if n % 4 else FAR, stages=stages[: 1 + n % 2],
            actions=frozenset({"use"} if n % 2 else {"use", "set-up"}),
        )  # fmt: skip


def content() -> Content:
    people = tuple(Person(str(n), "", (f"user{n}@example.org",), ("Ministry", f"Unit {n % 12}")) for n in range(200))
    classes = {name: DeviceClass(name, f"Devices of class {name}", test) for name, test in CLASSES.items()}
    order = Directive("order-12", "Order", "Example Ministry", "1.0", "UTC", tuple(clauses()), classes)
    waivers = tuple(Waiver(f"w{n}", f"c{n}", "travel", "On mission.", "minister", BEGUN, FAR, person=str(n)) for n in range(5))
    return Content(BEGUN, "0.1.0", (), order, people, waivers)


@dataclass(frozen=True)
class Gate:
    """A gate of its own process."""

    port: int
    postfix: int
    folder: Path
    process: subprocess.Popen[bytes]
    seconds: float = SECONDS

    @property
    def log(self) -> Path:
        return self.folder / "decisions.jsonl"

    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")

    def wire(self, port: int | None = None) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port or self.port), timeout=20)

    def status(self, path: str = "/readyz") -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a bundle, and the key that it is trusted by."""
    folder = tmp_path_factory.mktemp("sealed")
    make_keys(folder / "gate.key")
    (folder / "gate.bundle").write_bytes(seal(content(), signing_key(folder / "gate.key")))
    return folder


@pytest.fixture(scope="session")
def serving(sealed: Path) -> Serving:
    """Return what the gate serves, for asking the judge without a gate."""
    return serve(unseal((sealed / "gate.bundle").read_bytes(), "gate.bundle", [trusted_key(sealed / "gate.key.pub")]))


@pytest.fixture
def gate(sealed: Path, tmp_path: Path) -> Iterator[Gate]:
    """Run a gate; it is ended by its own process id, and must not have complained of a bug."""
    port, postfix = free_port(), free_port()
    (tmp_path / "gate.toml").write_text(f"[limits]\nseconds = {SECONDS}\n", encoding="utf-8")
    more = ("--trust", sealed / "gate.key.pub", "--listen", f"postfix=127.0.0.1:{postfix}")
    with running_gate(tmp_path, sealed / "gate.bundle", port, *more) as process:
        running = Gate(port, postfix, tmp_path, process)
        yield running
    assert "Traceback" not in running.said(), running.said()[-3000:]
