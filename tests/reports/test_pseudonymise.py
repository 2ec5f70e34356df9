"""Pseudonyms: nobody can be found in any report, and everything still fits together."""

import io
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from phaseout.model.answer import Answer
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.directive import Scope
from phaseout.model.person import AccountKind, Person
from phaseout.reports import REPORTS
from phaseout.runs.pseudonymise import pseudonymised
from phaseout.runs.pseudonyms import Pseudonyms

KEY = b"sixteen bytes or more of it"


@pytest.fixture
def talkative(answer: Answer) -> Answer:
    """An answer whose clues, reasons, places, waivers and order name people."""
    first, *rest = answer.findings
    login, device = first.person.logins[0], first.device_ids[0]
    clues = (
        Clue(ClueKind.USER_AGENT, f"Cmd=Sync&User={login.replace(chr(92), '%5C')}&DeviceId={device}&DeviceType=iPhone"),
        Clue(ClueKind.CERTIFICATE, f"CN={first.person.name},OU=Bridges"),
        Clue(ClueKind.X_MAILER, f"{first.person.name}'s iPhone Mail, {first.person.logins[1].upper()}"),
    )
    evidence = tuple(
        replace(one, clues=clues, first=replace(one.first, file=f"/home/{first.person.logins[1]}/a.log"))
        for one in first.evidence
    )
    spoken = replace(first.device, reason=f"A checked client certificate for {first.person.name}: a managed endpoint.",
                     contradictions=(f"{device.lower()} spoke as two.",))  # fmt: skip
    waiver = replace(
        next(waiver for finding in answer.findings for waiver in finding.waivers), id=f"for-{first.person.name}", person=login,
        reason=f"{first.person.name} travels.", granted_by=rest[0].person.id,
    )  # fmt: skip
    loud = replace(first, evidence=evidence, device=spoken, waivers=(waiver,), waived_accesses=1)
    clause, *others = answer.directive.clauses
    scoped = replace(clause, who=Scope(everyone=True, but_not=Scope(people=frozenset({login, "outsider@example.org"}))))
    unclear = (replace(answer.coverage.unclear[0], clues=clues[:1]), *answer.coverage.unclear[1:])
    return replace(
        answer, findings=(loud, *rest), directive=replace(answer.directive, clauses=(scoped, *others)),
        coverage=replace(answer.coverage, unclear=unclear),
    )  # fmt: skip


def secrets(answer: Answer) -> Iterator[str]:
    people = [*(one.person for one in answer.findings), *answer.coverage.never_seen]
    for person in people:
        yield from (person.id, person.name, *person.logins, person.logins[0].rpartition("\\")[2])
    yield from (login.login for login in answer.coverage.unknown_logins)
    yield from answer.coverage.shared_accounts
    yield from answer.coverage.outside_service
    yield from (device_id for one in answer.findings for device_id in one.device_ids)
    yield from (waiver.id for one in answer.findings for waiver in one.waivers)
    yield "outsider@example.org"


@pytest.mark.parametrize("name", REPORTS.ids)
def test_no_report_names_anybody(name: str, talkative: Answer) -> None:
    wanted = {secret.casefold() for secret in secrets(talkative)}
    texts = []
    for given in (talkative, pseudonymised(talkative, KEY)):
        stream = io.StringIO()
        REPORTS[name].write(given, stream)
        texts.append(re.sub(r"\s+", " ", stream.getvalue()).casefold())
    plainly, hidden = texts
    assert sum(secret in plainly for secret in wanted) > len(talkative.findings)
    assert [secret for secret in wanted if re.search(rf"(?<![0-9a-z]){re.escape(secret)}(?![0-9a-z])", hidden)] == []


def test_the_same_person_has_the_same_pseudonym_everywhere(answer: Answer) -> None:
    hidden = pseudonymised(answer, KEY)
    before = Counter(Counter(one.person.id for one in answer.findings).values())
    assert Counter(Counter(one.person.id for one in hidden.findings).values()) == before
    login = answer.coverage.unknown_logins[0].login
    stranger = replace(answer.findings[0], person=Person(login, login))
    again = pseudonymised(replace(answer, findings=(stranger,)), KEY)
    assert again.findings[0].person.id == again.coverage.unknown_logins[0].login


def test_counts_units_devices_and_times_stay(answer: Answer) -> None:
    hidden = pseudonymised(answer, KEY)
    assert hidden.pseudonymised
    assert hidden.units == answer.units
    assert hidden.days == answer.days

    def kept(given: Answer) -> list[object]:
        return sorted(
            (one.verdict, one.person.unit, one.device.label, one.first, one.last, one.accesses) for one in given.findings
        )

    assert kept(hidden) == kept(answer)
    assert len(hidden.coverage.never_seen) == len(answer.coverage.never_seen)


def test_the_key_decides(answer: Answer) -> None:
    one, same, other = (pseudonymised(answer, key) for key in (KEY, KEY, KEY + b"!"))
    assert one == same
    assert not {finding.person.id for finding in one.findings} & {finding.person.id for finding in other.findings}


def test_a_short_key_is_refused(answer: Answer) -> None:
    with pytest.raises(ValueError, match="at least 16 bytes, not 5"):
        pseudonymised(answer, b"short")


def test_the_order_of_findings_does_not_follow_names(answer: Answer) -> None:
    hidden = pseudonymised(answer, KEY)
    keys = [(-one.verdict, one.person.unit, one.person.id) for one in hidden.findings]
    assert keys == sorted(keys)


def test_people_who_are_not_in_the_answer_are_found_by_the_staff_list(answer: Answer) -> None:
    clue = Clue(ClueKind.USER_AGENT, "Mail for quiet.colleague")
    unclear = (replace(answer.coverage.unclear[0], clues=(clue,)),)
    given = replace(answer, coverage=replace(answer.coverage, unclear=unclear))
    staff = [Person("e77", "Quiet Colleague", ("quiet.colleague@example.org",))]
    assert "quiet" not in str(pseudonymised(given, KEY, staff).coverage.unclear).casefold()


@pytest.mark.parametrize(
    "text",
    [
        "Apple-iPhone14C2/2105.236",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 Version/17.4.1 Mobile/15E148",
        "name=iPhone Mail, version=21E236, os=iOS, os-version=17.4.1 (21E236)",
        "Outlook-iOS-Android/1.0",
    ],
)
def test_what_names_nobody_is_left_as_it_is(text: str) -> None:
    names = Pseudonyms(KEY)
    names.learn([Person("17", "Max Pro", ("CORP\\m.pro",)), Person("e5", "Vera Lund", ("vera@example.org",))])
    assert names.text(text) == text


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("somebody@else.example.org wrote", "somebody"),
        ("id 0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b"),
        ("DeviceId=ApplDNQXK0AAABCD", "DNQXK0"),
        ("androidc1029384756", "1029384756"),
        ("VERA's phone", "VERA"),
        ("name=Veras iPhone 15", "Vera"),
        ("EXAMPLE.ORG%5Cvera", "vera"),
    ],
)
def test_what_looks_personal_is_replaced_even_when_nobody_is_known_by_it(text: str, gone: str) -> None:
    names = Pseudonyms(KEY)
    names.learn([Person("e5", "Vera Lund", ("vera@example.org",))])
    assert gone not in names.text(text)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("DeviceType=iPhoneAnnalogin", "annalogin"),
        ("/home/annalogin2/a.log", "annalogin"),
        ("xAnnalogin", "annalogin"),
        ("myannalogin7x", "annalogin"),
        ("ANNALOGIN_phone", "annalogin"),
        ("seen by a.lund.", "a.lund"),
        ("/srv/a.lund2/", "a.lund"),
        ("iPhoneVera", "vera"),
        ("VerasiPhone", "lund"),
        ("ß-straßeAnnalogin", "annalogin"),
    ],
)
def test_what_is_glued_to_other_letters_is_replaced(text: str, gone: str) -> None:
    names = Pseudonyms(KEY)
    names.learn([Person("e5", "Vera Lund", ("annalogin@example.org", "a.lund"))])
    assert gone not in names.text(text).casefold()


def test_what_a_login_is_glued_to_stays() -> None:
    names = Pseudonyms(KEY)
    names.learn([Person("e5", "Vera Lund", ("annalogin",))])
    own = names.person("e5")
    assert names.text("DeviceType=iPhoneAnnalogin, /home/annalogin2") == f"DeviceType=iPhone{own}, /home/{own}2"


def test_no_pseudonym_is_replaced_once_more() -> None:
    names = Pseudonyms(KEY)
    learned = names.make("device", "mum's phone")
    names.learn([Person("e5", "Vera Lund", (learned[-6:], "device"))])
    names.learn_device_name(Clue(ClueKind.INVENTORY, "os=Ios; name=Mum's phone"))
    assert names.text("the mum's phone here") == f"the {learned} here"


def test_no_order_names_a_login(answer: Answer) -> None:
    clause, *others = answer.directive.clauses
    login = next(login for login in answer.findings[0].person.logins if "@" in login)
    user = login.partition("@")[0]
    text = f"As {login} and outsider@example.net asked ({user.upper()}), no mail; help@example.org tells, but not {user}."
    clause = replace(clause, text=text, summary=text, who=Scope(people=frozenset({"outsider@example.net"})))
    directive = replace(answer.directive, clauses=(clause, *others), summary=text, why=text)
    shared = Person("m", "Mail", ("mail",), kind=AccountKind.SHARED)
    hidden = pseudonymised(replace(answer, directive=directive), KEY, [shared]).directive
    for shown in (hidden.clauses[0].text, hidden.clauses[0].summary, hidden.summary, hidden.why):
        assert user not in shown.casefold()
        assert "outsider" not in shown
        assert "no mail; help@example.org tells, but not person-" in shown


def test_what_an_inventory_calls_a_device_is_replaced_wherever_it_is_quoted() -> None:
    names = Pseudonyms(KEY)
    clue = Clue(ClueKind.INVENTORY, "os=Ios; name=Mum%3Bs old phone; managed=yes")
    names.learn_device_name(clue)
    for text in (names.clue(clue).value, names.text("The inventory knows it as mum;s old phone.")):
        assert "mum" not in text.casefold()
        assert "old phone" not in text
    assert "os=Ios" in names.clue(clue).value
