"""What a running gate promises: its own process, asked over the network."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from msgspec.structs import replace

from gate import COMMAND
from phaseout.bundle.content import Content
from phaseout.bundle.keys import make_keys, signing_key
from phaseout.bundle.seal import seal
from phaseout.model.directive import Scope
from programs import running, wait_until

Start = Callable[..., Any]
Known = Keys = Any  # what conftest gives; tests can't import from it


def without_blocks(content: Content) -> Content:
    """Return the same order, reaching nobody; made later."""
    directive = content.directive
    clauses = tuple(replace(clause, who=Scope(people=frozenset({"nobody"}))) for clause in directive.clauses)
    return replace(content, directive=replace(directive, clauses=clauses), made_at=datetime(2020, 10, 5, tzinfo=UTC))


def test_it_refuses_warns_and_lets_pass(start_gate: Start, known: Known) -> None:
    with start_gate() as gate:
        status, headers = gate.web("anna", known.iphone)
        assert status == 403
        assert unquote(headers["x-gate-reason"]).startswith(
            "Apple phones and tablets: not allowed since 8 October 2020. Service: work mail. order-12, clause seat."
        )
        assert gate.web("anna", known.firefox)[0] == 204
        assert gate.web("vera", known.iphone)[1]["x-gate-effect"] == "warn"
        assert gate.imap("boris", known.iphone_id)["status"] == -1
        assert gate.imap("boris", known.samsung_id) == {"status": 0, "msg": ""}
        assert gate.imap("boris", "")["status"] == 0, "cannot tell"
        assert gate.imap("boris", known.thunderbird_id + " " + known.iphone_id)["status"] == -1, "said twice"
        assert gate.imap("boris", known.iphone_id, command="report")["status"] == 0
        ids = [record["id"] for record in gate.decisions()]
        assert len(ids) == len(set(ids)) == 7
        assert headers["x-gate-decision"] == ids[0]
        refused = gate.decisions()[0]
        assert (refused["person"], refused["clause"], refused["stage"], refused["effect"]) == ("1", "seat", "block", "block")


def test_neither_answer_nor_log_nor_figures_tell_a_credential(start_gate: Start, known: Known) -> None:
    secrets = {"Authorization": "Basic c2VjcmV0LXBhc3N3b3Jk", "Cookie": "session=c2VjcmV0"}
    with start_gate() as gate:
        said = gate.web("anna", known.iphone, **secrets)
        gate.imap("boris", known.iphone_id, pwhash="c2VjcmV0")
        everything = f"{said}{gate.log.read_text('utf-8')}{gate.ask('/metrics')[2]!r}{gate.said()}"
    assert "c2VjcmV0" not in everything


def test_keys(start_gate: Start, known: Known, tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / f"{name}.key").write_text(f"{name}-key-0123456789\n")
    with start_gate('[callers.nginx]\nkeys = ["old.key", "new.key"]\n') as gate:
        for key, status in (("old-key-0123456789", 403), ("new-key-0123456789", 403), ("old-key-012345678", 500), ("", 500)):
            assert gate.web("anna", known.iphone, **({"X-API-Key": key} if key else {}))[0] == status
        assert gate.ask("/denied/mail")[0] == 500
        assert gate.figure('phaseout_gate_refused_requests_total{reason="wrong key"}') == 3
        assert gate.imap("boris", known.iphone_id)["status"] == -1, "this caller needs none"


def test_figures_are_prometheus_text(start_gate: Start, known: Known) -> None:
    with start_gate() as gate:
        gate.web("anna", known.iphone)
        gate.ask("/nginx/nowhere")
        text = gate.ask("/metrics")[2].decode()
    value = re.compile(r'(phaseout_gate_[a-z_]+)(?:\{(?:[a-z]+="[^"]*",?)+\})? [0-9.e+-]+')
    typed = set(re.findall(r"# TYPE (\S+) ", text))
    for line in text.splitlines():
        if not line.startswith("#"):
            found = value.fullmatch(line)
            assert found, line
            assert re.sub(r"_(bucket|sum|count)$", "", found[1]) in typed
    assert 'decisions_total{caller="nginx",door="webmail",verdict="violation",stage="block",effect="block"} 1' in text
    assert "phaseout_gate_decision_seconds_count 1" in text
    assert 'phaseout_gate_refused_requests_total{reason="no such door"} 1' in text


def test_a_new_bundle_is_served_without_a_dropped_request(start_gate: Start, known: Known, keys: Keys, content: Content) -> None:
    with start_gate() as gate:
        answers: list[int] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                answers.append(gate.web("anna", known.iphone)[0])

        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        gate.put(keys.seal(without_blocks(content)))
        wait_until(lambda: answers[-1:] == [204], "the new bundle is served")
        done.set()
        for thread in asking:
            thread.join()
        assert set(answers) == {403, 204}, "every request was answered, by the one or by the other"
        assert gate.figure("phaseout_gate_bundle_taken_total") == 2
        digests = {record["bundle"] for record in gate.decisions()}
        assert len(digests) == 2


@pytest.mark.parametrize("code", ["PO502", "PO503", "PO504", "PO505", "PO506", "PO508", "PO509"])
def test_a_bad_bundle_is_refused_and_the_good_one_served_on(
    start_gate: Start, known: Known, keys: Keys, content: Content, code: str, tmp_path: Path
) -> None:
    good = keys.seal(replace(content, made_at=datetime(2020, 10, 3, tzinfo=UTC)))
    make_keys(tmp_path / "other")
    bad = {
        "PO502": b"nonsense",
        "PO503": good[:18] + bytes(96) + good[114:],
        "PO504": seal(content, signing_key(tmp_path / "other")),
        "PO505": good[:-1],
        "PO506": keys.seal(replace(content, made_at=datetime(2019, 1, 1, tzinfo=UTC))),
        "PO508": keys.seal(replace(content, made_at=datetime(2020, 10, 4, tzinfo=UTC), expires=datetime(2021, 1, 1, tzinfo=UTC))),
        "PO509": keys.seal(replace(content, made_at=datetime.now(UTC) + timedelta(days=300))),
    }[code]
    with start_gate() as gate:
        gate.put(bad)
        wait_until(lambda: gate.figure(f'phaseout_gate_bundle_refused_total{{code="{code}"}}') > 0, "it is refused")
        assert gate.web("anna", known.iphone)[0] == 403
        assert gate.ask("/readyz")[0] == 200
        assert code in gate.said()
        gate.put(good)
        wait_until(lambda: gate.figure("phaseout_gate_bundle_taken_total") == 2, "the next good one is taken")


def test_a_bundle_whose_rights_are_mended_is_looked_at_again(start_gate: Start) -> None:
    with start_gate() as gate:
        gate.put(b"nonsense")
        refused = 'phaseout_gate_bundle_refused_total{code="PO502"}'
        wait_until(lambda: gate.figure(refused) == 1, "it is refused")
        gate.bundle.chmod(0o640)
        wait_until(lambda: gate.figure(refused) == 2, "it is looked at again")
        gate.process.send_signal(signal.SIGHUP)
        wait_until(lambda: gate.figure(refused) == 3, "SIGHUP asks for it, too")
        assert gate.ask("/readyz")[0] == 200


def test_a_vanished_bundle_changes_nothing(start_gate: Start, known: Known) -> None:
    with start_gate() as gate:
        assert gate.figure("phaseout_gate_bundle_file_present") == 1
        gate.bundle.unlink()
        wait_until(lambda: gate.figure("phaseout_gate_bundle_file_present") == 0, "it is missed")
        assert gate.web("anna", known.iphone)[0] == 403
        assert gate.said().count("The bundle's file") == 1


def test_a_pipe_in_the_bundle_s_place_holds_nothing_up(start_gate: Start, known: Known) -> None:
    with start_gate() as gate:
        os.mkfifo(gate.folder / "pipe")
        (gate.folder / "pipe").replace(gate.bundle)
        wait_until(lambda: "PO501" in gate.said(), "the pipe is refused")
        assert "it is no regular file" in gate.said()
        assert gate.web("anna", known.iphone)[0] == 403
        gate.process.send_signal(signal.SIGTERM)
        assert gate.process.wait(10) == 0


def test_without_a_bundle_there_is_no_opinion(start_gate: Start, known: Known, keys: Keys, content: Content) -> None:
    with start_gate(data=b"damaged", wait="/healthz") as gate:
        assert gate.ask("/readyz")[0] == 503
        assert gate.web("anna", known.iphone)[0] == 503
        assert gate.ask("/dovecot?command=allow", body=b'{"login":"boris","protocol":"imap"}')[0] == 503
        assert gate.figure("phaseout_gate_no_opinion_total") == 2
        assert gate.log.read_bytes() == b""
        gate.put(keys.seal(content))
        wait_until(lambda: gate.ask("/readyz")[0] == 200, "it serves the good one")


def test_a_bundle_that_expires_gives_no_opinion_any_more(start_gate: Start, known: Known, keys: Keys, content: Content) -> None:
    def taken_or_refused() -> float:
        return gate.figure("phaseout_gate_bundle_taken_total") + gate.figure("phaseout_gate_bundle_refused_total")

    with start_gate() as gate:
        assert gate.web("anna", known.iphone)[0] == 403
        for seconds in (3, 9, 18):  # a machine that does much else may take it too late, and refuse it
            looks = taken_or_refused()
            soon = datetime.now(UTC) + timedelta(seconds=seconds)
            gate.put(keys.seal(replace(content, made_at=datetime(2020, 10, 4, tzinfo=UTC), expires=soon)))
            wait_until(lambda: taken_or_refused() > looks, "it is looked at")  # noqa: B023 - called at once
            if gate.figure("phaseout_gate_bundle_taken_total") == 2:
                break
        wait_until(lambda: gate.web("anna", known.iphone)[0] == 503, "it expires")
        wait_until(lambda: "The bundle that is served has expired" in gate.said(), "it says so")
        assert gate.figure("phaseout_gate_bundle_expired") == 1
        assert gate.ask("/readyz")[2] == b"bundle expired\n"


def test_sighup_opens_the_log_anew(start_gate: Start, known: Known) -> None:
    with start_gate() as gate:
        gate.web("anna", known.iphone)
        gate.log.rename(gate.folder / "old.jsonl")
        gate.process.send_signal(signal.SIGHUP)
        wait_until(gate.log.exists, "the log is there again")
        gate.web("anna", known.iphone)
        wait_until(lambda: len(gate.decisions()) == 1, "the new one is written")
        assert len((gate.folder / "old.jsonl").read_text("utf-8").splitlines()) == 1


@pytest.mark.parametrize(("choice", "status"), [("answer", 403), ("no-opinion", 503)])
def test_a_full_disk_stops_what_the_operator_says(start_gate: Start, known: Known, choice: str, status: int) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with start_gate(f'without_log = "{choice}"\n') as gate:
        gate.log.unlink()
        gate.log.symlink_to(full)
        gate.process.send_signal(signal.SIGHUP)

        def fails() -> bool:
            with suppress(ConnectionError, HTTPException):  # it hangs up rather than answer what it can't write down
                gate.web("anna", known.iphone)
            return bool(gate.figure("phaseout_gate_log_failures_total"))

        wait_until(fails, "it fails")
        assert gate.web("anna", known.iphone)[0] == status
        gate.log.unlink()
        gate.process.send_signal(signal.SIGHUP)
        wait_until(lambda: gate.log.exists() and len(gate.decisions()) > 0, "what waited is written")
        assert gate.web("anna", known.iphone)[0] == 403


def test_a_killed_gate_never_answers_half(start_gate: Start, known: Known) -> None:
    head = f"GET /nginx/webmail HTTP/1.1\r\nX-User: anna\r\nX-Original-URI: /\r\nUser-Agent: {known.iphone}\r\n\r\n".encode()
    with start_gate() as gate, socket.create_connection(("127.0.0.1", gate.port), timeout=20) as wire:
        wire.sendall(head)
        whole = wire.recv(65536)
        wire.sendall(head[:-2])
        gate.process.kill()
        gate.process.wait()
        try:
            rest = wire.recv(65536)
        except ConnectionResetError:
            rest = b""
    assert whole.startswith(b"HTTP/1.1 403 ")
    assert rest == b""
    assert len(gate.decisions()) == 1, "what was answered was written down"


def test_sigterm_ends_it_in_order(start_gate: Start, known: Known) -> None:
    head = f"GET /nginx/webmail HTTP/1.1\r\nX-User: anna\r\nX-Original-URI: /\r\nUser-Agent: {known.iphone}\r\n".encode()
    with start_gate() as gate, socket.create_connection(("127.0.0.1", gate.port), timeout=20) as wire:
        wire.sendall(head)
        time.sleep(0.2)
        gate.process.terminate()
        time.sleep(0.3)
        wire.sendall(b"\r\n")
        said = wire.recv(65536)
        assert gate.process.wait(20) == 0
    assert said.startswith(b"HTTP/1.1 403 ")
    assert b"Connection: close" in said
    assert len(gate.decisions()) == 1


def test_two_gates_behind_one_address_take_over_from_each_other(start_gate: Start, known: Known, tmp_path: Path) -> None:
    with ExitStack() as gates:
        one = gates.enter_context(start_gate("reuse_port = true\n", folder=tmp_path / "one"))
        two = gates.enter_context(start_gate("reuse_port = true\n", folder=tmp_path / "two", port=one.port))
        both = [one.log, two.log]
        wait_until(
            lambda: one.web("anna", known.iphone)[0] == 403 and all(log.exists() and log.read_bytes() for log in both),
            "both answer",
        )
        one.process.kill()
        one.process.wait()
        before = len(two.decisions())
        for _ in range(10):
            assert two.web("anna", known.iphone)[0] == 403
        assert len(two.decisions()) == before + 10


def test_a_gate_without_a_bundle_takes_no_share_of_what_another_can_answer(
    start_gate: Start, known: Known, keys: Keys, content: Content, tmp_path: Path
) -> None:
    with start_gate("reuse_port = true\n", folder=tmp_path / "one") as one:
        command = [
            *COMMAND, "--bundle", tmp_path / "none.bundle", "--trust", keys.public, "--listen", f"127.0.0.1:{one.port}",
            "--decision-log", tmp_path / "two.jsonl", "--config", tmp_path / "two.toml",
        ]  # fmt: skip
        (tmp_path / "two.toml").write_text("reuse_port = true\n")
        said = tmp_path / "two.said"
        with running(command, said, lambda: "Not listening until there is a bundle" in said.read_text()):
            assert {one.web("anna", known.iphone)[0] for _ in range(40)} == {403}
            (tmp_path / "none.bundle").write_bytes(keys.seal(content))
            wait_until(lambda: "Listening at" in said.read_text(), "it has one")
            assert {one.web("anna", known.iphone)[0] for _ in range(40)} == {403}


def test_a_taken_port_is_told(start_gate: Start, known: Known, tmp_path: Path) -> None:
    assert known
    with start_gate() as gate:
        place = ("--listen", f"127.0.0.1:{gate.port}")
        command = [*COMMAND, "--bundle", gate.bundle, *place, "--decision-log", tmp_path / "other.jsonl"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"127.0.0.1:{gate.port} PO530 It can't be listened at: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_unix_socket(keys: Keys, content: Content, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(keys.seal(content))
    place = tmp_path / "gate.sock"
    command = [
        *COMMAND, "--bundle", tmp_path / "b", "--trust", keys.public, "--listen", f"unix:{place}",
        "--decision-log", tmp_path / "d.jsonl",
    ]  # fmt: skip
    with running(command, tmp_path / "said", place.exists), socket.socket(socket.AF_UNIX) as wire:
        wire.connect(str(place))
        wire.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert place.stat().st_mode & 0o007 == 0
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        assert second.returncode == 1
        assert f"unix:{place} PO530 It can't be listened at: Address already in use." in second.stderr
        with socket.socket(socket.AF_UNIX) as again:
            again.connect(str(place))
    with running(command, tmp_path / "said", lambda: "Listening" in (tmp_path / "said").read_text()):
        assert place.exists(), "what a gate left behind is no reason not to start"


LATER = (
    "ua_parser", "ua_parser_rs", "phaseout.devices.agents", "phaseout.devices.clues", "phaseout.devices.ua_rules",
    "cryptography.x509", "cryptography.hazmat.primitives.serialization", "phaseout.gate.certificate", "phaseout.gate.openapi",
    "phaseout.gate.lookup", "phaseout.gate.replay",
)  # fmt: skip
"""Tables of devices, which are read while it listens already, and what only other commands or settings need."""


def test_it_listens_before_it_loads_what_can_wait(keys: Keys, content: Content, tmp_path: Path) -> None:
    """How long that takes is measured by bench/gate.py."""
    (tmp_path / "b").write_bytes(keys.seal(content))
    script = (
        "import gc, os, sys, phaseout.gate.server as server; listen = server._listen\n"
        "async def seen(*all, **named):\n"
        "    found = await listen(*all, **named); print(gc.isenabled(), *sys.modules); os._exit(0)\n"
        "server._listen = seen\n"
        "from phaseout.cli import main; main()"
    )
    command = [
        sys.executable, "-c", script, "gate", "--bundle", tmp_path / "b", "--trust", keys.public, "--listen", "127.0.0.1:0",
        "--decision-log", tmp_path / "d.jsonl",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    collects, *loaded = done.stdout.split()
    assert "phaseout.gate.answering" in loaded
    assert sorted(name for name in loaded if name.startswith(tuple(f"{each}." for each in LATER)) or name in LATER) == []
    assert collects == "False", "what is loaded stays, and is not looked through for garbage meanwhile"


def test_garbage_and_floods_over_the_network(start_gate: Start, known: Known) -> None:
    with start_gate("[limits]\nseconds = 1.0\n") as gate:
        for garbage in (
            b"\x16\x03\x01\x00",
            b"x" * 200_000,
            b"GET / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 99_999,
        ):
            with socket.create_connection(("127.0.0.1", gate.port), timeout=20) as wire:
                try:
                    wire.sendall(garbage)
                    assert re.match(rb"HTTP/1\.1 4\d\d ", wire.recv(4096))
                except (ConnectionResetError, BrokenPipeError):
                    continue
        with socket.create_connection(("127.0.0.1", gate.port), timeout=20) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\n")
            assert slow.recv(4096).startswith(b"HTTP/1.1 408 ")
        assert gate.web("anna", known.iphone)[0] == 403
        assert gate.process.poll() is None
