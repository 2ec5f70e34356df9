"""The units of deploy start a gate and a relay with what stands beside them; systemd itself is not run here."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from gate import COMMAND, KEY
from phaseout.bundle.content import Content
from phaseout.gate.open_files import OWN_FILES
from phaseout.gate.settings import Limits
from programs import ROOT, free_port, running

Keys = Any  # what conftest gives

DEPLOY = ROOT / "deploy" / "systemd"
UNIT = (DEPLOY / "phaseout-gate.service").read_text("utf-8").replace("\\\n", " ")
RELAY = (ROOT / "deploy" / "relay" / "phaseout-gate-relay.service").read_text("utf-8")


def values_of(key: str, unit: str = UNIT) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


def value_of(key: str) -> str:
    (value,) = values_of(key)
    return value


def test_the_unit_starts_a_gate(keys: Keys, content: Content, tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "gate.toml", tmp_path)
    shutil.copy(keys.public, tmp_path / "gate.key.pub")
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    (tmp_path / "gate.bundle").write_bytes(keys.seal(content))
    program, *words = value_of("ExecStart").replace("$PLACES", value_of("Environment").strip('"').removeprefix("PLACES=")).split()
    assert (program, words[0]) == ("/opt/phaseout/bin/phaseout", "gate")
    moved: dict[str, Callable[[str], str]] = {
        "--bundle": lambda _: str(tmp_path / "gate.bundle"),
        "--config": lambda _: str(tmp_path / "gate.toml"),
        "--decision-log": lambda _: str(tmp_path / "decisions.jsonl"),
        "--listen": lambda _: f"127.0.0.1:{free_port()}",
    }
    given = [moved.get(option, str)(word) for option, word in pairwise(words)]
    said = tmp_path / "said"
    with running([*COMMAND, *given], said, lambda: "Listening" in said.read_text("utf-8")):
        assert "Serving" in said.read_text("utf-8")


def test_what_the_unit_writes_is_its_own_and_what_it_reads_is_not() -> None:
    assert value_of("LogsDirectory") == "phaseout"
    assert "StateDirectory" not in UNIT
    assert value_of("ProtectSystem") == "strict"
    made = (DEPLOY / "phaseout.tmpfiles.conf").read_text("utf-8")
    for folder in ("/etc/phaseout", "/var/lib/phaseout"):
        assert re.search(rf"^d {folder} +2750 root {value_of('Group')}$", made, re.MULTILINE)
    assert f"u {value_of('User')} " in (DEPLOY / "phaseout.sysusers.conf").read_text("utf-8")


def test_the_log_is_rotated_by_the_account_whose_it_is() -> None:
    rotation = (ROOT / "deploy" / "logrotate" / "phaseout-gate").read_text("utf-8")
    assert re.search(rf"^ +su {value_of('User')} {value_of('Group')}$", rotation, re.MULTILINE)
    assert f"--decision-log {re.findall(r'^/[^ ]+', rotation, re.MULTILINE)[0]} " in value_of("ExecStart")


def test_the_relay_s_unit_starts_one(tmp_path: Path) -> None:
    (command,) = values_of("ExecStart", RELAY)
    for given in values_of("Environment", RELAY):
        name, _, value = given.strip('"').partition("=")
        command = command.replace(f"${name}", value)
    program, *words = command.replace("/var/lib/phaseout-relay", str(tmp_path)).split()
    assert (program, words[:2]) == ("/opt/phaseout/bin/phaseout", ["gate", "relay"])
    assert {"postfix=127.0.0.1:14012", "127.0.0.1:14011"} <= set(words), "where the doors' files ask"
    moved = [re.sub(r"(?<=127\.0\.0\.1:)1401\d", lambda _: str(free_port()), word) for word in words[1:]]
    said = tmp_path / "said"
    with running([*COMMAND, *moved], said, lambda: "Listening" in said.read_text("utf-8")):
        assert (tmp_path / "kept.db").exists()


def test_both_units_are_shut_in_alike() -> None:
    own = {"MemoryMax", "SystemCallFilter", "User", "Group"}
    for key in (
        set(re.findall(r"^((?:Protect|Private|Restrict|Memory|Lock|No|Capability|Ambient|IPAddress)\w*)=", UNIT, re.MULTILINE))
        - own
    ):
        assert values_of(key, RELAY) == values_of(key), key


def test_both_units_allow_as_many_files_as_connections_may_come() -> None:
    protocols = 2  # HTTP and Postfix's
    for unit, each in ((UNIT, 1), (RELAY, 2)):  # to the relay's belongs one to a gate
        (files,) = values_of("LimitNOFILE", unit)
        assert int(files) >= each * protocols * Limits().connections + OWN_FILES
