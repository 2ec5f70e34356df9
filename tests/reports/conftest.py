"""Answers for the tests of reports: hand-made, with every state that an answer can hold, about invented people."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from phaseout.model.access import Place
from phaseout.model.answer import (
    Answer,
    Coverage,
    DayCount,
    DoorCoverage,
    Evidence,
    Finding,
    LogAccount,
    UnclearClue,
    UnitState,
    UnknownLogin,
)
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device, Grade
from phaseout.model.directive import (
    Clause,
    DeviceClass,
    Directive,
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
from phaseout.model.person import AccountKind, Person
from phaseout.model.predicate import Is
from phaseout.model.verdict import Verdict

TOP = "Ministry of Bridges and Harbours"
UNITS = (
    (TOP, "Office of the Minister"),
    (TOP, "Department of Bridges", "Design"),
    (TOP, "Department of Bridges", "Inspection"),
    (TOP, "Department of Harbours", "Pilots and Lighthouses"),
    (TOP, "Department of Harbours", "Directorate for the Co-ordination of International Maritime Cargo Safety Agreements"),
    (TOP, "Finance", "Payroll"),
    (TOP, "Finance", "Procurement"),
    (TOP, "Legal Service"),
)
GIVEN = ("Anna", "Boris", "Clara", "David", "Elena", "Farid", "Greta", "Henrik", "Irina", "Jonas", "Katarina", "Leonid", "Maria")
FAMILY = ("Adler", "Berg", "Castellanos", "Dumont", "Ekström", "Fiedler", "Grønvold", "Hryhorenko", "Ivarsson", "Jankauskas")
FIRST, DEADLINE, LAST = date(2026, 8, 31), date(2026, 10, 1), date(2026, 11, 27)
AT = datetime(2026, 11, 28, 6, tzinfo=UTC)

IPHONE = Device(
    maker="Apple", platform="ios", platform_version="17.4.1", build="21E236", model_id="iPhone14,2", model="iPhone 13 Pro",
    form_factor="phone", app="Mail", reason="The ActiveSync agent gives the model iPhone14C2 and the build 2105.236.",
)  # fmt: skip
IPAD = Device(
    maker="Apple", platform="ipados", platform_version="16.6", model_id="iPad13,1", model="iPad Air (4th generation)",
    form_factor="tablet", grade=Grade.MANAGED, reason="The device inventory knows it.",
)  # fmt: skip
FORGED = Device(
    maker="Apple", platform="ios", form_factor="phone", grade=Grade.WEAK, reason="The X-Mailer header names it.",
    contradictions=("The same device id also spoke as an Android phone.",),
)  # fmt: skip
OUTLOOK = Device(app="Outlook", reason="Outlook mobile speaks through its own service and names no device.")
DEVICES = (IPHONE, IPAD, IPHONE, FORGED)


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)


def directive_of() -> Directive:
    source = Source(
        "order", "Order No. 212 on mobile devices", "Ministry of Bridges and Harbours", SourceStatus.OFFICIAL, date(2026, 8, 20),
        "https://www.example.org/orders/212?a=1&b=2",
    )  # fmt: skip
    press = Source("press", "Harbour Herald, page 3", "Harbour Herald", SourceStatus.NOT_CONFIRMED, date(2026, 8, 21), None)
    mail = Clause(
        id="mail", strength=Strength.MUST, who=Scope(everyone=True), devices=("apple-mobile",), services=("mail", "calendar"),
        starts=start_of(FIRST), deadline=start_of(DEADLINE),
        text="From 1 October 2026, work correspondence shall not be opened on telephones or tablets made by Apple.",
        summary="No work mail on Apple phones and tablets.",
        personal_use_allowed=True, replacements=("android",), sources=("order",),
        stages=(
            Stage("*", StageKind.WARN, start_of(DEADLINE)),
            Stage("activesync", StageKind.BLOCK, start_of(date(2026, 12, 1))),
        ),
    )  # fmt: skip
    reading = replace(mail, id="mail-all-phones", reading_of="mail", text="", sources=("press",), summary="Any phone is meant.")
    regions = replace(
        mail, id="harbours", strength=Strength.SHOULD, who=Scope(units=((TOP, "Department of Harbours"),)), text="",
        summary="Harbours are advised to keep contacts off such devices, too.", services=("contacts",), sources=(), stages=(),
    )  # fmt: skip
    return Directive(
        id="bridges-2026", title="Apple phones and tablets out of work mail", issuer=TOP, version="1.2",
        time_zone="Europe/Helsinki", issued=date(2026, 8, 20), clauses=(mail, reading, regions),
        classes={"apple-mobile": DeviceClass("apple-mobile", "Apple phones and tablets", Is(maker=frozenset({"apple"})))},
        summary="Work mail leaves the devices of one maker by the first of October.", why="One system for all work phones.",
        sources=(source, press),
        replacements={"android": Replacement("android", "Android phone from the approved list", ("android",), "From the desk.")},
        waiver_categories={"travel": WaiverCategory("travel", "Travel abroad", ("minister",), 90)},
    )  # fmt: skip


def staff() -> tuple[Person, ...]:
    rng = Random(7)  # noqa: S311 - the same staff every time
    return tuple(
        Person(
            id=f"e{1000 + number}", name=f"{given} {family}", unit=UNITS[rng.randrange(len(UNITS))],
            logins=(f"BRIDGES\\{given.lower()}.{family.lower()}", f"{given.lower()}.{family.lower()}@example.org"),
        )
        for number, (given, family) in enumerate(itertools.product(GIVEN, FAMILY))
    )  # fmt: skip


def evidence_of(rng: Random, first: datetime, last: datetime, accesses: int) -> tuple[Evidence, ...]:
    share = max(1, accesses * 2 // 3)
    agent = (Clue(ClueKind.USER_AGENT, "Apple-iPhone14C2/2105.236"), Clue(ClueKind.ACTIVESYNC, "iPhone"))
    one = Evidence(
        "iis", "activesync", agent, share, Place("logs/iis/u_ex260931.log.gz", rng.randrange(1, 90_000)),
        Place("logs/iis/u_ex261127.log.gz", rng.randrange(1, 90_000)), first, last,
    )  # fmt: skip
    if share == accesses:
        return (one,)
    two = Evidence(
        "dovecot", "imap", (Clue(ClueKind.IMAP_ID, "name=iPhone Mail, version=21E236, os=iOS, os-version=17.4.1 (21E236)"),),
        accesses - share, Place("logs/dovecot/maillog", rng.randrange(1, 400_000)),
        Place("logs/dovecot/maillog", rng.randrange(400_000, 800_000)), first + timedelta(hours=3), last - timedelta(hours=1),
    )  # fmt: skip
    return (one, two)


def findings_of(people: tuple[Person, ...], violations: int) -> Iterator[Finding]:
    rng = Random(11)  # noqa: S311 - the same findings every time
    waiver = Waiver(
        "W-7", "mail", "travel", "Negotiations abroad until the end of the year.", "minister",
        start_of(DEADLINE), start_of(date(2027, 1, 1)), person="e1044",
    )  # fmt: skip
    kinds = [
        (Verdict.VIOLATION, violations, "Apple phones and tablets: forbidden for mail since 1 October 2026."),
        (Verdict.VIOLATION, 3, "Apple phones and tablets: forbidden for mail since 1 October 2026."),
        (Verdict.ADVISED, 12, "Apple phones and tablets: advised against for contacts since 31 August 2026."),
        (
            Verdict.CANNOT_TELL,
            9,
            "Whether the device is one of these can't be told: Apple phones and tablets. Its maker is not known.",
        ),
    ]
    picked = iter(people * (1 + violations // len(people)))
    for group, (verdict, count, reason) in enumerate(kinds):
        for number in range(count):
            device = OUTLOOK if verdict is Verdict.CANNOT_TELL else DEVICES[number % len(DEVICES)]
            begin = start_of(DEADLINE) + timedelta(days=rng.randrange(1, 30), hours=rng.randrange(7, 18), minutes=7 * number % 60)
            end = min(begin + timedelta(days=rng.randrange(1, 58), hours=1), start_of(LAST) - timedelta(hours=5, minutes=number))
            accesses = rng.randrange(1, 900)
            waived = accesses if group == 1 else (accesses // 2 if number == 3 and verdict is Verdict.VIOLATION else 0)
            yield Finding(
                id=f"{group}{number:07x}", person=next(picked), clause="harbours" if verdict is Verdict.ADVISED else "mail",
                verdict=verdict, device=device, device_ids=() if device is OUTLOOK else (f"APPLDNQ{number:05d}KXF",),
                services=("mail", "calendar") if number % 3 else ("mail",), first=begin, last=end, days=(end - begin).days + 1,
                accesses=accesses, reason=reason, waivers=(waiver,) if waived else (), waived_accesses=waived,
                settles=("maker", "platform") if verdict is Verdict.CANNOT_TELL else (),
                evidence=evidence_of(rng, begin, end, accesses), other={"presence": 31, "attempt": 2} if number % 2 else {},
            )  # fmt: skip


def coverage_of(people: tuple[Person, ...]) -> Coverage:
    logs = (
        LogAccount("logs/iis/u_ex260931.log.gz", "iis", "UTC", 184_220, 121_004,
                   {"not a work service": 51_207, "comment or header": 12_000}, 9,
                   start_of(FIRST), start_of(LAST), reaches=start_of(LAST)),
        LogAccount("logs/dovecot/maillog", "dovecot", "Europe/Helsinki", 802_331, 402_118, {"not an access": 400_212}, 1,
                   start_of(FIRST), start_of(LAST) + timedelta(hours=20), "The file ends in the middle of a line.",
                   reaches=start_of(LAST) + timedelta(hours=20)),
        LogAccount("logs/nginx/access.log", "combined", "UTC", 40_412, 40_412, {}, 0,
                   start_of(date(2026, 9, 14)), start_of(LAST), reaches=start_of(LAST)),
    )  # fmt: skip
    doors = (
        DoorCoverage("activesync", ("iis",), 121_004, ()),
        DoorCoverage("imap", ("dovecot",), 402_118, (date(2026, 9, 5), date(2026, 9, 6), date(2026, 10, 18))),
        DoorCoverage("webmail", ("combined",), 40_412, tuple(FIRST + timedelta(days=n) for n in range(14))),
        DoorCoverage("ews", (), 0, ()),
    )
    seen = start_of(LAST)
    strangers = (
        UnknownLogin("BRIDGES\\svc-scan", 4_120, start_of(FIRST), seen, "No one has this login."),
        UnknownLogin("intern7@example.org", 31, start_of(FIRST), seen, "No one has this login."),
    )
    unclear = (
        UnclearClue((Clue(ClueKind.USER_AGENT, "Outlook-iOS-Android/1.0"),), 5_220, 9, "The program runs on several systems."),
        UnclearClue((), 803, 21, "The log line has no evidence of a device."),
        UnclearClue((Clue(ClueKind.IMAP_ID, "NIL"),), 77, 2, "The client gave no id."),
    )
    return Coverage(
        logs, len(people), len(people) - 38, tuple(sorted(people[-38:], key=lambda one: (one.unit, one.name))), strangers, doors,
        unclear, 563_534, 803, {"e1101": 4}, {"press-desk": 920}, unread_columns=("Phone", "Floor"),
    )  # fmt: skip


def days_of() -> Iterator[DayCount]:
    rng = Random(3)  # noqa: S311 - the same days every time
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        rest = 0.25 if day.weekday() >= 5 else 1.0
        banned = round((52 * 0.975**number + 2 + rng.randrange(4)) * rest)
        seen = round((88 + rng.randrange(6)) * rest)
        platforms = {
            "ios": round(banned * 0.8), "ipados": banned - round(banned * 0.8), "android": round((20 + number * 0.3) * rest),
            "windows": round(62 * rest), "macos": round(6 * rest), "linux": round(3 * rest), "aurora": round(number * 0.1 * rest),
            "unknown": round(9 * rest),
        }  # fmt: skip
        yield DayCount(day, banned, banned if day >= DEADLINE else 0, seen, platforms)


def units_of(people: tuple[Person, ...], findings: tuple[Finding, ...]) -> Iterator[UnitState]:
    worst = {one.person.id: ("waived" if one.waived else one.verdict.word) for one in reversed(findings)}
    unseen = {one.id for one in people[-38:]}
    for unit in sorted(UNITS):
        states = [worst.get(one.id, "never" if one.id in unseen else "clean") for one in people if one.unit == unit]
        counts = [states.count(state) for state in ("violation", "waived", "advised", "cannot tell", "clean", "never")]
        yield UnitState(unit, len(states), *counts)


def answer_of(violations: int = 17) -> Answer:
    people = staff()
    order = (Verdict.VIOLATION, Verdict.ADVISED, Verdict.CANNOT_TELL)
    found = tuple(
        sorted(findings_of(people, violations), key=lambda one: (order.index(one.verdict), one.person.unit, one.person.name))
    )
    return Answer(
        directive_of(), AT, start_of(FIRST), start_of(date(2026, 11, 28)), coverage_of(people), found,
        tuple(units_of(people, found)), tuple(days_of()), "0.1.0", rejects_file="phaseout-rejected.jsonl",
    )  # fmt: skip


@pytest.fixture(scope="session")
def answer() -> Answer:
    """A ministry of 130 people, 17 of them with a violation, and something of everything."""
    return answer_of()


@pytest.fixture(scope="session")
def large_answer() -> Answer:
    """The same with more findings than a page shows in full."""
    return answer_of(2_600)


@pytest.fixture(scope="session")
def empty_answer() -> Answer:
    """A check whose logs showed nothing at all."""
    nothing = Coverage((), 130, 0, staff(), (), (DoorCoverage("imap", (), 0, ()),), (), 0, 0)
    return replace(answer_of(0), coverage=nothing, findings=(), units=(), days=(), rejects_file=None)


@pytest.fixture(scope="session")
def hostile_answer(answer: Answer) -> Answer:
    """The same with names and evidence that try to be something else."""
    script = "<script>alert(1)</script>"
    person = Person("=cmd|x", f'{script}"\x1b[2J\u202e[bold]', ("x@example.org",), (script, "A & B"), kind=AccountKind.SHARED)
    clue = Clue(ClueKind.USER_AGENT, f"{script}\x00\n{{{{ 7 * 7 }}}}")
    first = answer.findings[0]
    bad = replace(
        first, person=person, device=replace(first.device, model=f"</details>{script}"), reason="@SUM(1) " + script,
        evidence=(replace(first.evidence[0], clues=(clue,), first=Place(f"{script}.log", 1)),),
    )  # fmt: skip
    source = replace(answer.directive.sources[0], url="javascript:alert(1)", title=script)
    unclear = (replace(answer.coverage.unclear[0], clues=(clue,)), *answer.coverage.unclear[1:])
    return replace(
        answer, findings=(bad, *answer.findings[1:]), coverage=replace(answer.coverage, unclear=unclear),
        directive=replace(answer.directive, sources=(source,), title=script),
    )  # fmt: skip


@pytest.fixture(scope="session")
def broken_sums(answer: Answer) -> Answer:
    """An answer in which seven lines are not accounted for."""
    first, *rest = answer.coverage.logs
    logs = (replace(first, lines=first.lines + 7), *rest)
    return replace(answer, coverage=replace(answer.coverage, logs=logs))


@pytest.fixture
def with_name(answer: Answer) -> Callable[[str], Answer]:
    """Give the person of the first finding another name."""

    def named(name: str) -> Answer:
        first, *rest = answer.findings
        return replace(answer, findings=(replace(first, person=replace(first.person, name=name)), *rest))

    return named


@pytest.fixture(scope="session")
def staged_answer(answer: Answer) -> Answer:
    """The same under an order of four deadlines, two of them days apart and one at the very end."""
    first, *rest = answer.directive.clauses
    days = (date(2026, 10, 4), date(2026, 10, 9), date(2026, 11, 26))
    staged = tuple(replace(first, id=f"stage-{day:%d}", deadline=start_of(day)) for day in days)
    return replace(answer, directive=replace(answer.directive, clauses=(first, *staged, *rest)))
