"""The answer of a check: what reports show. Coverage comes before everything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.model.access import Place
from phaseout.model.clue import Clue
from phaseout.model.device import Device
from phaseout.model.directive import Directive, Waiver
from phaseout.model.person import Person
from phaseout.model.verdict import Verdict

OUTSIDE_TIME: Final = "outside the asked time"
"""Why lines are set aside that are before or after it."""


class LogAccount(Struct, frozen=True):
    """What became of every line of one log file: lines = accesses + ignored + rejected.

    Attributes:
        file: as given.
        format: the reader's id.
        time_zone: how its times were read, such as ``UTC`` or ``Europe/Moscow``.
        lines: lines read.
        accesses: lines that are accesses.
        ignored: lines set aside, by the reason's name.
        rejected: lines that could not be read; they are kept in the rejects file.
        first: the first time stamp in it, in UTC, or None.
        last: the last time stamp in it, in UTC, or None.
        note: what must be known about the file, such as that it is cut off.
        latest: the last local day that its stamps were taken to show, where they may carry no year, or None.
        reaches: the last time stamp in it that is not half a year ahead of the check, for a damaged one shows no days; or None.
        days: the local days of which it has a line.
    """

    file: str
    format: str
    time_zone: str
    lines: int
    accesses: int
    ignored: Mapping[str, int]
    rejected: int
    first: datetime | None = None
    last: datetime | None = None
    note: str = ""
    latest: date | None = None
    reaches: datetime | None = None
    days: frozenset[date] = frozenset()

    @property
    def times(self) -> str:
        """How its times were read, for people."""
        return self.time_zone if self.latest is None else f"{self.time_zone}; stamps without a year: up to {self.latest}"

    def setting_aside(self, lines: int, reason: str) -> LogAccount:
        """Return the account in which so many accesses are ignored for a reason."""
        ignored = {**self.ignored, reason: self.ignored.get(reason, 0) + lines}
        return replace(self, accesses=self.accesses - lines, ignored=dict(sorted(ignored.items())))

    @property
    def adds_up(self) -> bool:
        """Whether every line is accounted for."""
        return self.lines == self.accesses + sum(self.ignored.values()) + self.rejected


class UnknownLogin(Struct, frozen=True):
    """A login of the logs that belongs to nobody on the staff list.

    Attributes:
        login: in its normal form.
        accesses: how many.
        first: the first, in UTC.
        last: the last, in UTC.
        reason: why nobody was found.
        spelt: as the logs spell it, each once.
        devices: what it was used with, the most used first, in words; not those that only tried.
        banned: those of them that a clause forbids to somebody.
        unquoted: the reason without any word of the login, for where logins are not to be shown.
    """

    login: str
    accesses: int
    first: datetime
    last: datetime
    reason: str
    spelt: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    unquoted: str = ""


class UnclearClue(Struct, frozen=True):
    """Evidence that did not settle what the device is.

    Attributes:
        clues: what the log had; empty when it had nothing.
        accesses: how much use it stands for.
        people: by how many people.
        reason: why it does not tell.
    """

    clues: tuple[Clue, ...]
    accesses: int
    people: int
    reason: str


class LogPlace(Struct, frozen=True):
    """A log and those that rotation has made of it, which one server writes.

    Attributes:
        name: the path that all of them have in common.
        format: the reader's id.
        files: how many.
        first: the first local day that any shows.
        last: the last local day that any shows.
        missing_days: days of the asked time that no file of it reaches.
        silent_days: days that a file reaches and has no line of, many more in a row than is usual for this log.
    """

    name: str
    format: str
    files: int
    first: date
    last: date
    missing_days: tuple[date, ...]
    silent_days: tuple[date, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it shows every day, as far as that can be told."""
        return not (self.missing_days or self.silent_days)


class LeftOut(Struct, frozen=True):
    """Something that lies in a folder of logs and was not read, and why."""

    path: str
    why: str


class DoorCoverage(Struct, frozen=True):
    """What was seen of one door.

    Attributes:
        door: one of ``PROTOCOLS``.
        formats: ids of the log formats that showed it; empty when no log did.
        accesses: how many.
        missing_days: days of the asked time on which no log showed anything of this door.
        nameless: requests that were answered, and of which the logs do not say whose they were; they are no accesses.
    """

    door: str
    formats: tuple[str, ...]
    accesses: int
    missing_days: tuple[date, ...]
    nameless: int = 0


class Coverage(Struct, frozen=True):
    """What was seen and what was not.

    Attributes:
        logs: one account per file.
        places: one for each log and those that rotation has made of it.
        left_out: what lies in the folders of logs and was not read.
        asked_from: the first day that the answer ought to speak of: the one asked for, else that of the order's first clause.
        asked_to: the last day that it ought to speak of.
        first_day: the first day that any log shows, or None.
        last_day: the last day that any log shows, or None.
        people_in_scope: how many people of the staff list the order's clauses reach who were in the organisation on some day of
            the time, or were seen.
        people_seen: how many of those were seen at all.
        never_seen: those who were not, sorted by unit and name.
        only_tried: of how many of those the logs show only requests that got nothing, or that prove nobody.
        unknown_logins: logins that belong to nobody, most used first.
        doors: every door that the order's services can be entered by.
        unclear: evidence that did not settle the device, most used first.
        accesses: all accesses in the asked time.
        accesses_without_clue: those whose log line had no evidence of a device.
        outside_service: on how many days people used work services outside their days in the organisation, by person id.
        shared_accounts: accesses by accounts that are nobody's own, by person id.
        names: of the people and accounts that ``outside_service`` and ``shared_accounts`` know by their ids.
        reaches_nobody: units, roles and people that the order names and nobody on the staff list is, in words; mostly a spelling.
        warnings: what else in the order, or in the staff list, is mostly a mistake, with its place and the way out.
        not_reached: how many people of the staff list no clause reaches.
        not_there: how many more the clauses reach who were not in the organisation on any day of the time, and were not seen.
        unread_columns: names of the staff list's columns that were not looked at, as the list has them.
    """

    logs: tuple[LogAccount, ...]
    people_in_scope: int
    people_seen: int
    never_seen: tuple[Person, ...]
    unknown_logins: tuple[UnknownLogin, ...]
    doors: tuple[DoorCoverage, ...]
    unclear: tuple[UnclearClue, ...]
    accesses: int
    accesses_without_clue: int
    outside_service: Mapping[str, int] = {}
    shared_accounts: Mapping[str, int] = {}
    names: Mapping[str, str] = {}
    reaches_nobody: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    places: tuple[LogPlace, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    asked_from: date | None = None
    asked_to: date | None = None
    first_day: date | None = None
    last_day: date | None = None
    only_tried: int = 0
    unread_columns: tuple[str, ...] = ()
    not_reached: int = 0
    not_there: int = 0


class Evidence(Struct, frozen=True):
    """What one log format showed of a finding.

    Attributes:
        format: the reader's id.
        protocol: the door.
        clues: the evidence of the device, as it stood there.
        accesses: how many.
        first: where the first line stands.
        last: where the last line stands.
        first_at: its time, in UTC.
        last_at: its time, in UTC.
    """

    format: str
    protocol: str
    clues: tuple[Clue, ...]
    accesses: int
    first: Place
    last: Place
    first_at: datetime
    last_at: datetime


class Finding(Struct, frozen=True):
    """One person's standing under one clause with one device.

    Attributes:
        id: stable over runs for the same person, clause and device.
        person: who; an unknown login stands as one of that kind, with the login as id and no unit.
        clause: the clause's id.
        verdict: violation, advised, or cannot tell.
        device: what it is.
        device_ids: the ids that the device gave for itself.
        services: the work services used.
        first: the first such access that no waiver covers, in UTC; the first of all where waivers cover all.
        last: the last, in the same way.
        days: on how many local days, in the same way.
        accesses: how many, those under a waiver among them.
        reason: one sentence.
        waivers: the waivers that cover some or all of it.
        waived_accesses: how many accesses a waiver covers; equal to ``accesses`` when all of it is waived.
        settles: what would settle a "cannot tell".
        evidence: by log format and door.
        other: further accesses of the same device that the clause does not count, by action (presence, set-up, attempt).
        weaker_accesses: how many of the accesses that count are known by evidence that proves less than the device's grade says.
    """

    id: str
    person: Person
    clause: str
    verdict: Verdict
    device: Device
    device_ids: tuple[str, ...]
    services: tuple[str, ...]
    first: datetime
    last: datetime
    days: int
    accesses: int
    reason: str
    waivers: tuple[Waiver, ...]
    waived_accesses: int
    settles: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    other: Mapping[str, int] = {}
    weaker_accesses: int = 0

    @property
    def waived(self) -> bool:
        """Whether a waiver covers every access of it."""
        return self.waived_accesses == self.accesses

    @property
    def counted_accesses(self) -> int:
        """How many accesses are between first and last: those that no waiver covers, or all where waivers cover all."""
        return self.accesses if self.waived else self.accesses - self.waived_accesses


class DayCount(Struct, frozen=True):
    """What one local day showed.

    Attributes:
        day: in the directive's time zone.
        banned: people who used a device that a clause forbids or will forbid, whatever the date says yet.
        violating: people with a violation that no waiver covers.
        seen: people seen at all; each login of nobody and each shared account counts as one, here and above.
        platforms: people by platform; ``unknown`` stands for "cannot tell".
    """

    day: date
    banned: int
    violating: int
    seen: int
    platforms: Mapping[str, int]


class UnitState(Struct, frozen=True):
    """How one unit stands; each person counts once, with the worst that was found.

    Attributes:
        unit: the path.
        people: all of the staff list in it; the sum of those below.
        violating: people with a violation that no waiver covers.
        waived: people whose violations are all waived.
        advised: people who were advised against what they use.
        cannot_tell: people of whose devices it can't be told.
        clean: people seen with nothing against them.
        never_seen: people whom no log showed.
        not_reached: people whom no clause reaches, whatever they use.
        not_there: people who were not in the organisation on any day of the time, and were not seen.
    """

    unit: tuple[str, ...]
    people: int
    violating: int
    waived: int
    advised: int
    cannot_tell: int
    clean: int
    never_seen: int
    not_reached: int = 0
    not_there: int = 0

    @property
    def counted(self) -> int:
        """How many of its people the order reaches: those whom the coverage counts."""
        return self.people - self.not_reached - self.not_there


class Answer(Struct, frozen=True):
    """What a check found.

    Attributes:
        directive: the order.
        at: the instant for which the answer holds, in UTC.
        since: the first instant that was looked at, in UTC, or None.
        until: the first instant that was not looked at any more, in UTC, or None.
        coverage: what was seen and what was not.
        findings: violations first, then advised, then cannot tell; within each by unit and person.
        units: one per unit that has people of its own, sorted by path.
        days: one per local day, in order, from the first that any log shows to the last.
        version: of phaseout.
        pseudonymised: whether names and logins were replaced.
        rejects_file: where the lines that could not be read are kept, or None.
    """

    directive: Directive
    at: datetime
    since: datetime | None
    until: datetime | None
    coverage: Coverage
    findings: tuple[Finding, ...]
    units: tuple[UnitState, ...]
    days: tuple[DayCount, ...]
    version: str
    pseudonymised: bool = False
    rejects_file: str | None = None

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The violations that no waiver covers wholly."""
        return tuple(finding for finding in self.findings if finding.verdict.word == "violation" and not finding.waived)
