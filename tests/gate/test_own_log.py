"""The gate's own log: a line for each message, whoever has put words into it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gate import KEY
from phaseout.gate.own_log import OneLine
from phaseout.gate.refused import MOST
from programs import free_port, wait_until

Start = Callable[..., Any]
Known = Any  # what conftest gives


def test_what_dovecot_tells_writes_no_line_of_its_own(start_gate: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "doveadm.key").write_text(KEY, "ascii")
    config = f'[doveadm]\nat = "127.0.0.1:{free_port()}"\nkey = "doveadm.key"\n'
    with start_gate(config) as gate:
        address = "192.0.2.7\r\nINFO Ended.\x1b[2J \x85\u2028all is lost"
        fields = {"user": "boris@example.org", "remote_ip": address, "cmd_name": "ID", "cmd_args": f"({known.iphone_id})"}
        status, _, _ = gate.ask("/dovecot_events", body=json.dumps({"event": "imap_command_finished", "fields": fields}).encode())
        assert status == 200
        wait_until(lambda: "were not ended" in gate.said(), "doveadm was not reached")
        said = "ERROR Sessions of boris@example.org at 192.0.2.7 INFO Ended. [2J all is lost were not ended: "
        assert gate.said().splitlines()[-1].startswith(said)


WRONG_DOORS = (
    ("/nginx/webmial", {"X-Original-URI": "/mail/"}, 'nginx asks is not decided: no such door "webmial". '),
    ("/nginx/webmial", {"X-Original-URI": "/mail/"}, ""),
    ("/nginx/", {"X-Original-URI": "/mail/"}, 'nginx asks is not decided: no such door "". '),
    ("/nginx/webmail/chess", {"X-Original-URI": "/mail/"}, 'nginx asks is not decided: no such door "webmail/chess". '),
    ("/traefik/x%0d%0aINFO", {"X-Forwarded-Uri": "/mail/"}, 'traefik asks is not decided: no such door "x%0d%0aINFO". '),
    ("/envoy/mail/", {}, 'envoy asks is not decided: no such door "". '),
    ("/envoy/mail/", {"X-Phaseout-Door": "-"}, 'envoy asks is not decided: no such door "-". '),
    ("/nginx/webmail", {}, "nginx asks is not decided: no original target. "),
)


def test_a_door_that_is_mistyped_or_forgotten_is_told_once(start_gate: Start) -> None:
    with start_gate() as gate:
        for path, headers, said in WRONG_DOORS:
            before = len(gate.said())
            assert gate.ask(path, headers)[0] == 400
            line = gate.said()[before:]
            assert line.startswith(f"WARNING What {said}") if said else not line
            assert line.count("\n") == bool(said)
    told = gate.said()
    assert "Set $phaseout_door to one of activesync, webmail, ews, mapi, rest, caldav, carddav, or " in told
    assert "Set the route's metadata (phaseout: door) to one of activesync, " in told
    assert "Set the door in forwardAuth's address to one of activesync, " in told


def test_who_may_ask_fills_no_log(start_gate: Start) -> None:
    with start_gate() as gate:
        for number in range(3 * MOST):
            gate.ask(f"/nginx/{number}{'x' * 9999}")
        assert gate.figure('phaseout_gate_refused_requests_total{reason="no such door"}') == 3 * MOST
    lines = [line for line in gate.said().splitlines() if "no such door" in line]
    assert len(lines) == MOST
    assert max(map(len, lines)) < 400


def test_a_wrong_key_is_told_once_and_never_written(start_gate: Start, tmp_path: Path) -> None:
    (tmp_path / "nginx.key").write_text(KEY, "ascii")
    with start_gate('[callers.nginx]\nkeys = ["nginx.key"]\n') as gate:
        for key in ("another-key-0123456789", "another-key-0123456789", ""):
            assert gate.web("anna", "x", **{"X-API-Key": key})[0] == 500
    (line,) = (line for line in gate.said().splitlines() if "wrong key" in line)
    assert line.startswith("WARNING What nginx asks is not decided: wrong key. ")
    assert "callers.nginx.keys" in line
    assert "another-key" not in line


def test_a_traceback_begins_no_line_of_the_log() -> None:
    try:
        raise ValueError("x\nINFO Ended.\x1b[2J")  # noqa: EM101, TRY003, TRY301 - a caller's words
    except ValueError:
        record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "It broke\r\nat %s.", ("\0",), sys.exc_info())
    first, *others = OneLine("%(levelname)s %(message)s").format(record).splitlines()
    assert first == "ERROR It broke at ."
    assert all(line.startswith("  ") and line.isprintable() for line in others)
