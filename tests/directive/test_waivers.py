"""Waivers: what is granted comes through as granted, and nothing else comes through."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from phaseout.directive.load import load
from phaseout.directive.shipped import example_text
from phaseout.directive.waivers import check_waivers, load_waivers
from phaseout.model.directive import Waiver
from phaseout.model.fault import FaultsError

ORDER = load(example_text("minimum-versions"), "order.yaml")
GOOD = {
    "id": "W-1",
    "person": "anna",
    "clause": '"1"',
    "category": "field-work",
    "reason": "The app.",
    "granted_by": "Head-of-IT",
    "from": "2027-04-19",
    "until": "2027-07-17",
}


def written(*waivers: dict[str, str]) -> str:
    return "waivers:\n" + "".join(
        "  - " + "\n    ".join(f"{key}: {value}" for key, value in one.items()) + "\n" for one in waivers
    )


def codes(*waivers: dict[str, str]) -> list[str]:
    return [fault.code for fault in check_waivers(written(*waivers), "waivers.yaml", ORDER)]


def test_a_waiver_lasts_from_the_first_day_to_the_end_of_the_last_in_the_orders_time_zone() -> None:
    assert load_waivers(written(GOOD), "waivers.yaml", ORDER) == (
        Waiver(
            id="W-1",
            clause="1",
            category="field-work",
            reason="The app.",
            granted_by="Head-of-IT",
            starts=datetime(2027, 4, 18, 22, tzinfo=UTC),
            ends=datetime(2027, 7, 17, 22, tzinfo=UTC),
            person="anna",
        ),
    )


def test_the_longest_waiver_has_exactly_as_many_days_as_allowed() -> None:
    assert codes(GOOD) == []
    assert codes(GOOD | {"until": "2027-07-18"}) == ["PO205"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"person": '"*"'}, "PO201"),
        ({"person": "Everyone"}, "PO201"),
        ({"clause": '"*"'}, "PO201"),
        ({"clause": "all"}, "PO201"),
        ({"role": "inspector"}, "PO202"),
        ({"clause": "9"}, "PO203"),
        ({"category": "field"}, "PO204"),
        ({"granted_by": "anna"}, "PO206"),
        ({"until": "2027-04-18"}, "PO207"),
        ({"from": "2026-04-19", "until": "2026-04-20"}, "PO212"),
        ({"units": "Example Ministry"}, "PO120"),
        ({"until": "never"}, "PO104"),
        ({"reason": ""}, "PO116"),
    ],
)
def test_what_may_not_be_granted_is_told(change: dict[str, str], code: str) -> None:
    assert codes(GOOD | change) == [code]


def test_a_waiver_for_nobody_is_one_for_everybody() -> None:
    assert codes({key: value for key, value in GOOD.items() if key != "person"}) == ["PO201"]


def test_every_waiver_with_a_fault_is_told_at_once() -> None:
    bad = [GOOD | {"id": "W-2", "until": "x"}, GOOD | {"id": "W-3", "granted_by": "x"}, GOOD | {"id": "W-3", "role": "x"}]
    with pytest.raises(FaultsError) as caught:
        load_waivers(written(*bad), "waivers.yaml", ORDER)
    assert {fault.code for fault in caught.value.faults} == {"PO104", "PO206", "PO208", "PO202"}


@pytest.mark.parametrize("key", ["reason", "from", "until", "granted_by", "category", "clause"])
def test_a_wrong_value_hides_no_other_fault_of_its_waiver(key: str) -> None:
    wrong = {"category": "x", "granted_by": "x", "clause": "x", "from": "2027-03-01", "until": "2027-01-01", "reason": "x"}
    told = {"category": {"PO204"}, "clause": {"PO203"}, "reason": set()}.get(key, set())
    alone = set(codes(GOOD | wrong))
    assert alone == {"PO203", "PO204", "PO207"}
    assert set(codes(GOOD | wrong | {key: ""})) == {"PO116"} | (alone - told - ({"PO207"} if key in {"from", "until"} else set()))


def test_waivers_in_a_row_are_counted_together() -> None:
    first = GOOD | {"until": "2027-06-01"}
    assert codes(first, first | {"id": "W-2", "from": "2027-06-02", "until": "2027-07-17"}) == []
    assert codes(first, first | {"id": "W-2", "from": "2027-06-02", "until": "2027-07-18"}) == ["PO211"]
    assert codes(first, first | {"id": "W-2", "from": "2027-06-03", "until": "2027-07-30"}) == []
    assert codes(first, first | {"id": "W-2", "person": "boris", "from": "2027-06-02", "until": "2027-07-30"}) == []


def test_a_directive_without_categories_allows_no_waiver() -> None:
    order = load(example_text("section-889"), "order.yaml")
    faults = check_waivers(written(GOOD | {"clause": "makers"}), "waivers.yaml", order)
    assert [fault.code for fault in faults] == ["PO204"]
    assert "no waivers" in faults[0].way_out


def test_there_may_be_no_waivers_but_that_must_be_said() -> None:
    assert load_waivers("waivers: []\n", "waivers.yaml", ORDER) == ()
    assert [fault.code for fault in check_waivers("waivers:\n", "waivers.yaml", ORDER)] == ["PO116"]
    assert [fault.code for fault in check_waivers("{}", "waivers.yaml", ORDER)] == ["PO121"]
