"""Chromium, driven through chromedriver by the few requests of the WebDriver protocol that these tests need."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from programs import LONGEST, free_port, program, running

PHONE = {"width": 390, "height": 844, "pixelRatio": 2, "mobile": True, "touch": True}
DESK = {"width": 1200, "height": 900, "pixelRatio": 1, "mobile": False, "touch": False}

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key that the protocol gives elements' names under."""

_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


@dataclass(frozen=True)
class Browser:
    """One window with a profile of its own."""

    port: int
    session: str

    def go(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def url(self) -> str:
        return str(self._ask("GET", "/url"))

    def run(self, script: str, *given: object) -> Any:  # noqa: ANN401 - whatever the script returns
        return self._ask("POST", "/execute/sync", {"script": script, "args": given})

    def text(self) -> str:
        """Return what is to be seen of the page, its white space made one."""
        return " ".join(str(self.run("return document.body ? document.body.innerText : ''")).split())

    def type(self, selector: str, text: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def click(self, selector: str) -> None:
        self._ask("POST", f"/element/{self._find(selector)}/click", {})

    def wait(self, holds: Callable[[], object], what: str) -> None:
        end = time.monotonic() + LONGEST
        while not holds():
            assert time.monotonic() < end, f"Waited in vain until {what}: {self.url()} {self.status()} {self.text()[:2000]}"
            time.sleep(0.05)

    def status(self) -> int:
        """Return the status with which the page came."""
        return int(self.run("return performance.getEntriesByType('navigation')[0].responseStatus"))

    def scrolls_sideways(self) -> bool:
        return bool(self.run("return document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def smallest_letters(self, selector: str) -> float:
        """Return the size of the smallest letters within an element, in CSS pixels."""
        script = (
            "return Math.min(...[document.querySelector(arguments[0]), ...document.querySelectorAll(arguments[0] + ' *')]"
            ".filter(one => one.innerText).map(one => parseFloat(getComputedStyle(one).fontSize)))"
        )
        return float(self.run(script, selector))

    def has(self, selector: str) -> bool:
        return bool(self.run("return document.querySelector(arguments[0]) !== null", selector))

    def _find(self, selector: str) -> str:
        self.wait(lambda: self.has(selector), f"there is {selector}")
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - as the protocol has it
        return ask(self.port, method, f"/session/{self.session}{path}", body)


def ask(port: int, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - as the protocol has it
    """Send chromedriver a command and return its value."""
    connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST * 2)
    try:
        told = None if body is None else json.dumps(body)
        connection.request(method, path, told, {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
    finally:
        connection.close()
    assert not (isinstance(value, dict) and "error" in value), value
    return value


@contextmanager
def window(port: int, folder: Path, agent: str, language: str, screen: dict[str, object]) -> Iterator[Browser]:
    """Open a window until the block ends.

    Args:
        port: chromedriver's.
        folder: an empty one for the profile.
        agent: the user agent that it sends.
        language: that it asks for.
        screen: ``PHONE`` or ``DESK``.
    """
    options = {
        "args": [*_FLAGS, f"--user-data-dir={folder}", f"--accept-lang={language}"],
        "mobileEmulation": {"deviceMetrics": screen, "userAgent": agent},
    }
    wanted = {"browserName": "chrome", "goog:chromeOptions": options}
    session = ask(port, "POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
    try:
        yield Browser(port, session)
    finally:
        ask(port, "DELETE", f"/session/{session}")


@contextmanager
def driver(said: Path) -> Iterator[int]:
    """Run chromedriver until the block ends, and give its port."""
    program("chromium", "chromium")
    command, port = program("chromedriver", "chromium-driver"), free_port()
    with running([command, f"--port={port}"], said, lambda: _is_ready(port)):
        yield port


def _is_ready(port: int) -> bool:
    try:
        return bool(ask(port, "GET", "/status")["ready"])
    except OSError:
        return False
