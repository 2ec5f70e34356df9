"""What an order's index finds is what asking every clause, class and waiver one by one finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.judge import Order, Profile, banned, compile_order, judge, profile_of, reason
from phaseout.judge.match import Match, any_of, matches
from phaseout.judge.order import Rule
from phaseout.model.access import Action
from phaseout.model.device import Device
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Stage, StageKind, Strength, Waiver
from phaseout.model.login import LoginName
from phaseout.model.person import Person
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, Predicate, VersionRange
from phaseout.model.verdict import Ruling, Verdict

ZERO = datetime(2023, 1, 1, tzinfo=UTC)
MAKERS, PLATFORMS, FORMS = ("apple", "samsung", "google"), ("ios", "ipados", "android", "windows"), ("phone", "tablet", "desktop")
UNITS = ((), ("A",), ("a", " B "), ("A", "B", "C"), ("D",), ("D", "B"))
ROLES, NAMES = ("clerk", "head", "minister"), ("anna@example.org", "EXAMPLE\\boris", "3", "carla")

plain_tests = st.builds(
    Is,
    maker=st.frozensets(st.sampled_from(MAKERS), max_size=2),
    platform=st.frozensets(st.sampled_from(PLATFORMS), max_size=2),
    version=st.none() | st.builds(VersionRange, st.just((15,)), st.just((17, 2))),
    form_factor=st.frozensets(st.sampled_from(FORMS), max_size=1),
    model=st.lists(st.sampled_from(("iphone1?,*", "sm-*", "galaxy s2*")), max_size=1).map(tuple),
    app=st.frozensets(st.sampled_from(("outlook", "mail")), max_size=1),
)
tests: st.SearchStrategy[Predicate] = st.recursive(
    plain_tests,
    lambda part: (
        st.lists(part, max_size=3).map(tuple).flatmap(lambda parts: st.sampled_from((AnyOf(parts), AllOf(parts)))) | part.map(Not)
    ),
    max_leaves=4,
)
devices = st.builds(
    Device,
    maker=st.none() | st.sampled_from(("Apple", "SAMSUNG", "Google", "Nokia", "")),
    platform=st.none() | st.sampled_from((*PLATFORMS, "symbian")),
    platform_version=st.none() | st.sampled_from(("14.8", "15", "17", "17.2", "beta")),
    model_id=st.none() | st.sampled_from(("iPhone14,2", "SM-S901B")),
    model=st.none() | st.just("Galaxy S22"),
    form_factor=st.none() | st.sampled_from(FORMS),
    app=st.none() | st.sampled_from(("Outlook", "Thunderbird")),
    contradictions=st.sampled_from(((), ("an impossible build",))),
)
people = st.none() | st.builds(
    Person,
    id=st.sampled_from(("1", "2", "3")),
    name=st.just(""),
    logins=st.sets(st.sampled_from(("Anna@Example.org", "example/BORIS", "carla")), max_size=2).map(tuple),
    unit=st.sampled_from(UNITS),
    roles=st.frozensets(st.sampled_from(("Clerk", " head", "cook")), max_size=2),
)
bare_scopes = st.builds(
    Scope,
    everyone=st.booleans(),
    units=st.lists(st.sampled_from(UNITS), max_size=2).map(tuple),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=1),
    people=st.frozensets(st.sampled_from(NAMES), max_size=1),
)
scopes = st.builds(replace, bare_scopes, but_not=st.none() | st.builds(replace, bare_scopes, but_not=st.none() | bare_scopes))
instants = st.integers(0, 12).map(lambda day: ZERO + timedelta(days=day))


@st.composite
def orders(draw: st.DrawFn) -> Order:
    classes = {f"k{n}": DeviceClass(f"k{n}", f"Devices {n}", draw(tests)) for n in range(draw(st.integers(1, 4)))}
    drawn = []
    for number in range(draw(st.integers(1, 6))):
        starts, deadline, ends = sorted(draw(st.lists(instants, min_size=3, max_size=3)))
        stages = st.builds(Stage, st.sampled_from(("*", "imap")), st.sampled_from(StageKind), instants)
        named = draw(st.lists(st.sampled_from(tuple(classes)), max_size=3, unique=True))
        drawn.append(
            Clause(
                f"c{number}", draw(st.sampled_from(Strength)), draw(scopes), tuple(named),
                draw(st.sampled_from((("mail",), ("files", "mail"), ("*",), ("files",)))), starts, deadline,
                actions=draw(st.frozensets(st.sampled_from(("use", "presence")), min_size=1)),
                ends=draw(st.sampled_from((None, ends))), stages=tuple(draw(st.lists(stages, max_size=2))),
            )
        )  # fmt: skip
    granted = []
    for number in range(draw(st.integers(0, 4))):
        first, last = sorted(draw(st.lists(instants, min_size=2, max_size=2, unique=True)))
        person, role = draw(st.sampled_from(((NAMES[0], None), (NAMES[2], None), (None, "clerk"), ("carla", "head"))))
        clause = draw(st.sampled_from(("c0", "c1")))
        granted.append(Waiver(f"w{number}", clause, "travel", "why", "head", first, last, person, role))
    return compile_order(Directive("d", "", "", "1", "Europe/Moscow", tuple(drawn), classes), granted)


cases = st.tuples(people, devices, st.sampled_from(("mail", "files")), st.sampled_from(("imap", "smtp")), st.sampled_from(Action))


# The same, one by one, as the words of an order mean it.


def folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def names_of(person: Person) -> set[str]:
    return {str(LoginName.read(name)) for name in (person.id, *person.logins)}


def reaches(scope: Scope, person: Person) -> bool:
    unit, roles = [folded(step) for step in person.unit], {folded(role) for role in person.roles}
    meant = (
        scope.everyone
        or any([folded(step) for step in path] == unit[: len(path)] for path in scope.units)
        or any(folded(role) in roles for role in scope.roles)
        or any(str(LoginName.read(name)) in names_of(person) for name in scope.people)
    )
    return meant and not (scope.but_not is not None and reaches(scope.but_not, person))


def reaches_nobody_s(scope: Scope) -> bool:
    out = scope.but_not
    return scope.everyone and not (out is not None and out.everyone and out.but_not is None)


def has(waiver: Waiver, person: Person) -> bool:
    by_name = waiver.person is not None and str(LoginName.read(waiver.person)) in names_of(person)
    return by_name or (waiver.role is not None and folded(waiver.role) in {folded(role) for role in person.roles})


def named_by(order: Order, person: Person | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    clauses = order.directive.judged
    if person is None:
        return tuple(clause.id for clause in clauses if reaches_nobody_s(clause.who)), ()
    granted = sorted(waiver.id for waiver in order.waivers.values() if has(waiver, person))
    return tuple(clause.id for clause in clauses if reaches(clause.who, person)), tuple(granted)


def match_of(rule: Rule, device: Device) -> Match:
    return any_of(matches(each.test, device) for each in rule.classes)


def ruling(
    order: Order, rule: Rule, mine: Profile, device: Device, service: str, door: str, action: Action, at: datetime
) -> Ruling:
    clause, match, titles = rule.clause, match_of(rule, device), tuple(each.title for each in rule.classes)
    granted = [waiver.id for waiver in rule.waivers if waiver.id in mine.waivers and waiver.starts <= at < waiver.ends]
    told: tuple[Verdict, str]
    if (Action.USE if action is Action.CLAIM else action) not in clause.actions:
        told = Verdict.PERMITTED, reason.not_counted(action)
    elif clause.strength is Strength.MAY and not match.holds:
        told = Verdict.PERMITTED, reason.only_permits()
    elif match.holds is None:
        told = Verdict.CANNOT_TELL, reason.cannot_tell(titles, match.settles)
    elif not match.holds:
        told = Verdict.PERMITTED, reason.not_meant(titles)
    elif action is Action.CLAIM and clause.strength is not Strength.MAY:
        told = Verdict.CANNOT_TELL, reason.claimed(next(e.title for e in rule.classes if matches(e.test, device).holds))
    else:
        title = next(each.title for each in rule.classes if matches(each.test, device).holds)
        starts, deadline = (reason.date_words(when, order.time_zone) for when in (clause.starts, clause.deadline))
        if clause.strength is Strength.MAY:
            told = Verdict.PERMITTED, reason.permitted(title, service, starts)
        elif clause.strength is Strength.SHOULD:
            told = Verdict.ADVISED, reason.advised(title, service, starts)
        elif at < clause.deadline:
            told = Verdict.ADVISED, reason.grace(title, service, deadline)
        else:
            told = Verdict.VIOLATION, reason.forbidden(title, service, deadline)
        told = told[0], told[1] + (reason.doubt() if device.contradictions else "")
    settles, at_worst = (match.settles, worst(clause, at)) if told[0] is Verdict.CANNOT_TELL else ((), None)
    return Ruling(clause.id, *told, next(iter(granted), None), rule.stage_at(door, at), settles, at_worst)


def worst(clause: Clause, at: datetime) -> Verdict:
    return Verdict.ADVISED if clause.strength is Strength.SHOULD or at < clause.deadline else Verdict.VIOLATION


@given(orders(), st.lists(cases, min_size=1, max_size=4), instants)
def test_the_index_says_what_asking_one_by_one_says(
    order: Order, several: list[tuple[Person | None, Device, str, str, Action]], at: datetime
) -> None:
    for person, device, service, door, action in several:
        clauses, waivers = named_by(order, person)
        mine = profile_of(order, person)
        assert (mine.clauses, mine.waivers) == (clauses, waivers)
        about = [rule for rule in order.rules if rule.clause.id in mine.clauses and rule.covers(service)]
        wanted = [ruling(order, rule, mine, device, service, door, action, at) for rule in about if rule.in_force(at)]
        said = judge(order, mine, device, service, door, action, at)
        assert list(said.rulings) == wanted
        assert said.verdict == max((each.verdict for each in wanted), default=Verdict.NOT_COVERED)
        binding = any_of(match_of(rule, device) for rule in about if rule.clause.strength is Strength.MUST)
        assert banned(order, mine, device, service) is binding.holds
