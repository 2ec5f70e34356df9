"""Say what was seen and what was not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from phaseout.judge.decide import forbidden_to_somebody
from phaseout.judge.order import Order
from phaseout.model.access import DOORS, SERVICES
from phaseout.model.answer import Coverage, DoorCoverage, LogAccount, UnclearClue, UnknownLogin
from phaseout.model.directive import Directive
from phaseout.model.person import AccountKind
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import doors, tried, unclear, used_devices
from phaseout.reading.reader import OPEN_WEBMAIL
from phaseout.runs.chunk_days import days_in
from phaseout.runs.counting import Standing, last_day
from phaseout.runs.inputs import Asked, Norms
from phaseout.runs.naming import reaches_nobody
from phaseout.runs.numbering import Numbered, Stranger
from phaseout.runs.picturing import Picture
from phaseout.runs.placing import placed


def covered(
    engine: Engine,
    table: Table,
    asked: Asked,
    norms: Norms,
    standing: Sequence[Standing],
    numbered: Numbered,
    picture: Picture,
    accounts: tuple[LogAccount, ...],
) -> Coverage:
    """Put together what was seen and what was not; ``standing`` says of each of the staff list whether they count."""
    in_scope = [(number, person) for number, person in enumerate(norms.people) if standing[number] is Standing.COUNTED]
    never = {number: person for number, person in in_scope if number not in picture.state}
    found = _unclear(engine, table, numbered)
    failed = set(engine.ask(tried, table).column("person").to_pylist()) if never else set[int]()
    zone = norms.order.time_zone
    first = asked.since and asked.since.astimezone(zone).date()
    last = last_day(asked.end, zone)
    first_day = min((each.first.astimezone(zone).date() for each in accounts if each.first), default=None)
    latest = max((min(each.reaches.astimezone(zone).date(), last) for each in accounts if each.reaches), default=None)
    shared = {
        person.id: picture.accesses[number]
        for number, person in enumerate(norms.people)
        if person.kind is not AccountKind.PERSON and number in picture.accesses
    }
    return Coverage(
        logs=accounts,
        people_in_scope=len(in_scope),
        people_seen=len(in_scope) - len(never),
        never_seen=tuple(sorted(never.values(), key=lambda person: (person.unit, person.name))),
        unknown_logins=_unknown(engine, table, numbered, norms.order),
        doors=_doors(engine, table, asked, norms.order, picture, accounts),
        unclear=found,
        accesses=sum(account.accesses for account in accounts),
        accesses_without_clue=sum(each.accesses for each in found if not each.clues),
        outside_service=picture.outside,
        shared_accounts=shared,
        names={person.id: person.name for person in norms.people if person.id in picture.outside or person.id in shared},
        reaches_nobody=reaches_nobody(norms),
        warnings=tuple(map(str, norms.warnings)),
        places=placed(accounts, zone, first or first_day, latest if asked.until is None else last),
        left_out=asked.left_out,
        asked_from=first or min(clause.starts for clause in norms.directive.judged).astimezone(zone).date(),
        asked_to=last,
        first_day=first_day,
        last_day=latest,
        only_tried=len(failed & never.keys()),
        unread_columns=norms.unread_columns,
        not_reached=standing.count(Standing.NOT_REACHED),
        not_there=standing.count(Standing.NOT_THERE),
    )


def _unknown(engine: Engine, table: Table, numbered: Numbered, order: Order) -> tuple[UnknownLogin, ...]:
    """List the logins that belong to nobody: those with a banned device first, then the most used."""
    if not numbered.strangers:
        return ()
    some = engine.give("strangers", plain_table({"person": NUMBER}, [sorted(numbered.strangers)]))
    used: dict[int, Counter[int]] = defaultdict(Counter)
    for row in engine.ask(used_devices, table, some).to_pylist():
        used[row["person"]][row["device"]] += row["n"]
    found = (_stranger(each, used[number], numbered, order) for number, each in numbered.strangers.items())
    return tuple(sorted(found, key=lambda each: (not each.banned, -each.accesses, each.login)))


def _stranger(each: Stranger, used: Counter[int], numbered: Numbered, order: Order) -> UnknownLogin:
    """Say what a login that is nobody's was used with."""
    in_order = sorted(used, key=lambda device: (-used[device], device))
    banned = [device for device in in_order if forbidden_to_somebody(order, numbered.devices[device])]
    labels = tuple(dict.fromkeys(numbered.device_told(device).label for device in in_order))
    of_banned = tuple(dict.fromkeys(numbered.device_told(device).label for device in banned))
    return UnknownLogin(
        each.login, each.accesses, each.first, each.last, each.reason, each.spelt, labels, of_banned, each.unquoted
    )


def _unclear(engine: Engine, table: Table, numbered: Numbered) -> tuple[UnclearClue, ...]:
    """List the evidence that tells neither maker nor platform, with how much use it stands for."""
    of_set = numbered.device_of_clues
    vague = [n for n, device in enumerate(of_set) if not (numbered.devices[device].maker or numbered.devices[device].platform)]
    if not vague:
        return ()
    unknown = engine.give("vague", plain_table({"clue_set": NUMBER}, [vague]))
    return tuple(
        UnclearClue(
            clues=numbered.clues_told(row["clue_set"]),
            accesses=row["n"],
            people=row["people"],
            reason=numbered.device_told(of_set[row["clue_set"]]).reason,
        )
        for row in engine.ask(unclear, table, unknown).to_pylist()
    )


def doors_of(directive: Directive) -> tuple[str, ...]:
    """Return every door by which the services of the order's clauses can be entered."""
    services = {service for clause in directive.judged for service in clause.services}
    meant = SERVICES if "*" in services else [service for service in SERVICES if service in services]
    return tuple(dict.fromkeys(door for service in meant for door in DOORS[service]))


def _doors(
    engine: Engine, table: Table, asked: Asked, order: Order, picture: Picture, accounts: tuple[LogAccount, ...]
) -> tuple[DoorCoverage, ...]:
    """Say of each door which logs showed it, and which days are missing."""
    formats: dict[str, set[str]] = defaultdict(set)
    accesses: dict[str, int] = defaultdict(int)
    days: dict[str, set[date]] = defaultdict(set)
    for row in engine.ask(doors, table).to_pylist():
        door = row["protocol"]
        formats[door].add(row["format"])
        accesses[door] += row["n"]
        days[door].update(days_in(row["chunk"], row["days"]))
    expected = asked.doors or doors_of(order.directive)
    every_day = _days_asked(asked, order, picture)
    nameless = {"webmail": sum(account.ignored.get(OPEN_WEBMAIL, 0) for account in accounts)}
    return tuple(
        DoorCoverage(
            door,
            tuple(sorted(formats[door])),
            accesses[door],
            tuple(day for day in every_day if day not in days[door]),
            nameless.get(door, 0),
        )
        for door in dict.fromkeys((*expected, *sorted(formats)))
    )


def _days_asked(asked: Asked, order: Order, picture: Picture) -> tuple[date, ...]:
    """Return the days that ought to show something: those asked for, else from the first seen to the last."""
    first = picture.days[0].day if picture.days else None
    last = picture.days[-1].day if picture.days else None
    if asked.since is not None:
        first = asked.since.astimezone(order.time_zone).date()
    if asked.until is not None:
        last = last_day(asked.end, order.time_zone)
    if first is None or last is None:
        return ()
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
