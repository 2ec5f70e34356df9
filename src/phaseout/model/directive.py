"""A directive: an order as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from phaseout.model.predicate import Predicate


class Strength(StrEnum):
    """How binding a clause is."""

    MUST = "must"
    """What it names is a violation."""
    SHOULD = "should"
    """What it names is advised against."""
    MAY = "may"
    """What it names is expressly permitted; such a clause never makes a violation."""


class SourceStatus(StrEnum):
    """How far what a source says is established."""

    OFFICIAL = "official"
    CONFIRMED = "confirmed"
    REPORTED = "reported"
    NOT_CONFIRMED = "not-confirmed"
    DENIED = "denied"


class StageKind(StrEnum):
    """What a door does, from gentle to hard."""

    OBSERVE = "observe"
    WARN = "warn"
    QUARANTINE = "quarantine"
    BLOCK = "block"


class Source(Struct, frozen=True):
    """Where we know something from.

    Attributes:
        id: how clauses refer to it.
        title: what it is, such as ``Order No. 12`` or an article's title.
        by: who issued or reported it.
        on: when.
        url: where it can be read, or None.
        status: how far it is established.
        note: anything that the reader must know.
    """

    id: str
    title: str
    by: str
    status: SourceStatus
    on: date | None = None
    url: str | None = None
    note: str = ""


class Amendment(Struct, frozen=True):
    """A change of the directive after it was issued."""

    version: str
    on: date
    summary: str


class Scope(Struct, frozen=True):
    """Whom a clause reaches: anyone whom a part names, unless ``but_not`` names them too.

    Attributes:
        everyone: whether all of the staff are meant.
        units: paths of the tree; each reaches everything below it.
        roles: names of roles.
        people: ids, logins, addresses or full names of single persons.
        but_not: whom the clause leaves out, or None.
    """

    everyone: bool = False
    units: tuple[tuple[str, ...], ...] = ()
    roles: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    but_not: Scope | None = None


class Stage(Struct, frozen=True):
    """What one door does from an instant on, until its next stage.

    Attributes:
        door: one of ``PROTOCOLS``, or ``*`` for every door that has no stages of its own.
        kind: what the door does.
        starts: from when, in UTC.
    """

    door: str
    kind: StageKind
    starts: datetime


class Clause(Struct, frozen=True):
    """One rule of a directive.

    Attributes:
        id: unique within the directive, such as ``1`` or ``mail``.
        text: the order's own words, verbatim; empty when no wording is known.
        summary: our one sentence for it.
        strength: how binding it is.
        who: whom it reaches.
        devices: names of device classes; a device in any of them is meant.
        services: names of work services, or ``*`` for all.
        actions: which actions count as using the service; a successful ``use`` unless the clause says more.
        personal_use_allowed: what the order says of the person's own life; None when it says nothing.
        starts: the first instant at which the clause is in force, in UTC.
        deadline: the first instant at which use is no longer tolerated, in UTC; equal to ``starts`` when the order sets none.
            Between the two, use is advised against, not a violation.
        ends: the first instant at which the clause is no longer in force, or None.
        stages: what the doors do and when.
        replacements: names of the approved replacements.
        sources: ids of the sources that state this clause.
        reading_of: the id of the clause of which this is another reading, or None. A reading is shown, never judged.
    """

    id: str
    strength: Strength
    who: Scope
    devices: tuple[str, ...]
    services: tuple[str, ...]
    starts: datetime
    deadline: datetime
    text: str = ""
    summary: str = ""
    actions: frozenset[str] = frozenset({"use"})
    personal_use_allowed: bool | None = None
    ends: datetime | None = None
    stages: tuple[Stage, ...] = ()
    replacements: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    reading_of: str | None = None

    @property
    def headline(self) -> str:
        """What stands beside its number in lists: our one sentence, else the order's own words."""
        return self.summary or self.text


class Replacement(Struct, frozen=True):
    """What people get instead.

    Attributes:
        id: how clauses refer to it.
        name: for people, such as ``Android phone from the approved list``.
        platforms: the platforms that it runs; empty when that is open.
        how: how a person gets one.
        note: limits, such as who may buy it.
    """

    id: str
    name: str
    platforms: tuple[str, ...] = ()
    how: str = ""
    note: str = ""


class WaiverCategory(Struct, frozen=True):
    """A kind of exception that the directive allows.

    Attributes:
        id: how waivers refer to it.
        title: for people.
        granted_by: roles or ids of those who may grant it.
        longest_days: how many days a waiver may last at most.
    """

    id: str
    title: str
    granted_by: tuple[str, ...]
    longest_days: int


class Waiver(Struct, frozen=True):
    """One person's, or one role's, exception from one clause.

    Attributes:
        id: unique; for reports.
        clause: the clause's id.
        category: the id of one of the directive's categories.
        reason: why, in a sentence.
        granted_by: who granted it.
        starts: the first instant of the waiver, in UTC.
        ends: the first instant after the waiver, in UTC.
        person: a person's id, login, address or full name; None when a role is meant.
        role: a role's name; None when a person is meant.
    """

    id: str
    clause: str
    category: str
    reason: str
    granted_by: str
    starts: datetime
    ends: datetime
    person: str | None = None
    role: str | None = None


class DeviceClass(Struct, frozen=True):
    """A named predicate over a device.

    Attributes:
        id: how clauses refer to it.
        title: for people, in the plural: ``Apple phones and tablets``.
        test: what a device must be.
    """

    id: str
    title: str
    test: Predicate


class Maker(Struct, frozen=True):
    """A maker with the names that its devices go by; device classes name it by id.

    Attributes:
        id: how device classes refer to it.
        name: its trade name.
        brands: its own brands.
        affiliates: companies of its group.
    """

    id: str
    name: str
    brands: tuple[str, ...] = ()
    affiliates: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that a device of this maker may carry."""
        return (self.name, *self.brands, *self.affiliates)


class Directive(Struct, frozen=True):
    """An order as data.

    Attributes:
        id: short and stable, for file names and machines.
        title: for people.
        issuer: the organisation whose order it is.
        version: of this file, such as ``1.0``.
        time_zone: IANA name; every date of the directive begins at midnight there.
        issued: when the order was given, or None.
        summary: what it is about, in one or two sentences.
        why: the reason that the order gives.
        file: where it was read from, as given.
        spellings: makers, models and programs of the device classes as the order writes them, by their form without case, which
            the tests have.
    """

    id: str
    title: str
    issuer: str
    version: str
    time_zone: str
    clauses: tuple[Clause, ...]
    classes: Mapping[str, DeviceClass]
    issued: date | None = None
    summary: str = ""
    why: str = ""
    sources: tuple[Source, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    makers: Mapping[str, Maker] = {}
    replacements: Mapping[str, Replacement] = {}
    waiver_categories: Mapping[str, WaiverCategory] = {}
    file: str = ""
    spellings: Mapping[str, str] = {}

    @property
    def judged(self) -> tuple[Clause, ...]:
        """The clauses that decide; other readings of a clause are only shown."""
        return tuple(clause for clause in self.clauses if clause.reading_of is None)
