"""Servers that the tests of webmail start, each on a free loopback port, and end by their own process ids."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

LONGEST = 30.0
"""Seconds that a server may take to start; the machine may be busy."""


def program(names: str, package: str) -> str:
    """Return where a program is; without it the test is skipped, and fails where nothing may be skipped.

    Args:
        names: one name or several, in the order of preference.
        package: Debian's, which has it.
    """
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    found = next((each for name in names.split() if (each := shutil.which(name, path=places))), None)
    if found is None:
        missing(f"{names} of Debian's package {package} is not installed")
    return str(found)


def missing(why: str) -> None:
    """Skip the test, or fail where nothing may be skipped."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running(command: list[str], port: int, said: Path) -> Iterator[None]:
    """Run a server in the foreground until the block ends.

    Args:
        command: which doesn't send itself to the background.
        port: where it listens once it is ready.
        said: takes what it prints.
    """
    with said.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        end = time.monotonic() + LONGEST
        while process.poll() is None and not answers(port):
            assert time.monotonic() < end, f"{command[0]} does not listen"
            time.sleep(0.02)
        assert process.poll() is None, said.read_text("utf-8", "replace")
        yield
    finally:
        process.terminate()
        try:
            process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def rendered(file: Path, placeholder: str, value: str) -> None:
    """Put a value in a file of deploy/ in the place of what stands there exactly once."""
    text = file.read_text("utf-8")
    assert text.count(placeholder) == 1, f"{file.name} has {placeholder} not once"
    file.write_text(text.replace(placeholder, value), "utf-8")
