"""What the tests of this room begin from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from phaseout.directive.load import check, load
from phaseout.model.directive import Directive

ORDER = """\
id: old-phones
title: No old phones for work mail
issuer: Example Ministry
version: "1.0"
time_zone: Europe/Berlin
devices:
  old-phones:
    title: old phones
    is: {platform: ios, version: {below: 16}}
clauses:
  - id: mail
    strength: must
    who: {everyone: true}
    devices: old-phones
    services: mail
    from: 2027-01-01
"""

Change = tuple[str, str]


def _changed(*changes: Change) -> str:
    text = ORDER
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="session")
def changed() -> Callable[..., str]:
    """Return the order's text with some of it replaced; each old text must stand there once."""
    return _changed


@pytest.fixture(scope="session")
def order() -> Callable[..., Directive]:
    """Return the changed order, read."""
    return lambda *changes: load(_changed(*changes), "order.yaml")


@pytest.fixture(scope="session")
def told() -> Callable[[str], list[tuple[int, int, str]]]:
    """Return the line, column and code of everything that is wrong with a text."""
    return lambda text: [(fault.line, fault.column, fault.code) for fault in check(text, "order.yaml")]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the repository."""
    return Path(__file__).parents[2]
