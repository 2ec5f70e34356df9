"""What is shipped is right, and says no more than its sources."""

from __future__ import annotations

import re

import pytest

from phaseout.directive.load import check, load
from phaseout.directive.shipped import UnknownExampleError, example_names, example_text
from phaseout.directive.waivers import check_waivers, load_waivers
from phaseout.model.directive import SourceStatus, Strength
from phaseout.model.predicate import Is

ORDERS = [name for name in example_names() if not name.endswith(".waivers")]


def test_what_is_shipped() -> None:
    assert example_names() == (
        "minimum-versions",
        "minimum-versions.waivers",
        "ministry-of-industry-2023",
        "presidential-administration-2023",
        "section-889",
    )
    with pytest.raises(UnknownExampleError, match="minimum-versions"):
        example_text("../load")


@pytest.mark.parametrize("name", ORDERS)
def test_an_example_has_neither_errors_nor_warnings(name: str) -> None:
    assert check(example_text(name), name) == ()
    directive = load(example_text(name), name)
    assert directive.id == name
    assert directive.sources
    assert all(clause.sources for clause in directive.clauses)


def test_the_waivers_belong_to_their_order() -> None:
    directive = load(example_text("minimum-versions"), "order.yaml")
    text = example_text("minimum-versions.waivers")
    assert check_waivers(text, "waivers.yaml", directive) == ()
    assert [waiver.id for waiver in load_waivers(text, "waivers.yaml", directive)] == ["W-1", "W-2"]


def test_the_presidential_administration_is_reported_not_confirmed_and_read_in_three_ways() -> None:
    directive = load(example_text("presidential-administration-2023"), "order.yaml")
    assert {source.status for source in directive.sources} == {SourceStatus.REPORTED, SourceStatus.NOT_CONFIRMED}
    assert [clause.id for clause in directive.judged] == ["iphones", "regions"]
    assert len(directive.clauses) == 4
    assert len(directive.clauses[0].who.units) == 4
    assert directive.clauses[0].replacements == ("android", "chinese", "aurora")
    assert directive.judged[1].strength is Strength.SHOULD


def test_the_ministry_bans_apple_devices_and_leaves_personal_use() -> None:
    directive = load(example_text("ministry-of-industry-2023"), "order.yaml")
    assert directive.classes["apple-devices"].test == Is(maker=frozenset({"apple"}))
    assert directive.clauses[0].services == ("mail",)
    assert directive.clauses[0].personal_use_allowed is True
    assert directive.clauses[0].starts.isoformat() == "2023-07-16T21:00:00+00:00"
    assert {source.status for source in directive.sources} == {SourceStatus.REPORTED, SourceStatus.DENIED}


def test_section_889_names_makers_with_their_companies() -> None:
    test = load(example_text("section-889"), "order.yaml").classes["named-makers"].test
    assert isinstance(test, Is)
    assert {"huawei", "zte"} < test.maker


@pytest.mark.parametrize("name", example_names())
def test_people_and_addresses_are_invented(name: str) -> None:
    addresses = re.findall(r"[\w.]+@([\w.]+)|https?://([\w.]+)", example_text(name))
    assert {host for pair in addresses for host in pair if host} <= {"example.org"}
