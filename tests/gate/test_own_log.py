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


def test_a_traceback_begins_no_line_of_the_log() -> None:
    try:
        raise ValueError("x\nINFO Ended.\x1b[2J")  # noqa: EM101, TRY003, TRY301 - a caller's words
    except ValueError:
        record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "It broke\r\nat %s.", ("\0",), sys.exc_info())
    first, *others = OneLine("%(levelname)s %(message)s").format(record).splitlines()
    assert first == "ERROR It broke at ."
    assert all(line.startswith("  ") and line.isprintable() for line in others)
