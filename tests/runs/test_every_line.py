"""The batch judges each case once; here every line is judged on its own, and both must say the same."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phaseout.devices.identify import identify_all
from phaseout.judge.decide import judge
from phaseout.judge.order import compile_order
from phaseout.judge.profile import profile_of
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.directive import Clause, DeviceClass, Directive, Scope, Strength, Waiver
from phaseout.model.person import AccountKind, Person
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, VersionRange
from phaseout.model.verdict import Verdict
from phaseout.reporting.figures import Figures
from phaseout.runs.check import check
from phaseout.runs.inputs import Asked, Norms

ZONE = ZoneInfo("Europe/Berlin")
FIRST = datetime(2026, 3, 20, tzinfo=UTC)  # a change of the clocks lies within
AT = datetime(2026, 12, 1, tzinfo=UTC)

PEOPLE = (
    Person("1", "Anna", ("anna",), ("M", "A")),
    Person("2", "Boris", ("boris",), ("M", "A", "X"), frozenset({"chief"})),
    Person("3", "Clara", ("clara",), ("M", "B")),
    Person("4", "Doris", ("doris",), ("M", "A"), starts=date(2026, 4, 1), ends=date(2026, 4, 10)),
)
CLIENTS = (  # agent, DeviceType, what a request of that client looks like
    ("Apple-iPhone14C2/2001.362", "iPhone"),
    ("Apple-iPad7C2/1805.212", "iPad"),
    ("SAMSUNG-SM-G530M/101.40404", "SamsungDevice"),
    ("Android-Mail/2026.03.09.1234.Release", "Android"),
    ("Outlook-iOS-Android/1.0", "Outlook"),
)
COMMANDS = {"Sync": "use", "Ping": "presence", "FolderSync": "set-up"}
CLASSES = {
    "apple": DeviceClass("apple", "Apple devices", Is(maker=frozenset({"apple"}))),
    "old": DeviceClass("old", "old systems", Is(platform=frozenset({"ios"}), version=VersionRange(below=(17,)))),
    "not-tablets": DeviceClass("not-tablets", "all but tablets", Not(Is(form_factor=frozenset({"tablet"})))),
    "either": DeviceClass(
        "either",
        "iPads, and Android phones",
        AnyOf(
            (AllOf((Is(maker=frozenset({"apple"})), Is(form_factor=frozenset({"tablet"})))), Is(platform=frozenset({"android"})))
        ),
    ),
}

minutes = st.integers(0, 40 * 24 * 60).map(lambda n: FIRST + timedelta(minutes=n))
scopes = st.sampled_from(
    [
        Scope(everyone=True),
        Scope(units=(("M", "A"),)),
        Scope(roles=frozenset({"chief"})),
        Scope(everyone=True, but_not=Scope(people=frozenset({"anna"}))),
    ]
)


@st.composite
def clauses(draw: st.DrawFn, name: str) -> Clause:
    starts = draw(minutes)
    deadline = max(starts, draw(minutes))
    ends = draw(st.none() | minutes)
    return Clause(
        id=name,
        strength=draw(st.sampled_from(list(Strength))),
        who=draw(scopes),
        devices=tuple(draw(st.lists(st.sampled_from(sorted(CLASSES)), min_size=1, max_size=2, unique=True))),
        services=("mail",),
        starts=starts,
        deadline=deadline,
        ends=None if ends is None or ends <= deadline else ends,
        actions=draw(st.sampled_from([frozenset({"use"}), frozenset({"use", "presence"})])),
    )


@st.composite
def norms(draw: st.DrawFn) -> Norms:
    made = tuple(draw(clauses(name)) for name in draw(st.sampled_from(["a", "ab", "abc"])))
    waivers = []
    for number in range(draw(st.integers(0, 3))):
        starts = draw(minutes)
        ends = starts + timedelta(hours=draw(st.integers(1, 400)))
        person = draw(st.sampled_from(["anna", "clara", None]))
        role = None if person else "chief"
        clause = draw(st.sampled_from(made)).id
        waivers.append(Waiver(f"w{number}", clause, "c", "needed", "chief", starts, ends, person, role))
    directive = Directive("d", "Order", "Ministry", "1", str(ZONE), made, CLASSES)
    return Norms(directive, compile_order(directive, waivers), tuple(waivers), PEOPLE)


accesses = st.lists(
    st.tuples(
        st.sampled_from(["anna", "boris", "clara", "stranger"]),
        st.sampled_from(CLIENTS),
        st.sampled_from(sorted(COMMANDS)),
        minutes,
        st.sampled_from([200, 200, 200, 401]),
    ),
    min_size=1,
    max_size=40,
)


def line(login: str, client: tuple[str, str], command: str, at: datetime, status: int) -> str:
    agent, kind = client
    target = f"/Microsoft-Server-ActiveSync?Cmd={command}&User={login}&DeviceId={kind}{login}&DeviceType={kind}"
    return f'192.0.2.7 - {login} [{at:%d/%b/%Y:%H:%M:%S} +0000] "POST {target} HTTP/1.1" {status} 1 "-" "{agent}"\n'


Made = list[tuple[str, tuple[str, str], str, datetime, int]]
Key = tuple[str, str, Verdict]
Seen = dict[tuple[Key, str], list[tuple[datetime, bool]]]
"""By clause and device: when something was seen, and whether under a waiver."""


def judged_one_by_one(norms: Norms, made: Made) -> Seen:
    people = {login: person for person in PEOPLE for login in person.logins}
    expected: Seen = {}
    for login, (agent, kind), command, at, status in made:
        device = identify_all((Clue(ClueKind.USER_AGENT, agent), Clue(ClueKind.ACTIVESYNC, kind)))
        action = Action.ATTEMPT if status != 200 else Action(COMMANDS[command])
        judgement = judge(norms.order, profile_of(norms.order, people.get(login)), device, "mail", "activesync", action, at)
        for ruling in judgement.rulings:
            if ruling.verdict >= Verdict.CANNOT_TELL:
                key = (login, ruling.clause, ruling.verdict)
                expected.setdefault((key, f"{kind}{login}"), []).append((at, ruling.waiver is not None))
    return expected


def counting(seen: list[tuple[datetime, bool]]) -> list[datetime]:
    """Return what no waiver covers, or all where waivers cover all."""
    return sorted(at for at, is_waived in seen if not is_waived) or sorted(at for at, _ in seen)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(norms=norms(), made=accesses)
def test_the_batch_says_what_judging_each_line_says(tmp_path: Path, norms: Norms, made: Made) -> None:
    log = tmp_path / "access.log"
    log.write_text("".join(line(*each) for each in made))
    checked = check(Asked((log,), AT, format="combined"), norms, io.StringIO())
    answer = checked.answer()
    checked.engine.close()

    expected = judged_one_by_one(norms, made)
    for finding in answer.findings:
        key = (finding.person.logins[0], finding.clause, finding.verdict)
        seen = expected.pop((key, finding.device_ids[0]))
        assert finding.accesses == len(seen)
        assert finding.waived_accesses == sum(is_waived for _, is_waived in seen)
        times = counting(seen)
        assert (finding.first, finding.last) == (times[0], times[-1])
        assert finding.days == len({at.astimezone(ZONE).date() for at in times})
        assert finding.counted_accesses == len(times)
        assert sum(each.accesses for each in finding.evidence) == len(seen)
    assert not expected
    assert answer.coverage.accesses == len(made)
    assert all(account.adds_up for account in answer.coverage.logs)
    seen = {at.astimezone(ZONE).date() for _, _, _, at, status in made if status == 200}
    assert {day.day for day in answer.days if day.seen} == seen
    coverage = answer.coverage
    assert (
        sum(unit.counted for unit in answer.units) == coverage.people_in_scope == coverage.people_seen + len(coverage.never_seen)
    )
    assert coverage.people_in_scope + coverage.not_reached + coverage.not_there == len(PEOPLE)
    figures = Figures(answer)
    for group, state in {
        "violation": "violating",
        "waived": "waived",
        "advised": "advised",
        "cannot tell": "cannot_tell",
    }.items():
        staff = {one.person.id for one in figures.worst[group] if one.person.kind is AccountKind.PERSON}
        assert len(staff) == sum(getattr(unit, state) for unit in answer.units)
