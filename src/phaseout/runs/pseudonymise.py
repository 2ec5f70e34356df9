"""An answer with pseudonyms in place of people: what may be shown to those who need not know who.

Units, devices, counts and times stay as they are: in a unit of one person, they tell who it is all the same. The order's own
words stay, too, but for people's logins, and so do the roles that it names.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from phaseout.model.access import Place
from phaseout.model.answer import Answer, Coverage, Evidence, Finding, LogAccount, UnclearClue, UnknownLogin
from phaseout.model.clue import Clue
from phaseout.model.device import Device
from phaseout.model.directive import Clause, Directive, Scope, Waiver
from phaseout.model.person import Person
from phaseout.runs.full_names import with_ids
from phaseout.runs.pseudonyms import Pseudonyms

WITHHELD = "The reason is withheld."
"""Stands for a waiver's reason, which is free text about a person, and for one that can't be told without the login."""


def pseudonymised(answer: Answer, key: bytes, staff: Iterable[Person] = ()) -> Answer:
    """Return an answer in which names, logins, ids and device ids are replaced, each by the same pseudonym everywhere.

    Texts that come from logs are cleaned of every login, id and name that the answer or the staff list knows, and of what looks
    like an address or a device's id. That goes by words and by what is glued to them, so a login such as ``mail`` is replaced
    wherever that word stands in a clue, in ``Gmail`` too: rather too much than too little.

    Args:
        answer: as a check gave it.
        key: makes the pseudonyms; the same key makes the same ones, so that answers of several days can be compared.
        staff: the staff list; people with nothing against them are not in the answer, but logs may name them, too.

    Raises:
        ValueError: the key is too short.
    """
    names, staff = Pseudonyms(key), tuple(staff)
    answer = replace(answer, directive=with_ids(answer.directive, (), staff).directive)
    _learn(names, answer, staff)
    findings = sorted(
        (_finding(names, answer.directive, one) for one in answer.findings),
        key=lambda one: (-one.verdict, one.person.unit, one.person.id, one.clause, one.id),
    )
    return replace(
        answer,
        directive=_directive(names, answer.directive),
        coverage=_coverage(names, answer.coverage),
        findings=tuple(findings),
        pseudonymised=True,
        rejects_file=names.text(answer.rejects_file) if answer.rejects_file is not None else None,
    )


def _learn(names: Pseudonyms, answer: Answer, staff: Iterable[Person]) -> None:
    """Learn everything personal before anything is replaced."""
    coverage = answer.coverage
    names.learn(staff)
    names.learn(one.person for one in answer.findings)
    names.learn(coverage.never_seen)
    for clause in answer.directive.clauses:
        for named in _named(clause.who):
            names.learn_own_login(named, names.known(named) or names.person(named))
    for login in (*(one.login for one in coverage.unknown_logins), *coverage.outside_service, *coverage.shared_accounts):
        names.learn_login(login, names.person(login))
    for one in answer.findings:
        for device_id in one.device_ids:
            names.learn_device(device_id)
    for clue in _clues(answer):
        names.learn_certificate(clue)
        names.learn_device_name(clue)


def _named(scope: Scope) -> Iterable[str]:
    """Give the people whom a clause names by id, login or address."""
    yield from scope.people
    if scope.but_not is not None:
        yield from _named(scope.but_not)


def _clues(answer: Answer) -> Iterable[Clue]:
    for unclear in answer.coverage.unclear:
        yield from unclear.clues
    for finding in answer.findings:
        for evidence in finding.evidence:
            yield from evidence.clues


def _person(names: Pseudonyms, person: Person) -> Person:
    own = names.person(person.id)
    return Person(id=own, name=own, unit=person.unit, kind=person.kind)


def _coverage(names: Pseudonyms, coverage: Coverage) -> Coverage:
    never = (_person(names, person) for person in coverage.never_seen)
    unknown = (_unknown(names, login) for login in coverage.unknown_logins)
    return replace(
        coverage,
        logs=tuple(_log(names, log) for log in coverage.logs),
        never_seen=tuple(sorted(never, key=lambda person: (person.unit, person.name))),
        unknown_logins=tuple(sorted(unknown, key=lambda login: (not login.banned, -login.accesses, login.login))),
        unclear=tuple(_unclear(names, one) for one in coverage.unclear),
        outside_service={names.person(key): count for key, count in coverage.outside_service.items()},
        names={},
        places=tuple(replace(place, name=names.text(place.name)) for place in coverage.places),
        left_out=tuple(replace(each, path=names.text(each.path)) for each in coverage.left_out),
        shared_accounts={names.person(key): count for key, count in coverage.shared_accounts.items()},
        warnings=tuple(map(names.text, coverage.warnings)),
        unread_columns=tuple(map(names.text, coverage.unread_columns)),
        reaches_nobody=tuple(
            dict.fromkeys("a person" if name.startswith("person ") else name for name in coverage.reaches_nobody)
        ),
    )


def _log(names: Pseudonyms, log: LogAccount) -> LogAccount:
    return replace(log, file=names.text(log.file), note=names.text(log.note))


def _unknown(names: Pseudonyms, login: UnknownLogin) -> UnknownLogin:
    devices, banned = (tuple(map(names.text, some)) for some in (login.devices, login.banned))
    own = names.person(login.login)
    # A login may be any text at all, so what quotes it can't be cleaned by looks.
    return replace(login, login=own, reason=login.unquoted or WITHHELD, spelt=(), devices=devices, banned=banned)


def _unclear(names: Pseudonyms, one: UnclearClue) -> UnclearClue:
    return replace(one, clues=tuple(map(names.clue, one.clues)), reason=names.text(one.reason))


def _finding(names: Pseudonyms, directive: Directive, finding: Finding) -> Finding:
    person = _person(names, finding.person)
    return replace(
        finding,
        id=names.make("finding", finding.id),
        person=person,
        device=_device(names, finding.device),
        device_ids=tuple(sorted(names.make("device", device_id.casefold()) for device_id in finding.device_ids)),
        waivers=tuple(_waiver(names, directive, waiver, person.id) for waiver in finding.waivers),
        evidence=tuple(_evidence(names, one) for one in finding.evidence),
    )


def _device(names: Pseudonyms, device: Device) -> Device:
    return replace(
        device,
        reason=names.text(device.reason),
        contradictions=tuple(names.text(sentence) for sentence in device.contradictions),
    )


def _evidence(names: Pseudonyms, evidence: Evidence) -> Evidence:
    return replace(
        evidence,
        clues=tuple(map(names.clue, evidence.clues)),
        first=Place(names.text(evidence.first.file), evidence.first.line),
        last=Place(names.text(evidence.last.file), evidence.last.line),
    )


def _waiver(names: Pseudonyms, directive: Directive, waiver: Waiver, holder: str) -> Waiver:
    """Replace whom a waiver is for, who granted it and why; a granting role that the order names stays."""
    roles = {role for category in directive.waiver_categories.values() for role in category.granted_by}
    known = names.known(waiver.granted_by)
    granted = waiver.granted_by if known is None and waiver.granted_by in roles else known or names.person(waiver.granted_by)
    return replace(
        waiver,
        id=names.make("waiver", waiver.id),
        reason=WITHHELD,
        granted_by=granted,
        person=holder if waiver.person is not None else None,
    )


def _directive(names: Pseudonyms, directive: Directive) -> Directive:
    """Replace the people whom an order names by id, login or address."""
    categories = {
        key: replace(category, granted_by=tuple(names.known(role) or role for role in category.granted_by))
        for key, category in directive.waiver_categories.items()
    }
    clauses = tuple(_clause(names, clause) for clause in directive.clauses)
    return replace(
        directive,
        clauses=clauses,
        waiver_categories=categories,
        summary=names.order_text(directive.summary),
        why=names.order_text(directive.why),
        file=names.text(directive.file),
    )


def _clause(names: Pseudonyms, clause: Clause) -> Clause:
    text, summary = names.order_text(clause.text), names.order_text(clause.summary)
    return replace(clause, who=_scope(names, clause.who), text=text, summary=summary)


def _scope(names: Pseudonyms, scope: Scope) -> Scope:
    people = frozenset(names.known(person) or names.person(person) for person in scope.people)
    return replace(scope, people=people, but_not=_scope(names, scope.but_not) if scope.but_not is not None else None)
