"""What an order says of single cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

import pytest
from msgspec.structs import replace

from phaseout.judge import Order, banned, compile_order, judge, profile_of
from phaseout.judge.order import UnknownClassError
from phaseout.judge.unmet import Unmet, unmet
from phaseout.model.access import Action
from phaseout.model.device import Device
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Stage, StageKind, Strength, Waiver
from phaseout.model.person import Person
from phaseout.model.predicate import Is
from phaseout.model.verdict import Ruling, Verdict

START = datetime(2023, 2, 28, 21, tzinfo=UTC)
DEADLINE = datetime(2023, 7, 16, 21, tzinfo=UTC)
END = datetime(2024, 12, 31, 21, tzinfo=UTC)
SECOND = timedelta(seconds=1)
APPLE = DeviceClass("apple", "Apple phones and tablets", Is(frozenset({"apple"}), form_factor=frozenset({"phone", "tablet"})))
OLD = DeviceClass("old", "Phones of a system no longer maintained", Is(platform=frozenset({"symbian"})))
MAIL = Clause(
    "mail",
    Strength.MUST,
    Scope(units=(("Ministry", "Finance"),)),
    ("apple", "old"),
    ("mail", "calendar"),
    START,
    DEADLINE,
    ends=END,
    stages=(
        Stage("*", StageKind.OBSERVE, START),
        Stage("activesync", StageKind.BLOCK, DEADLINE),
        Stage("activesync", StageKind.WARN, START + timedelta(days=30)),
        Stage("imap", StageKind.QUARANTINE, DEADLINE),
    ),
)
ANNA = Person(
    "7", "Anna Ivanova", ("anna@example.org", r"EXAMPLE\anna"), ("ministry", " Finance ", "Payroll"), frozenset({"Clerk"})
)
BORIS = Person("8", "Boris Petrov", ("boris@example.org",), ("Ministry", "Energy"), frozenset({"minister"}))
IPHONE = Device(maker="Apple", platform="ios", form_factor="phone")
MAC = Device(maker="Apple", platform="macos", form_factor="desktop")
SOME_APPLE = Device(maker="Apple")


def order_of(*clauses: Clause, waivers: tuple[Waiver, ...] = ()) -> Order:
    classes = {each.id: each for each in (APPLE, OLD)}
    return compile_order(Directive("d", "An order", "A ministry", "1", "Europe/Moscow", clauses, classes), waivers)


def ruling(order: Order, person: Person | None, device: Device, at: datetime, protocol: str = "activesync") -> Ruling:
    (only,) = judge(order, profile_of(order, person), device, "mail", protocol, Action.USE, at).rulings
    return only


TITLES = "Apple phones and tablets or Phones of a system no longer maintained"
GRACE = "Apple phones and tablets: advised against for mail until 17 July 2023, forbidden from then on."
FORBIDDEN = "Apple phones and tablets: forbidden for mail since 17 July 2023."
OLD_FORBIDDEN = "Phones of a system no longer maintained: forbidden for mail since 17 July 2023."
NOT_MEANT = f"The device is none of these: {TITLES}."
VAGUE = f"Whether the device is one of these can't be told: {TITLES}. Its form (phone, tablet, desktop) is not known."
CONTRADICTED = replace(IPHONE, contradictions=("an impossible build",))
DOUBTED = f"{FORBIDDEN} The evidence of the device contradicts itself."


@pytest.mark.parametrize(
    ("at", "device", "verdict", "reason"),
    [
        (START, IPHONE, Verdict.ADVISED, GRACE),
        (DEADLINE - SECOND, IPHONE, Verdict.ADVISED, GRACE),
        (DEADLINE, IPHONE, Verdict.VIOLATION, FORBIDDEN),
        (END - SECOND, IPHONE, Verdict.VIOLATION, FORBIDDEN),
        (DEADLINE, Device(platform="symbian"), Verdict.VIOLATION, OLD_FORBIDDEN),
        (DEADLINE, MAC, Verdict.PERMITTED, NOT_MEANT),
        (DEADLINE, SOME_APPLE, Verdict.CANNOT_TELL, VAGUE),
        (DEADLINE, CONTRADICTED, Verdict.VIOLATION, DOUBTED),
    ],
)
def test_a_binding_clause_says(at: datetime, device: Device, verdict: Verdict, reason: str) -> None:
    found = ruling(order_of(MAIL), ANNA, device, at)
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.settles == (("form_factor",) if verdict is Verdict.CANNOT_TELL else ())


@pytest.mark.parametrize("at", [START - SECOND, END])
def test_a_clause_that_is_not_in_force_says_nothing(at: datetime) -> None:
    order = order_of(MAIL)
    found = judge(order, profile_of(order, ANNA), IPHONE, "mail", "imap", Action.USE, at)
    assert (found.verdict, found.rulings) == (Verdict.NOT_COVERED, ())


def test_another_service_and_another_unit_are_not_covered() -> None:
    order = order_of(MAIL)
    assert judge(order, profile_of(order, ANNA), IPHONE, "files", "rest", Action.USE, DEADLINE).verdict is Verdict.NOT_COVERED
    assert judge(order, profile_of(order, BORIS), IPHONE, "mail", "imap", Action.USE, DEADLINE).verdict is Verdict.NOT_COVERED
    every = order_of(replace(MAIL, services=("*",)))
    assert judge(every, profile_of(every, ANNA), IPHONE, "files", "rest", Action.USE, DEADLINE).verdict is Verdict.VIOLATION


@pytest.mark.parametrize("device", [IPHONE, SOME_APPLE, Device(), MAC])
def test_presence_is_not_use_unless_the_clause_says_so(device: Device) -> None:
    order = order_of(MAIL)
    found = judge(order, profile_of(order, ANNA), device, "mail", "activesync", Action.PRESENCE, DEADLINE)
    assert found.verdict is Verdict.PERMITTED
    assert found.rulings[0].reason == "Not counted as use by the clause: a connection was kept open."
    strict = order_of(replace(MAIL, actions=frozenset({"use", "presence"})))
    assert judge(strict, profile_of(strict, ANNA), IPHONE, "mail", "imap", Action.PRESENCE, DEADLINE).verdict is Verdict.VIOLATION


def test_a_recommendation_advises_and_a_permission_never_cancels_a_ban() -> None:
    should = replace(MAIL, id="should", strength=Strength.SHOULD)
    may = replace(MAIL, id="may", strength=Strength.MAY)
    order = order_of(may, should, MAIL)
    found = judge(order, profile_of(order, ANNA), IPHONE, "mail", "imap", Action.USE, DEADLINE)
    assert [each.verdict for each in found.rulings] == [Verdict.PERMITTED, Verdict.ADVISED, Verdict.VIOLATION]
    assert found.verdict is Verdict.VIOLATION
    assert found.rulings[0].reason == "Apple phones and tablets: expressly permitted for mail since 1 March 2023."
    assert found.rulings[1].reason == "Apple phones and tablets: advised against for mail since 1 March 2023."
    only = order_of(may)
    assert ruling(only, ANNA, SOME_APPLE, DEADLINE).verdict is Verdict.PERMITTED
    assert ruling(only, ANNA, SOME_APPLE, DEADLINE).reason == "The clause only permits; it speaks against no device."


@pytest.mark.parametrize(
    ("door", "at", "stage"),
    [
        ("activesync", START, None),
        ("activesync", START + timedelta(days=30), StageKind.WARN),
        ("activesync", DEADLINE, StageKind.BLOCK),
        ("imap", START, None),
        ("imap", DEADLINE, StageKind.QUARANTINE),
        ("webmail", START, StageKind.OBSERVE),
    ],
)
def test_each_door_has_its_own_stages_or_those_of_every_door(door: str, at: datetime, stage: StageKind | None) -> None:
    assert ruling(order_of(MAIL), ANNA, IPHONE, at, door).stage is stage


def test_of_two_stages_at_one_instant_the_harder_counts() -> None:
    stages = (Stage("*", StageKind.BLOCK, START), Stage("*", StageKind.WARN, START))
    assert ruling(order_of(replace(MAIL, stages=stages)), ANNA, IPHONE, START).stage is StageKind.BLOCK


def test_a_reading_of_a_clause_is_never_judged() -> None:
    order = order_of(replace(MAIL, id="reading", reading_of="mail", who=Scope(everyone=True)))
    assert profile_of(order, ANNA).clauses == ()
    assert order.cuts == ()


WAIVER = Waiver("w1", "mail", "travel", "Abroad", "head", DEADLINE, DEADLINE + timedelta(days=30), person="example%5CANNA")


def test_a_waiver_stands_beside_the_verdict_from_its_first_to_its_last_instant() -> None:
    order = order_of(MAIL, waivers=(WAIVER,))
    found = [ruling(order, ANNA, IPHONE, at) for at in (DEADLINE - SECOND, DEADLINE, WAIVER.ends - SECOND, WAIVER.ends)]
    assert [each.waiver for each in found] == [None, "w1", "w1", None]
    assert [each.verdict for each in found] == [Verdict.ADVISED, *[Verdict.VIOLATION] * 3]


def test_a_waiver_is_for_its_person_or_role_and_clause_only() -> None:
    by_role = replace(WAIVER, id="w2", person=None, role=" CLERK ", ends=WAIVER.ends + SECOND)
    other = replace(WAIVER, id="w3", clause="other")
    order = order_of(replace(MAIL, who=Scope(everyone=True)), waivers=(WAIVER, by_role, other))
    assert profile_of(order, ANNA).waivers == ("w1", "w2")
    assert profile_of(order, BORIS).waivers == ()
    assert ruling(order, ANNA, IPHONE, DEADLINE).waiver == "w2", "the one that lasts longest"
    assert ruling(order, BORIS, IPHONE, DEADLINE).waiver is None


@pytest.mark.parametrize(
    ("who", "anna", "boris", "unknown"),
    [
        (Scope(everyone=True), True, True, True),
        (Scope(units=(("MINISTRY",),)), True, True, False),
        (Scope(units=(("Ministry", "finance", "Payroll", "Night shift"),)), False, False, False),
        (Scope(units=(("Finance",),)), False, False, False),
        (Scope(roles=frozenset({"Minister "})), False, True, False),
        (Scope(people=frozenset({"8"})), False, True, False),
        (Scope(people=frozenset({"EXAMPLE/Anna"})), True, False, False),
        (Scope(everyone=True, but_not=Scope(units=(("Ministry", "Finance"),))), False, True, True),
        (Scope(everyone=True, but_not=Scope(everyone=True)), False, False, False),
        (Scope(units=(("Ministry",),), but_not=Scope(everyone=True, but_not=Scope(people=frozenset({"7"})))), True, False, False),
        (Scope(), False, False, False),
    ],
)
def test_a_scope_reaches(who: Scope, anna: bool, boris: bool, unknown: bool) -> None:  # noqa: FBT001 - expected values
    order = order_of(replace(MAIL, who=who))
    assert [bool(profile_of(order, person).clauses) for person in (ANNA, BORIS, None)] == [anna, boris, unknown]


@pytest.mark.parametrize(("ordered", "listed"), [("NFC", "NFD"), ("NFD", "NFC")])
@pytest.mark.parametrize(
    "who", [Scope(units=(("Büro", "Übersetzer"),)), Scope(roles=frozenset({"Prüfer"})), Scope(people=frozenset({"müller"}))]
)
def test_a_letter_and_its_mark_are_one_however_they_are_written(who: Scope, ordered: str, listed: str) -> None:
    def written(form: str, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(normalize(form, text) for text in texts)

    meant = Scope(
        units=tuple(written(ordered, unit) for unit in who.units),
        roles=frozenset(written(ordered, who.roles)),
        people=frozenset(written(ordered, who.people)),
    )
    person = Person(
        "9", "", written(listed, ["müller"]), written(listed, ["büro", "übersetzer"]), frozenset(written(listed, ["prüfer"]))
    )
    order = order_of(replace(MAIL, who=meant))
    assert profile_of(order, person).clauses == ("mail",)
    assert unmet(order, [person]) == Unmet((), (), ())


def test_a_further_name_of_a_person_counts() -> None:
    order = order_of(replace(MAIL, who=Scope(people=frozenset({"a.ivanova@example.org"}))))
    assert profile_of(order, ANNA).clauses == ()
    assert profile_of(order, ANNA, frozenset({r"EXAMPLE.ORG\A.Ivanova"})).clauses == ("mail",)


def test_banned_asks_binding_clauses_whatever_the_date() -> None:
    later = replace(MAIL, starts=START + timedelta(days=9999), deadline=DEADLINE + timedelta(days=9999), ends=None)
    order = order_of(later, replace(later, id="should", strength=Strength.SHOULD, devices=("old",)))
    anna = profile_of(order, ANNA)
    assert banned(order, anna, IPHONE, "mail") is True
    assert banned(order, anna, SOME_APPLE, "mail") is None
    assert banned(order, anna, MAC, "mail") is False
    assert banned(order, anna, IPHONE, "chat") is False
    assert banned(order, profile_of(order, BORIS), IPHONE, "mail") is False
    assert banned(order_of(replace(later, strength=Strength.SHOULD)), anna, IPHONE, "mail") is False


def test_the_cuts_are_every_instant_at_which_something_may_change() -> None:
    stage = START + timedelta(days=30)
    assert order_of(MAIL, waivers=(WAIVER,)).cuts == (START, stage, DEADLINE, WAIVER.ends, END)


def test_classes_that_are_missing_are_told_before_anyone_is_judged() -> None:
    with pytest.raises(UnknownClassError, match="nowhere"):
        order_of(replace(MAIL, devices=("nowhere",)))


def test_a_time_without_a_zone_is_refused() -> None:
    order = order_of(MAIL)
    with pytest.raises(TypeError):
        judge(order, profile_of(order, ANNA), IPHONE, "mail", "imap", Action.USE, DEADLINE.replace(tzinfo=None))


def test_names_that_nobody_has_are_found() -> None:
    who = Scope(
        units=(("Ministry", "Finanse"), ("ministry",)), roles=frozenset({"clerk", "Clark"}), people=frozenset({"7", "zoe"})
    )
    order = order_of(
        replace(MAIL, who=replace(who, but_not=Scope(units=(("Nowhere",),)))), waivers=(replace(WAIVER, person="yuri"),)
    )
    assert unmet(order, [ANNA, BORIS]) == Unmet((("Ministry", "Finanse"), ("Nowhere",)), ("Clark",), ("yuri", "zoe"))
