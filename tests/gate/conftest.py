"""What the tests of the gate begin from: an order with every stage, a staff, keys, a bundle, and a way to start a gate."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gate import running_gate
from phaseout.bundle.content import Content
from phaseout.bundle.keys import make_keys, signing_key, trusted_key
from phaseout.bundle.seal import seal, unseal
from phaseout.gate.serving import Serving, serve
from phaseout.model.directive import (
    Clause,
    DeviceClass,
    Directive,
    Replacement,
    Scope,
    Stage,
    StageKind,
    Strength,
    Waiver,
)
from phaseout.model.person import Person
from phaseout.model.predicate import Is
from programs import LONGEST, free_port

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE_ID = '"name" "iPhone Mail" "version" "20D47" "os" "iOS" "os-version" "16.3 (20D47)"'
THUNDERBIRD_ID = '"name" "Thunderbird" "version" "115.0"'
SAMSUNG_ID = '"name" "com.google.android.gm" "os" "android" "os-version" "13; TP1A" "vendor" "samsung"'


def day(number: int, month: int = 10) -> datetime:
    return datetime(2020, month, number, tzinfo=UTC)


@dataclass(frozen=True)
class Known:
    """What clients say of themselves, and when the tests' order does what."""

    iphone: str = IPHONE
    firefox: str = FIREFOX
    iphone_id: str = IPHONE_ID
    thunderbird_id: str = THUNDERBIRD_ID
    samsung_id: str = SAMSUNG_ID
    day: Callable[..., datetime] = day


@pytest.fixture(scope="session")
def known() -> Known:
    return Known()


def clause(id_: str, who: Scope, *stages: Stage, **more: object) -> Clause:
    usual: dict[str, Any] = {"strength": Strength.MUST, "services": ("*",), "devices": ("apple",), "starts": day(1)}
    return Clause(id=id_, who=who, stages=stages, **(usual | {"deadline": day(8)} | more))


CLAUSES = (
    clause(
        "seat", Scope(units=(("Ministry", "Seat"),)),
        Stage("*", StageKind.OBSERVE, day(1)), Stage("*", StageKind.WARN, day(8)), Stage("*", StageKind.QUARANTINE, day(15)),
        Stage("*", StageKind.BLOCK, day(22)),
        text="No Apple phones for work.", personal_use_allowed=True, replacements=("android",),
    ),
    clause("pilot", Scope(units=(("Ministry", "Pilot"),)), Stage("imap", StageKind.BLOCK, day(8))),
    clause("region", Scope(units=(("Ministry", "Region"),)), Stage("*", StageKind.BLOCK, day(1)), strength=Strength.SHOULD),
)  # fmt: skip

PEOPLE = (
    Person("1", "", ("anna@example.org",), ("Ministry", "Seat")),
    Person("2", "", ("boris@example.org",), ("Ministry", "Pilot")),
    Person("3", "", ("vera@example.org",), ("Ministry", "Region")),
    Person("4", "", ("gleb@example.org",), ("Ministry", "Seat")),
)

ORDER = Directive(
    "order-12", "Replacement of Apple phones", "Example Ministry", "1.0", "UTC", CLAUSES,
    {"apple": DeviceClass("apple", "Apple phones and tablets", Is(frozenset({"apple"}), frozenset({"ios", "ipados"})))},
    replacements={"android": Replacement("android", "Android phone", ("android",), "At the service desk.")},
)  # fmt: skip

WAIVER = Waiver("w-gleb", "seat", "travel", "On mission.", "minister", day(1), day(1, 12), person="4")


@pytest.fixture(scope="session")
def content() -> Content:
    return Content(day(1), "0.1.0", (), ORDER, PEOPLE, (WAIVER,))


@dataclass(frozen=True)
class Keys:
    """A pair of keys on the disk, and what it seals."""

    secret: Path

    @property
    def public(self) -> Path:
        return self.secret.with_name(f"{self.secret.name}.pub")

    def seal(self, content: Content) -> bytes:
        return seal(content, signing_key(self.secret))

    def served(self, content: Content) -> Serving:
        return serve(unseal(self.seal(content), "gate.bundle", [trusted_key(self.public)]))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    path = tmp_path_factory.mktemp("keys") / "gate.key"
    make_keys(path)
    return Keys(path)


@pytest.fixture
def serving(keys: Keys, content: Content) -> Serving:
    return keys.served(content)


@dataclass
class Running:
    """A gate of its own process."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    keys: Keys
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "decisions.jsonl"

    @property
    def bundle(self) -> Path:
        return self.folder / "gate.bundle"

    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")

    def ask(
        self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        try:
            connection.request("POST" if body is not None else "GET", path, body, {**self.headers, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def web(
        self, login: str, agent: str, target: str = "/mail/", door: str = "webmail", **headers: str
    ) -> tuple[int, dict[str, str]]:
        told = {"X-User": login, "User-Agent": agent, "X-Original-URI": target, "X-Original-Method": "GET"} | headers
        return self.ask(f"/nginx/{door}", told)[:2]

    def imap(self, login: str, device_id: str, command: str = "allow", **attributes: object) -> dict[str, Any]:
        told = {"login": login, "device_id": device_id, "protocol": "imap", "remote": "192.0.2.7", "pwhash": "01c2"} | attributes
        status, _, body = self.ask(f"/dovecot?command={command}", body=json.dumps(told).encode())
        assert status == 200, body
        return dict(json.loads(body))

    def decisions(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_bytes().splitlines()]  # a text would be cut at U+0085, too

    def put(self, data: bytes) -> None:
        """Replace the bundle as ``phaseout bundle make`` does."""
        beside = self.folder / ".new"
        beside.write_bytes(data)
        beside.replace(self.bundle)

    def figure(self, name: str) -> float:
        lines = self.ask("/metrics")[2].decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name) and not line.startswith("#"))


Start = Callable[..., Any]


@pytest.fixture
def start_gate(tmp_path: Path, start_gate_in: Start) -> Start:
    """Return a context that runs a gate in the test's own folder until it is left."""

    def started(config: str = "", *, folder: Path = tmp_path, **more: Any) -> Any:  # noqa: ANN401 - a context, and its words
        return start_gate_in(folder, config, **more)

    return started


@pytest.fixture(scope="session")
def start_gate_in(keys: Keys, content: Content) -> Start:
    """Return a context that runs a gate in a folder until it is left; it is ended by its own process id."""

    @contextmanager
    def started(
        folder: Path,
        config: str = "",
        data: bytes | None = None,
        port: int | None = None,
        wait: str = "/readyz",
        listen: tuple[str, ...] = (),
    ) -> Iterator[Running]:
        folder.mkdir(exist_ok=True)
        (folder / "gate.toml").write_text(f'trusted_keys = ["{keys.public}"]\n{config}', encoding="utf-8")
        if data is None:
            data = keys.seal(replace(content, made_at=day(2)))
        (folder / "gate.bundle").write_bytes(data)
        port, more = port or free_port(), (word for place in listen for word in ("--listen", place))
        with running_gate(folder, folder / "gate.bundle", port, *more, wait=wait) as process:
            yield Running(port, folder, process, keys)

    return started
