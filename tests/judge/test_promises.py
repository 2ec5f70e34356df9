"""What holds for every order, person, device and instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple, replace

from phaseout.judge import banned, compile_order, judge, profile_of
from phaseout.judge.order import HARDNESS
from phaseout.judge.profile import profile_with
from phaseout.model.access import Action
from phaseout.model.device import DEVICE_FIELDS, Device
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Stage, Strength, Waiver
from phaseout.model.person import Person
from phaseout.model.predicate import AllOf, Is, Not, VersionRange
from phaseout.model.verdict import Judgement, Verdict

ZERO = datetime(2023, 1, 1, tzinfo=UTC)
CLASSES = {
    "apple": DeviceClass("apple", "Apple devices", Is(maker=frozenset({"apple"}))),
    "phones": DeviceClass("phones", "Phones", Is(form_factor=frozenset({"phone"}))),
    "old": DeviceClass("old", "Old iPhones", Is(platform=frozenset({"ios"}), version=VersionRange(below=(17, 2)))),
    "others": DeviceClass(
        "others", "Anything else", AllOf((Not(Is(maker=frozenset({"apple"}))), Not(Is(app=frozenset({"outlook"})))))
    ),
}
UNITS = (("A",), ("A", "B"), ("A", "B", "C"), ("D",))
NAMES = ("anna@example.org", "EXAMPLE\\boris", "3")

instants = st.integers(0, 40).map(lambda day: ZERO + timedelta(days=day))
devices = st.builds(
    Device,
    maker=st.none() | st.sampled_from(("Apple", "Samsung")),
    platform=st.none() | st.sampled_from(("ios", "android")),
    platform_version=st.none() | st.sampled_from(("16.4", "17", "17.2", "18")),
    form_factor=st.none() | st.sampled_from(("phone", "tablet", "desktop")),
    app=st.none() | st.sampled_from(("Outlook", "Mail")),
)
people = st.none() | st.builds(
    Person,
    id=st.sampled_from(("1", "2", "3")),
    name=st.just("Somebody"),
    logins=st.sets(st.sampled_from(("Anna@Example.org", "example/BORIS", "carla")), max_size=2).map(tuple),
    unit=st.sampled_from(((), *UNITS)),
    roles=st.frozensets(st.sampled_from(("clerk", "head")), max_size=2),
)
plain_scopes = st.builds(
    Scope,
    everyone=st.booleans(),
    units=st.lists(st.sampled_from(UNITS), max_size=2).map(tuple),
    roles=st.frozensets(st.sampled_from(("Clerk", "head")), max_size=1),
    people=st.frozensets(st.sampled_from(NAMES), max_size=1),
)
scopes = st.builds(replace, plain_scopes, but_not=st.none() | plain_scopes)


@st.composite
def clauses(draw: st.DrawFn, number: int) -> Clause:
    starts, deadline, ends = sorted(draw(st.lists(instants, min_size=3, max_size=3)))
    return Clause(
        id=f"c{number}",
        strength=draw(st.sampled_from(tuple(Strength))),
        who=draw(scopes),
        devices=tuple(draw(st.lists(st.sampled_from(tuple(CLASSES)), min_size=1, max_size=2, unique=True))),
        services=draw(st.sampled_from((("mail",), ("mail", "files"), ("*",)))),
        starts=starts,
        deadline=deadline,
        actions=draw(st.frozensets(st.sampled_from(("use", "presence", "set-up")), min_size=1)),
        ends=draw(st.sampled_from((None, ends))),
        stages=tuple(
            draw(st.lists(st.builds(Stage, st.sampled_from(("*", "imap")), st.sampled_from(HARDNESS), instants), max_size=3))
        ),
        reading_of=draw(st.sampled_from((None, None, None, "c0"))),
    )


@st.composite
def directives(draw: st.DrawFn) -> Directive:
    drawn = tuple(draw(clauses(number)) for number in range(draw(st.integers(1, 3))))
    return Directive("d", "An order", "A ministry", "1", draw(st.sampled_from(("UTC", "Europe/Moscow"))), drawn, CLASSES)


@st.composite
def waivers(draw: st.DrawFn) -> tuple[Waiver, ...]:
    drawn = []
    for number in range(draw(st.integers(0, 3))):
        first, last = sorted(draw(st.lists(instants, min_size=2, max_size=2, unique=True)))
        person, role = draw(st.sampled_from(((NAMES[0], None), (NAMES[2], None), (None, "clerk"))))
        clause = draw(st.sampled_from(("c0", "c1")))
        drawn.append(Waiver(f"w{number}", clause, "travel", "why", "head", first, last, person, role))
    return tuple(drawn)


cases = st.tuples(
    people,
    devices,
    st.sampled_from(("mail", "files")),
    st.sampled_from(("imap", "activesync")),
    st.sampled_from(tuple(Action)),
    st.integers(-2, 42 * 24).map(lambda hour: ZERO + timedelta(hours=hour)),
)
Case = tuple[Person | None, Device, str, str, Action, datetime]


def counted(action: Action) -> Action:
    """Return what a clause counts an action as."""
    return Action.USE if action is Action.CLAIM else action


def asked(directive: Directive, granted: tuple[Waiver, ...], case: Case) -> Judgement:
    """Ask a fresh order, so that nothing was remembered."""
    person, device, service, protocol, action, at = case
    order = compile_order(directive, granted)
    return judge(order, profile_of(order, person), device, service, protocol, action, at)


@given(directives(), waivers(), cases)
def test_between_two_cuts_the_answer_never_changes(directive: Directive, granted: tuple[Waiver, ...], case: Case) -> None:
    at = case[-1]
    cuts = compile_order(directive, granted).cuts
    begin = max((cut for cut in cuts if cut <= at), default=at)
    last = min((cut for cut in cuts if cut > at), default=at + timedelta(days=1)) - timedelta(microseconds=1)
    answers = {asked(directive, granted, (*case[:-1], instant)) for instant in (at, begin, last)}
    assert len(answers) == 1
    assert list(cuts) == sorted(set(cuts))


@given(directives(), waivers(), st.lists(cases, max_size=4))
def test_what_was_asked_before_changes_no_answer(directive: Directive, granted: tuple[Waiver, ...], several: list[Case]) -> None:
    order = compile_order(directive, granted)
    for case in (*several, *reversed(several)):
        person, device, service, protocol, action, at = case
        profile = profile_of(order, person)
        assert judge(order, profile, device, service, protocol, action, at) == asked(directive, granted, case)


@given(directives(), waivers(), cases)
def test_a_waiver_changes_no_verdict(directive: Directive, granted: tuple[Waiver, ...], case: Case) -> None:
    with_them, without = asked(directive, granted, case), asked(directive, (), case)
    assert with_them.verdict is without.verdict
    assert tuple(replace(ruling, waiver=None) for ruling in with_them.rulings) == without.rulings
    by_id = {waiver.id: waiver for waiver in granted}
    for ruling in with_them.rulings:
        if ruling.waiver is not None:
            waiver = by_id[ruling.waiver]
            assert waiver.clause == ruling.clause
            assert waiver.starts <= case[-1] < waiver.ends


@given(directives(), cases)
def test_every_verdict_follows_from_its_clause(directive: Directive, case: Case) -> None:
    answer = asked(directive, (), case)
    clauses_by_id = {clause.id: clause for clause in directive.judged}
    assert answer.verdict == max((ruling.verdict for ruling in answer.rulings), default=Verdict.NOT_COVERED)
    for ruling in answer.rulings:
        clause = clauses_by_id[ruling.clause]
        at = case[-1]
        assert clause.starts <= at
        assert clause.ends is None or at < clause.ends
        if case[4] is not Action.CLAIM:
            assert (ruling.verdict is Verdict.CANNOT_TELL) == bool(ruling.settles)
        if ruling.verdict is Verdict.VIOLATION:
            assert clause.strength is Strength.MUST
            assert at >= clause.deadline
        if clause.strength is Strength.MAY or counted(case[4]) not in clause.actions:
            assert ruling.verdict is Verdict.PERMITTED
        if case[4] is Action.CLAIM:
            assert ruling.verdict in {Verdict.PERMITTED, Verdict.CANNOT_TELL}, "what is only claimed accuses nobody"
        assert ruling.reason.endswith(".")


@given(directives(), cases, st.sets(st.sampled_from(DEVICE_FIELDS)))
def test_knowing_less_of_a_device_never_clears_or_accuses(directive: Directive, case: Case, hidden: set[str]) -> None:
    vague = Device(**{name: getattr(case[1], name) for name in DEVICE_FIELDS if name not in hidden})
    more = asked(directive, (), case).rulings
    less = asked(directive, (), (case[0], vague, *case[2:])).rulings
    assert [ruling.clause for ruling in more] == [ruling.clause for ruling in less]
    for known, unknown in zip(more, less, strict=True):
        assert unknown.verdict in {known.verdict, Verdict.CANNOT_TELL}


@given(directives(), cases)
def test_whoever_violates_uses_what_is_banned(directive: Directive, case: Case) -> None:
    person, device, service, *_ = case
    order = compile_order(directive)
    said = banned(order, profile_of(order, person), device, service)
    verdicts = {ruling.verdict for ruling in asked(directive, (), case).rulings}
    if Verdict.VIOLATION in verdicts:
        assert said is True
    if said is False:
        assert Verdict.VIOLATION not in verdicts


@given(directives(), waivers(), people)
def test_a_profile_names_what_the_order_has(directive: Directive, granted: tuple[Waiver, ...], person: Person | None) -> None:
    order = compile_order(directive, granted)
    profile = profile_of(order, person)
    assert profile is profile_of(order, person) is profile_with(order, profile.clauses, profile.waivers)
    assert astuple(profile) == astuple(profile_of(compile_order(directive, granted), person))
    assert set(profile.clauses) <= {clause.id for clause in directive.judged}
    assert set(profile.waivers) <= {waiver.id for waiver in granted}
    if person is None:
        assert not profile.waivers


def test_the_memory_of_answers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phaseout.judge.decide.MOST_ANSWERS", 10)
    monkeypatch.setattr("phaseout.judge.traits.MOST_DEVICES", 10)
    services = tuple(f"service {number}" for number in range(25))
    clause = Clause("c", Strength.MUST, Scope(everyone=True), ("apple",), services, ZERO, ZERO)
    order = compile_order(Directive("d", "", "", "1", "UTC", (clause,), CLASSES))
    for number, service in enumerate(services):
        device = Device(maker="Apple", app=f"client {number}")
        answer = judge(order, profile_of(order, None), device, service, "imap", Action.USE, ZERO)
        assert answer.verdict is Verdict.VIOLATION
    assert len(order.answers) == len(order.rules[0].rulings) == len(order.looks.devices) == 5
    assert len(order.looks.traits) == 1, "to this order they are all alike"
