"""Tests that no device can pass are told; tests that some can, are not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Changed = Callable[..., str]
Told = Callable[[str], list[tuple[int, int, str]]]

TEST = "{platform: ios, version: {below: 16}}"


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("{all: [{maker: Apple}, {not: {maker: Apple}}]}", "PO153"),
        ("{maker: Apple, not: {maker: apple}}", "PO153"),
        ("{all: [{maker: Apple}, {maker: Samsung}]}", "PO153"),
        ("{all: [{platform: ios}, {not: {platform: [ios, android]}}]}", "PO153"),
        ("{platform: ios, form_factor: desktop}", "PO153"),
        ("{platform: macos, form_factor: [phone, tablet]}", "PO153"),
        ("{platform: ios, maker: Samsung}", "PO153"),
        ("{platform: android, maker: Apple}", "PO153"),
        ("{maker: [Apple, Beats], platform: aurora}", "PO153"),
        ("{model: iPhone 12, platform: android}", "PO153"),
        ("{model: 'iPhone1?,*', form_factor: tablet}", "PO153"),
        ("{maker: Samsung, model: [iPhone*, iPad*]}", "PO153"),
        ("{all: [{model: 'SM-G9*'}, {maker: Apple}]}", "PO153"),
        ("{platform: ios, version: {below: 0}}", "PO154"),
        ("{platform: ios, version: {at_least: 17, below: 17.0}}", "PO154"),
    ],
)
def test_a_class_that_no_device_is_in_is_told(test: str, code: str, changed: Changed, told: Told) -> None:
    assert code in [fault[2] for fault in told(changed((TEST, test)))]


@pytest.mark.parametrize(
    "test",
    [
        "{maker: Apple, not: {model: 'iPhone SE*'}}",
        "{all: [{maker: [Apple, Samsung]}, {not: {maker: Apple}}]}",
        "{platform: [ios, windows], form_factor: desktop}",
        "{model: [iPhone*, 'Galaxy*'], platform: android}",
        "{model: 'iPad*', platform: ios}",
        "{model: '*', platform: android}",
        "{maker: Apple, model: 'MacBook*', platform: windows}",
        "{platform: ios, form_factor: tablet}",
        "{maker: Apple, platform: windows}",
        "{maker: Apple, not: {maker: Apple, platform: macos}}",
        "{any: [{maker: Apple}, {maker: Samsung}]}",
        "{platform: ios, version: {below: 0.1}}",
    ],
)
def test_a_class_that_some_device_is_in_passes(test: str, changed: Changed, told: Told) -> None:
    assert told(changed((TEST, test))) == []


@pytest.mark.parametrize(
    ("services", "door", "codes"), [("mail", "caldav", ["PO176"]), ("calendar", "caldav", []), ("mail", "'*'", [])]
)
def test_a_stage_of_a_door_that_the_services_lack_is_told(
    services: str, door: str, codes: list[str], changed: Changed, told: Told
) -> None:
    stages = f"    from: 2027-01-01\n    stages: [{{door: {door}, do: block, from: 2027-01-01}}]\n"
    text = changed(("    from: 2027-01-01\n", stages), ("services: mail", f"services: {services}"))
    assert [fault[2] for fault in told(text)] == codes


@pytest.mark.parametrize(
    ("maker", "codes"), [("samsng", ["PO145"]), ("Aple", ["PO145"]), ("Samsung", []), ("Vivo", []), ("Yota", []), ("Hytera", [])]
)
def test_a_maker_that_is_almost_a_well_known_one_is_told(maker: str, codes: list[str], changed: Changed, told: Told) -> None:
    assert [fault[2] for fault in told(changed((TEST, f"{{maker: {maker}}}")))] == codes


@pytest.mark.parametrize(
    ("test", "codes"),
    [
        ("{model: 'ipohne 1*'}", {"PO149"}),
        ("{model: 'iPhone1[0-9].*'}", {"PO149"}),
        ("{model: 'iPhone14.2'}", {"PO149"}),
        ("{app: Outlok}", {"PO149"}),
        ("{maker: Apple Inc.}", {"PO145"}),
        ("{maker: 'Samsung Electronics Co., Ltd.'}", {"PO145"}),
        ("{model: ['iPhone1[0-9],*', 'moto g(8)*', 'SM-G99*', 'Redmi Note*', 'Kirin*']}", set()),
        ("{app: [Outlook, Mail, Telegram]}", set()),
        ("{maker: [Apple, Samsung, Blackview]}", set()),
    ],
)
def test_what_no_device_is_called_is_told(test: str, codes: set[str], changed: Changed, told: Told) -> None:
    assert {fault[2] for fault in told(changed((TEST, test)))} & {"PO145", "PO149"} == codes


@pytest.mark.parametrize(
    ("sources", "codes"),
    [
        ("press", ["PO177"]),
        ("[press, talk]", ["PO177"]),
        ("[press, order]", []),
        ("order", []),
        ("[]", ["PO123"]),
        ("[press, nowhere]", ["PO142"]),
    ],
)
def test_a_clause_that_only_denied_sources_state_is_told(sources: str, codes: list[str], changed: Changed, told: Told) -> None:
    names = {"order": "official", "press": "denied", "talk": "denied"}
    given = "".join(f"  - {{id: {name}, title: T, by: B, status: {status}}}\n" for name, status in names.items())
    given = f"sources:\n{given}devices:\n  old"
    text = changed(("devices:\n  old", given), ("from: 2027", f"sources: {sources}\n    from: 2027"))
    assert [fault[2] for fault in told(text)] == codes


def test_a_reading_that_only_denied_sources_state_is_never_judged(changed: Changed, told: Told) -> None:
    reading = "  - {id: other, reading_of: mail, strength: must, who: {everyone: true}, devices: old-phones, services: mail, "
    text = changed(("devices:\n  old", "sources: [{id: press, title: T, by: B, status: denied}]\ndevices:\n  old"))
    assert told(f"{text}{reading}from: 2027-01-01, sources: press}}\n") == []
