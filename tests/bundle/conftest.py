"""What the tests of bundles begin from: a content with every sort of value, and two pairs of keys."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from phaseout.bundle.content import Content, MadeFrom
from phaseout.bundle.keys import make_keys
from phaseout.model.directive import (
    Amendment,
    Clause,
    DeviceClass,
    Directive,
    Maker,
    Replacement,
    Scope,
    Source,
    SourceStatus,
    Stage,
    StageKind,
    Strength,
    Waiver,
    WaiverCategory,
)
from phaseout.model.person import Person
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, VersionRange

DAY = datetime(2026, 10, 1, tzinfo=UTC)
APPLE = Is(maker=frozenset({"apple", "beats"}), platform=frozenset({"ios", "ipados"}))
OLD = Is(version=VersionRange(below=(16,)), model=("iphone1?,*",), form_factor=frozenset({"phone"}), app=frozenset({"mail"}))


@pytest.fixture(scope="session")
def content() -> Content:
    scope = Scope(units=(("Ministry", "Finance"),), roles=frozenset({"head", "clerk"}), people=frozenset({"7"}))
    clause = Clause(
        "1", Strength.MUST, Scope(everyone=True, but_not=scope), ("old",), ("mail",), DAY, DAY, "Verbatim.",
        ends=DAY.replace(year=2030),
        stages=(Stage("*", StageKind.BLOCK, DAY),), replacements=("android",), sources=("o",), personal_use_allowed=True,
    )  # fmt: skip
    directive = Directive(
        "order-1", "An order", "Example Ministry", "1.0", "Europe/Moscow", (clause,),
        {"old": DeviceClass("old", "old phones", AllOf((AnyOf((APPLE, OLD)), Not(OLD))))}, date(2026, 9, 1), "Summary.", "Why.",
        (Source("o", "Order", "Ministry", SourceStatus.OFFICIAL, date(2026, 9, 1)),),
        (Amendment("1.0", date(2026, 9, 2), "New."),),
        {"apple": Maker("apple", "Apple", ("Beats",))}, {"android": Replacement("android", "An Android phone", ("android",))},
        {"travel": WaiverCategory("travel", "Travel", ("minister",), 30)},
    )  # fmt: skip
    people = (
        Person("7", "", ("anna@example.org", "CORP\\anna"), ("Ministry", "Finance"), frozenset({"head"})),
        Person("8", "", ("boris@example.org",), ("Ministry",)),
        Person("9", "", ("vera@example.org",), ("Ministry", "Finance"), frozenset({"head", "clerk"})),
    )
    waiver = Waiver("w1", "1", "travel", "On mission.", "minister", DAY, DAY.replace(month=11), person="7")
    return Content(DAY, "0.1.0", (MadeFrom("directive", "order.yaml", "00"),), directive, people, (waiver,))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in ("ours", "theirs"):
        make_keys(folder / name)
    return folder / "ours", folder / "theirs"
