"""A checked shape into the model's values: dates into instants, names of makers and classes into what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from phaseout.directive.shape import ClauseShape, DirectiveShape, PeopleShape, StageShape, TestShape, WhoShape
from phaseout.model.directive import (
    Amendment,
    Clause,
    DeviceClass,
    Directive,
    Maker,
    Replacement,
    Scope,
    Source,
    SourceStatus,
    Stage,
    StageKind,
    Strength,
    WaiverCategory,
)
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, Predicate, VersionRange


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which a day begins.

    Where the clocks jump over midnight, the day begins when they jump; where they pass it twice, at the first.

    Example:
        >>> midnight(date(2023, 7, 17), ZoneInfo("Europe/Moscow"))
        datetime.datetime(2023, 7, 16, 21, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def midnight_after(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which a day is over."""
    return midnight(day + timedelta(days=1), zone)


def build(shape: DirectiveShape, file: str) -> Directive:
    """Turn a shape in which nothing is wrong into a directive.

    Args:
        shape: checked, without errors.
        file: where it was read from, as given.
    """
    zone = ZoneInfo(shape.time_zone)
    makers = {name: Maker(name, maker.name, maker.brands, maker.affiliates) for name, maker in shape.makers.items()}
    return Directive(
        id=shape.id,
        title=shape.title,
        issuer=shape.issuer,
        version=shape.version,
        time_zone=shape.time_zone,
        clauses=tuple(_clause(clause, zone) for clause in shape.clauses),
        classes=_classes(shape, makers),
        issued=shape.issued,
        summary=shape.summary,
        why=shape.why,
        sources=tuple(
            Source(source.id, source.title, source.by, SourceStatus(source.status), source.on, source.url, source.note)
            for source in shape.sources
        ),
        amendments=tuple(Amendment(one.version, one.on, one.summary) for one in shape.amendments),
        makers=makers,
        replacements={
            name: Replacement(name, one.name, one.platforms, one.how, one.note) for name, one in shape.replacements.items()
        },
        waiver_categories={
            name: WaiverCategory(name, one.title, one.granted_by, one.longest_days) for name, one in shape.waivers.items()
        },
        file=file,
        spellings={name.casefold(): name for one in shape.devices.values() for name in _names(one.is_)},
    )


def _clause(shape: ClauseShape, zone: ZoneInfo) -> Clause:
    starts = midnight(shape.starts, zone)
    return Clause(
        id=shape.id,
        strength=Strength(shape.strength),
        who=_who(shape.who),
        devices=shape.devices,
        services=shape.services,
        starts=starts,
        deadline=midnight(shape.deadline, zone) if shape.deadline is not None else starts,
        text=shape.text,
        summary=shape.summary,
        actions=frozenset(shape.actions),
        personal_use_allowed=shape.personal_use_allowed,
        ends=midnight_after(shape.until, zone) if shape.until is not None else None,
        stages=tuple(
            Stage(door, StageKind(stage.do), midnight(stage.starts, zone))
            for stage in sorted(shape.stages, key=_first_day)
            for door in stage.door
        ),
        replacements=shape.replacements,
        sources=shape.sources,
        reading_of=shape.reading_of,
    )


def _first_day(stage: StageShape) -> date:
    return stage.starts


def _who(shape: WhoShape) -> Scope:
    return _scope(shape, _scope(shape.but_not, None) if shape.but_not is not None else None)


def _scope(shape: PeopleShape, but_not: Scope | None) -> Scope:
    return Scope(shape.everyone, shape.units, frozenset(shape.roles), frozenset(shape.people), but_not)


def _classes(shape: DirectiveShape, makers: Mapping[str, Maker]) -> dict[str, DeviceClass]:
    """Build the classes with every class that they name written out; no circle is left, and none grows large."""
    built: dict[str, Predicate] = {}
    waiting = list(shape.devices)
    while waiting:
        name = waiting[-1]
        test = shape.devices[name].is_
        missing = [used for used in _used(test) if used not in built]
        if missing:
            waiting.extend(missing)
            continue
        if name not in built:
            built[name] = _predicate(test, makers, built)
        waiting.pop()
    return {name: DeviceClass(name, one.title, built[name]) for name, one in shape.devices.items()}


def _used(test: TestShape) -> list[str]:
    """Return the names of the classes that a test is made of."""
    return [*test.class_, *(name for part in _parts(test) for name in _used(part))]


def _names(test: TestShape) -> list[str]:
    """Return the names that a test and its parts ask for, as they are written."""
    return [*test.maker, *test.model, *test.app, *(name for part in _parts(test) for name in _names(part))]


def _parts(test: TestShape) -> tuple[TestShape, ...]:
    return (*test.any_, *test.all_, *((test.not_,) if test.not_ is not None else ()))


def _predicate(test: TestShape, makers: Mapping[str, Maker], built: Mapping[str, Predicate]) -> Predicate:
    """Build one test; its keys must all hold."""
    parts: list[Predicate] = []
    fields = _fields(test, makers)
    if fields != Is():
        parts.append(fields)
    if test.class_:
        parts.append(_one_of(tuple(built[name] for name in test.class_)))
    if test.any_:
        parts.append(_one_of(tuple(_predicate(part, makers, built) for part in test.any_)))
    parts.extend(_predicate(part, makers, built) for part in test.all_)
    if test.not_ is not None:
        parts.append(Not(_predicate(test.not_, makers, built)))
    return parts[0] if len(parts) == 1 else AllOf(tuple(parts))


def _one_of(parts: tuple[Predicate, ...]) -> Predicate:
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def _fields(test: TestShape, makers: Mapping[str, Maker]) -> Is:
    names = (spelt for name in test.maker for spelt in (makers[name].names if name in makers else (name,)))
    version = VersionRange(test.version.at_least, test.version.below) if test.version is not None else None
    return Is(
        maker=frozenset(name.casefold() for name in names),
        platform=frozenset(test.platform),
        version=version,
        form_factor=frozenset(test.form_factor),
        model=tuple(pattern.casefold() for pattern in test.model),
        app=frozenset(name.casefold() for name in test.app),
    )
