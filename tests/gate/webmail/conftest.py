"""What the tests of webmail begin from: a browser, and a Roundcube that asks a gate which each test starts, or does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from programs import short_folder

from .browser import DESK, PHONE, Browser, driver, window
from .stack import Stack, roundcube

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture(scope="module")
def chromedriver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with driver(tmp_path_factory.mktemp("chromedriver") / "said") as port:
        yield port


Window = Callable[[], AbstractContextManager[Browser]]


@pytest.fixture
def phone(chromedriver: int, tmp_path: Path) -> Callable[[str], AbstractContextManager[Browser]]:
    """Return what opens a window as large as a phone, with an iPhone's agent, that asks for a language."""
    return lambda language: window(chromedriver, tmp_path / f"phone-{language}", IPHONE, language, PHONE)


@pytest.fixture
def desk(chromedriver: int, tmp_path: Path) -> Window:
    """Return what opens a window with the agent of Firefox on Linux."""
    return lambda: window(chromedriver, tmp_path / "desk", FIREFOX, "en", DESK)


@pytest.fixture(scope="module")
def running_roundcube() -> Iterator[Stack]:
    with short_folder() as here, roundcube(here) as stack:
        yield stack


@pytest.fixture
def stack(running_roundcube: Stack) -> Stack:
    """Return Roundcube with the plugin's configuration as deploy/ has it."""
    running_roundcube.choose("open")
    return running_roundcube
