"""A directive's text into values: what each key comes to mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from phaseout.directive.load import load
from phaseout.model.directive import Directive, Scope, Stage, StageKind, Strength
from phaseout.model.fault import FaultsError, Severity
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, VersionRange

Order = Callable[..., Directive]
Changed = Callable[..., str]
Told = Callable[[str], list[tuple[int, int, str]]]

FROM = "    from: 2027-01-01\n"
TEST = "{platform: ios, version: {below: 16}}"
WHO = "{everyone: true}"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_a_clause_says_no_more_than_was_written(order: Order) -> None:
    clause = order().clauses[0]
    assert clause.strength is Strength.MUST
    assert clause.who == Scope(everyone=True)
    assert (clause.devices, clause.services, clause.actions) == (("old-phones",), ("mail",), frozenset({"use"}))
    assert clause.starts == clause.deadline == at(2026, 12, 31, 23)
    assert (clause.ends, clause.personal_use_allowed, clause.reading_of) == (None, None, None)
    assert (clause.stages, clause.replacements, clause.sources, clause.text, clause.summary) == ((), (), (), "", "")


def test_dates_begin_at_midnight_of_the_place_and_until_is_the_last_day(order: Order) -> None:
    clause = order((FROM, "    from: 2027-03-28\n    deadline: 2027-07-01\n    until: 2027-10-31\n")).clauses[0]
    assert clause.starts == at(2027, 3, 27, 23)
    assert clause.deadline == at(2027, 6, 30, 22)
    assert clause.ends == at(2027, 10, 31, 23)


def test_a_day_that_begins_without_a_midnight_begins_when_the_clocks_have_jumped(order: Order) -> None:
    clause = order(("Europe/Berlin", "Africa/Cairo"), (FROM, "    from: 2024-04-26\n")).clauses[0]
    assert clause.starts == at(2024, 4, 25, 22)


def test_a_single_value_stands_for_a_list_of_one(order: Order) -> None:
    several = order(("devices: old-phones", "devices: [old-phones]"), ("services: mail", "services: [mail]"))
    assert several == order()


def test_stages_stand_by_day_and_door(order: Order) -> None:
    written = "    stages:\n      - {door: [imap, pop3], do: block, from: 2027-02-01}\n"
    written += "      - {door: '*', do: warn, from: 2027-01-01}\n"
    assert order((FROM, FROM + written)).clauses[0].stages == (
        Stage("*", StageKind.WARN, at(2026, 12, 31, 23)),
        Stage("imap", StageKind.BLOCK, at(2027, 1, 31, 23)),
        Stage("pop3", StageKind.BLOCK, at(2027, 1, 31, 23)),
    )


def test_whom_a_clause_reaches(order: Order) -> None:
    who = "{units: [A / B, '  C   D '], roles: manager, people: [anna, 7], but_not: {units: 'A/B / D'}}"
    assert order((WHO, who)).clauses[0].who == Scope(
        units=(("A", "B"), ("C D",)),
        roles=frozenset({"manager"}),
        people=frozenset({"anna", "7"}),
        but_not=Scope(units=(("A", "B", "D"),)),
    )


@pytest.mark.parametrize(
    ("written", "test"),
    [
        ("{platform: [ios, ipados]}", Is(platform=frozenset({"ios", "ipados"}))),
        ("{maker: Apple, form_factor: phone}", Is(maker=frozenset({"apple"}), form_factor=frozenset({"phone"}))),
        ("{maker: huawei}", Is(maker=frozenset({"huawei", "honor", "huawei device"}))),
        ("{model: 'iPhone1?,*'}", Is(model=("iphone1?,*",))),
        ("{app: Outlook}", Is(app=frozenset({"outlook"}))),
        ("{platform: ios, version: {at_least: 9.3.5, below: 16}}",
         Is(platform=frozenset({"ios"}), version=VersionRange((9, 3, 5), (16,)))),
        ("{any: [{platform: ios}, {platform: android}]}",
         AnyOf((Is(platform=frozenset({"ios"})), Is(platform=frozenset({"android"}))))),
        ("{any: {platform: ios}}", Is(platform=frozenset({"ios"}))),
        ("{maker: Apple, not: {form_factor: desktop}}",
         AllOf((Is(maker=frozenset({"apple"})), Not(Is(form_factor=frozenset({"desktop"})))))),
        ("{all: [{maker: Apple}, {platform: ios}]}",
         AllOf((Is(maker=frozenset({"apple"})), Is(platform=frozenset({"ios"}))))),
        ("{class: tablets, platform: ios}",
         AllOf((Is(platform=frozenset({"ios"})), Is(form_factor=frozenset({"tablet"}))))),
        ("{class: [tablets, nested]}",
         AnyOf((Is(form_factor=frozenset({"tablet"})), Not(Is(form_factor=frozenset({"tablet"})))))),
    ],
)  # fmt: skip
def test_device_tests_are_what_they_say_with_every_name_written_out(order: Order, written: str, test: object) -> None:
    more = (
        "  tablets: {title: tablets, is: {form_factor: tablet}}\n  nested: {title: others, is: {not: {class: tablets}}}\n"
        "makers: {huawei: {name: Huawei, brands: HONOR, affiliates: [Huawei Device]}}\nclauses:\n"
    )
    directive = order((TEST, written), ("clauses:\n", more))
    assert directive.classes["old-phones"].test == test


def test_the_rest_of_the_directive(order: Order) -> None:
    written = """\
issued: 2026-12-01
summary: short
why: because
sources: {id: s, title: Order 4, by: Ministry, on: 2026-12-01, status: not-confirmed, url: "https://example.org/4", note: n}
amendments: {version: 1.10, on: 2026-12-24, summary: more}
replacements: {phone: {name: Phone, platforms: android, how: ask, note: one each}}
waivers: {field: {title: Field work, granted_by: [cio, 17], longest_days: 30}}
time_zone"""
    directive = order(("time_zone", written), (FROM, FROM + "    sources: s\n    replacements: phone\n"))
    assert (directive.issued, directive.summary, directive.why) == (date(2026, 12, 1), "short", "because")
    assert directive.sources[0].status == "not-confirmed"
    assert directive.amendments[0].version == "1.10"
    assert directive.replacements["phone"].platforms == ("android",)
    assert directive.waiver_categories["field"].granted_by == ("cio", "17")
    assert directive.waiver_categories["field"].longest_days == 30
    assert directive.file == "order.yaml"


def test_all_errors_are_told_at_once_with_their_places(changed: Changed, told: Told) -> None:
    text = changed(
        ("title: No old", "titles: No old"),
        ("Europe/Berlin", "Mars/Olympus"),
        (TEST, "{platform: iso, version: {below: 16}}"),
        ("services: mail", "services: [mail, post]"),
        (FROM, "    from: 2027-02-30\n    sources: nowhere\n    until: soon\n" + "  - {id: mail, who: {}}\n"),
    )
    assert told(text) == [
        (1, 1, "PO121"),
        (2, 1, "PO120"),
        (5, 12, "PO130"),
        (9, 20, "PO124"),
        (15, 22, "PO124"),
        (16, 11, "PO104"),
        (17, 14, "PO142"),
        (18, 12, "PO104"),
        *[(19, 5, "PO121")] * 4,
        (19, 10, "PO140"),
    ]


def test_a_wrong_value_hides_no_other_fault(changed: Changed, told: Told) -> None:
    more = """\
  - id: second
    strength: must
    who: {everyone: true}
    devices: unknown
    services: mail
    from: 2027-01-01
    until: 2026-01-01
"""
    text = changed((FROM, "    from: never\n" + more))
    assert told(text) == [(16, 11, "PO104"), (20, 14, "PO141"), (23, 12, "PO160")]


def test_a_wrong_value_hides_no_other_fault_of_its_clause(changed: Changed, told: Told) -> None:
    rest = "    deadline: 2027-05-01\n    until: 2027-03-01\n    stages: [{door: '*', do: warn, from: 2027-04-01}]\n"
    text = changed((FROM, "    from: 2027-02-30\n" + rest))
    assert told(text) == [(16, 11, "PO104"), (17, 15, "PO162"), (19, 42, "PO172")]
    text = changed(("strength: must", "strength: mast"), (FROM, FROM + rest))
    assert told(text) == [(12, 15, "PO124"), (17, 15, "PO162"), (19, 42, "PO172")]


def test_what_names_a_wrong_definition_is_not_wrong_itself(changed: Changed, told: Told) -> None:
    assert told(changed(("title: old phones", "titles: old phones"))) == [(8, 5, "PO120"), (8, 5, "PO121")]


def test_load_raises_errors_and_lets_warnings_pass(changed: Changed) -> None:
    unused = "  more: {title: more, is: {platform: ios}}\nclauses:\n"
    assert load(changed(("clauses:\n", unused)), "d.yaml").classes.keys() == {"old-phones", "more"}
    with pytest.raises(FaultsError) as caught:
        load(changed(("clauses:\n", unused), (FROM, "    from: x\n")), "d.yaml")
    assert {fault.severity for fault in caught.value.faults} == {Severity.ERROR}
    assert [fault.code for fault in caught.value.faults] == ["PO104"]


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "../etc/passwd", "Europe", "/etc/localtime", "MSK", "x" * 5_000, "Europe/Berlin "]
)
def test_a_time_zone_means_the_same_on_every_machine(changed: Changed, told: Told, name: str) -> None:
    found = [code for _, _, code in told(changed(("Europe/Berlin", f'"{name}"')))]
    assert found == ([] if name.strip() == "Europe/Berlin" else ["PO130"])


def chain(changed: Changed, links: int, last: str) -> str:
    """Return an order whose classes name each other one after another."""
    classes = "".join(f"  c{n}: {{title: c, is: {{class: c{n + 1}, platform: ios}}}}\n" for n in range(links))
    classes += f"  c{links}: {{title: c, is: {last}}}\nclauses:\n"
    return changed(("clauses:\n", classes), ("devices: old-phones\n", "devices: [old-phones, c0]\n"))


def test_classes_that_name_each_other_are_written_out(changed: Changed, told: Told) -> None:
    text = chain(changed, 50, "{platform: ios}")
    assert told(text) == []
    test = load(text, "d.yaml").classes["c0"].test
    for _ in range(50):
        assert isinstance(test, AllOf)
        test = test.parts[1]
    assert test == Is(platform=frozenset({"ios"}))


def test_a_chain_too_long_to_walk_is_told_once_where_it_grows_too_long(changed: Changed, told: Told) -> None:
    assert [code for _, _, code in told(chain(changed, 3_000, "{platform: ios}"))] == ["PO148"]


def test_a_long_circle_is_told_once(changed: Changed, told: Told) -> None:
    assert [code for _, _, code in told(chain(changed, 3_000, "{class: c7}"))].count("PO146") == 1
