"""The gate as a process of its own, and the key that its callers show."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from programs import LONGEST, running

KEY = "0123456789abcdef0123456789abcdef"

COMMAND = (sys.executable, "-c", "from phaseout.cli import main; main()", "gate")


@contextmanager
def running_gate(
    folder: Path, bundle: Path, port: int, *more: str | Path, wait: str = "/readyz"
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a gate until the block ends, and give its process.

    Args:
        folder: has its ``gate.toml``, and takes ``decisions.jsonl`` and, in ``said``, what it prints.
        bundle: that it serves.
        port: where it is asked over HTTP.
        more: arguments.
        wait: the path that answers with 200 once it is ready.
    """
    command = [
        *COMMAND, "--bundle", bundle, "--listen", f"127.0.0.1:{port}", "--decision-log", folder / "decisions.jsonl",
        "--config", folder / "gate.toml", *more,
    ]  # fmt: skip
    with running(command, folder / "said", lambda: _answers(port, wait), env={"TZ": "Asia/Yekaterinburg"}) as process:
        yield process


@contextmanager
def running_relay(
    folder: Path, listen: Sequence[str], gates: Sequence[str], *more: str | Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a relay until the block ends, and give its process.

    Args:
        folder: takes ``kept.db`` and, in ``said``, what it prints.
        listen: where doors ask.
        gates: that it asks.
        more: arguments.
    """
    folder.mkdir(exist_ok=True)
    said = folder / "said"
    places = [word for option, each in (("--listen", listen), ("--gate", gates)) for place in each for word in (option, place)]
    command = [*COMMAND, "relay", *places, "--kept", folder / "kept.db", *more]
    with running(command, said, lambda: "Listening" in said.read_text("utf-8"), env={"TZ": "Asia/Yekaterinburg"}) as process:
        yield process


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
