"""A directive in sentences: true ones, that a manager can sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from phaseout.directive.load import load
from phaseout.directive.page import page
from phaseout.directive.shipped import example_names, example_text
from phaseout.directive.waivers import load_waivers
from phaseout.directive.words import CalendarRow, sentences
from phaseout.model.directive import Directive, Strength

Order = Callable[..., Directive]
FROM = "    from: 2027-01-01\n"
WHO = "{everyone: true}"


def said(directive: Directive) -> str:
    return " ".join(sentences(directive).clauses[0].sentences)


def test_the_sentence_that_a_manager_signs() -> None:
    words = sentences(load(example_text("ministry-of-industry-2023"), "order.yaml"))
    who = "staff of Ministry of Industry and Trade and the units below it"
    signed = f"From 17 July 2023, {who} may not open work mail on Apple devices."
    assert words.clauses[0].sentences == (signed, "Personal use stays allowed.")
    assert "reported by Financial Times, OCCRP and A deputy head" in words.paragraphs[-1]
    assert "denied by Apple" in words.paragraphs[-1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([], "From 1 January 2027, all staff may not open work mail on old phones. No source is named for this clause."),
        (
            [(FROM, FROM + "    deadline: 2027-03-01\n")],
            "From 1 March 2027, all staff may not open work mail on old phones. Until then, from 1 January 2027, they are",
        ),
        (
            [("strength: must", "strength: should"), (FROM, FROM + "    until: 2027-02-28\n")],
            "From 1 January 2027 until 28 February 2027, that day included, all staff are advised not to open",
        ),
        ([("strength: must", "strength: may")], "From 1 January 2027, all staff may open work mail on old phones."),
        (
            [("services: mail", "services: [mail, calendar]"), (FROM, FROM + "    actions: [use, attempt]\n")],
            "may not use work mail or work calendars on old phones. What counts as use: reading, writing or synchronising or",
        ),
        ([("services: mail", "services: '*'")], "all staff may not use any work service on old phones."),
        (
            [(WHO, "{units: [A / B, A / C], roles: [x, y], people: anna, but_not: {people: boris}}")],
            "staff of A (B; C) and the units below them, those with the roles x or y, and anna, except boris, may not",
        ),
        ([(FROM, FROM + "    personal_use_allowed: false\n")], "Personal use is not allowed either."),
        (
            [(FROM, FROM + "    deadline: 2027-03-01\n    until: 2027-02-01\n")],
            "From 1 January 2027 until 1 February 2027, that day included, all staff are advised not to open",
        ),
    ],
)
def test_what_a_clause_says(order: Order, changes: list[tuple[str, str]], sentence: str) -> None:
    assert sentence in said(order(*changes))


def test_the_calendar_is_in_order_and_names_every_dated_thing() -> None:
    order = load(example_text("minimum-versions"), "order.yaml")
    waivers = load_waivers(example_text("minimum-versions.waivers"), "waivers.yaml", order)
    rows = sentences(order, waivers).calendar
    assert list(rows) == sorted(rows, key=lambda row: row.on)
    assert rows[0] == CalendarRow(date(2027, 1, 11), "The order is given.")
    assert CalendarRow(date(2027, 4, 19), "Deadline of clause 1: from this day, use is a violation.", "1") in rows
    assert CalendarRow(date(2027, 5, 3), "Clause 1: ActiveSync refuses such devices.", "1") in rows
    assert CalendarRow(date(2027, 6, 30), "Last day of waiver W-1 for anna.berg@example.org.", "1") in rows
    assert len(rows) == 2 + 2 + 6 + 4


def test_other_readings_stand_beside_the_clause_that_is_judged() -> None:
    words = sentences(load(example_text("presidential-administration-2023"), "order.yaml"))
    assert [clause.id for clause in words.clauses] == ["iphones", "regions"]
    assert [reading.sources for reading in words.clauses[0].readings] == [("gizmodo",), ("spokesman",)]
    assert {row.clause for row in words.calendar} == {"iphones", "regions"}


def test_what_a_class_means_names_makers_by_their_trade_names() -> None:
    devices = sentences(load(example_text("section-889"), "order.yaml")).devices
    both = "Huawei (with its brands and affiliates) or ZTE (with its brands and affiliates)"
    assert devices == (f"devices of Huawei and ZTE: devices made by {both}.",)


def test_names_are_as_the_order_writes_them(order: Order) -> None:
    test = "{any: [{form_factor: phone, maker: HTC, model: ['Desire 1? Pro*', 2PQ*]}, {app: Outlook}]}"
    devices = sentences(order(("{platform: ios, version: {below: 16}}", test))).devices
    told = "phones made by HTC of the model Desire 1? Pro* or 2PQ*; or devices through the program Outlook"
    assert devices == (f"old phones: {told}.",)


def test_and_and_or_do_not_run_together(order: Order) -> None:
    test = "{maker: Apple, any: [{platform: ios, form_factor: phone}, {platform: macos}], not: {app: Outlook}}"
    directive = order(("{platform: ios, version: {below: 16}}", test))
    parts = (
        "devices made by Apple",
        "(phones running iOS; or devices running macOS)",
        "not (devices through the program Outlook)",
    )
    assert sentences(directive).devices == (f"old phones: {', and '.join(parts)}.",)


@pytest.mark.parametrize("name", [name for name in example_names() if not name.endswith(".waivers")])
@pytest.mark.parametrize("width", [40, 100])
def test_the_page_holds_every_word_and_keeps_its_width(name: str, width: int) -> None:
    words = sentences(load(example_text(name), "order.yaml"))
    text = page(words, width)
    flat = " ".join(text.split())
    for sentence in (*words.paragraphs, *words.devices, *words.waivers, *words.replacements):
        assert " ".join(sentence.split()) in flat
    for clause in words.clauses:
        assert " ".join(clause.sentences) in flat
    for source in words.sources:
        assert source.by in flat
    long = [line for line in text.splitlines() if len(line) > width and " " in line.strip(" -")]
    assert [line for line in long if not line.startswith(("Calendar", words.headline))] == []


def test_a_permission_says_that_it_lifts_no_other_clause(order: Order) -> None:
    only = order().clauses[0]
    may = replace(only, id="2", strength=Strength.MAY)
    lifts = "That lifts nothing of what clause mail says."
    assert lifts in said(replace(order(), clauses=(may, only)))
    assert lifts in said(replace(order(), clauses=(may, replace(only, services=("*",)))))
    assert "lifts" not in said(replace(order(), clauses=(may, replace(only, services=("chat",)))))
    assert "lifts" not in said(replace(order(), clauses=(only, may)))
