"""Real programs that tests start: found or missed, each on free loopback ports, and ended by its own process id."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
"""The folder of the whole repository."""

LONGEST = 30.0
"""Seconds that a server may take to start, to answer or to end; the machine may be busy."""

TOLD = 3000
"""Characters of a server's last words that are shown when it does not start."""


def missing(why: str) -> NoReturn:
    """Skip the test with the reason, or fail where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def program(names: str, package: str) -> str:
    """Return where a program is; without it the test is skipped, and fails where nothing may be skipped.

    Args:
        names: one name or several, in the order of preference.
        package: Debian's, which has it.
    """
    # PostgreSQL's are in a folder of their own version, of which the newest counts.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    places = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", *map(str, versions[-1:])])
    found = next((each for name in names.split() if (each := shutil.which(name, path=places))), None)
    return found or missing(f"{names} of Debian's package {package} is not installed")


PORTS = range(11_000, 32_000)
"""Below those that Linux itself gives to connections (net.ipv4.ip_local_port_range begins at 32768)."""

_next_port = itertools.count(os.getpid() * 1009)
"""Each process has a stretch of its own, so that tests that run side by side never wait for each other's servers."""


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that was not given before."""
    for number in itertools.islice(_next_port, len(PORTS)):
        port = PORTS[number % len(PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.fail(f"No loopback port from {PORTS.start} to {PORTS.stop - 1} is free.")


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds, or fail."""
    if not _comes_true(holds):
        pytest.fail(f"Waited {LONGEST:.0f} s in vain until {what}.")


def _comes_true(holds: Callable[[], object]) -> bool:
    end = time.monotonic() + LONGEST
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder until the block ends that every account can enter, with a name short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="phaseout-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def running(
    command: Sequence[str | Path], said: Path, ready: int | Callable[[], object], *, user: str = "",
    env: Mapping[str, str] | None = None, cwd: Path | None = None, ends: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:  # fmt: skip
    """Run a server in the foreground until the block ends, and give its process.

    Args:
        command: which doesn't send itself to the background.
        said: takes what it prints; the end of it is shown when the server does not start.
        ready: the port where it listens once it is ready, or what says whether it is.
        user: the account that it runs as; else that of who starts it.
        env: variables beside those that it inherits.
        cwd: the folder that it works in.
        ends: the signal that ends it; where it does not, it is killed with its children, as ``SIGKILL`` does at once.
    """
    if isinstance(ready, int) and listens(ready):
        pytest.fail(f"Somebody else listens on port {ready}, where {command[0]} should.")
    account: dict[str, Any] = {}
    if user:
        account = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    with said.open("wb") as out:
        server = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, **(env or {})}, cwd=cwd, start_new_session=True, **account
        )
    try:
        _await_start(server, Path(command[0]).name, said, (lambda: listens(ready)) if isinstance(ready, int) else ready)
        yield server
    finally:
        _end(server, ends)


def _await_start(server: subprocess.Popen[bytes], name: str, said: Path, ready: Callable[[], object]) -> None:
    came = _comes_true(lambda: server.poll() is not None or ready())
    if server.poll() is not None or not came:
        why = f"is not ready after {LONGEST:.0f} s" if server.poll() is None else f"ended with {server.returncode}"
        pytest.fail(f"{name} {why}:\n{said.read_text('utf-8', 'replace')[-TOLD:]}")


def _end(server: subprocess.Popen[bytes], ends: signal.Signals) -> None:
    if server.poll() is None and ends is not signal.SIGKILL:
        server.send_signal(ends)
        with suppress(subprocess.TimeoutExpired):
            server.wait(LONGEST)
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)  # a session of its own, so that its group is it and its children
        server.wait()


def rendered(file: Path, placeholder: str, value: str, *, times: int = 1) -> None:
    """Put a value in a file of deploy/ in the place of what stands there so many times, neither more nor less."""
    text = file.read_text("utf-8")
    assert text.count(placeholder) == times, f"{file.name} has {placeholder} {text.count(placeholder)} times, not {times}"
    file.write_text(text.replace(placeholder, value), "utf-8")
