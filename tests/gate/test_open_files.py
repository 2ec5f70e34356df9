"""A gate has as many files open as connections may come, or says that the system lets it have fewer."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gate import running_relay
from phaseout.gate.open_files import make_room
from programs import free_port

Start = Callable[..., Any]
Known = Any  # what conftest gives; tests can't import from it


def test_too_few_files_for_the_connections_are_told(start_gate: Start, known: Known) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))  # a gate that is started now has as few
    try:
        with start_gate() as gate:
            limits = Path(f"/proc/{gate.process.pid}/limits").read_text("ascii")
            assert int(re.findall(r"Max open files +(\d+)", limits)[0]) > 4_096, "it lets itself have as many as it needs"
            assert gate.web("anna", known.iphone)[0] == 403
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_relay_has_as_many_as_its_doors_and_gates_need(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with running_relay(tmp_path, [f"127.0.0.1:{free_port()}"], [f"127.0.0.1:{free_port()}"]) as relay:
            limits = Path(f"/proc/{relay.pid}/limits").read_text("ascii")
            assert int(re.findall(r"Max open files +(\d+)", limits)[0]) > 2 * 4_096
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_system_with_too_few_files_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    set_to = list[tuple[int, int]]()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (512, 1_024))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_to.append(limits))
    make_room(4_096)
    assert set_to == [(1_024, 1_024)]
    assert "have 1024 files open, fewer than the connections that may come (4160)" in caplog.text
