"""What a check is given, loaded and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.directive.load import load_with_warnings
from phaseout.directive.source import read_text
from phaseout.judge.order import Order, compile_order
from phaseout.model.answer import LeftOut
from phaseout.model.directive import Directive, Waiver
from phaseout.model.fault import Fault, FaultsError
from phaseout.model.person import Person
from phaseout.people.load import load_list
from phaseout.people.source import Listed
from phaseout.runs.full_names import with_ids


class Asked(Struct, frozen=True):
    """What is asked of the logs.

    Attributes:
        logs: the files, in the order given; folders already replaced by what is in them.
        at: the instant for which the answer holds, in UTC; nothing after it is looked at.
        zone: of log formats whose stamps carry none; None when not given.
        format: the format of every log; None to find it by looking.
        since: the first instant that is looked at, in UTC, or None.
        until: the first instant that is not looked at any more, in UTC, or None.
        doors: the doors that the organisation has open; empty for all that the order's services can be entered by.
        zones: zones of the logs at or below a path; the longest path that fits a log counts, before ``zone``.
        formats: the same for formats.
        written_on: the day on which the logs were last written, for stamps without a year; each one's own time of change when
            not given.
        written: days of the logs at or below a path, before ``written_on``.
        left_out: what lies in the folders and is not read.
        named: those of the files that were given by name, not found in a folder; one of these must be in a known format.
        withheld: whether lines that can't be read are not told, for they may name people.
    """

    logs: tuple[Path, ...]
    at: datetime
    zone: ZoneInfo | None = None
    format: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    doors: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    named: tuple[Path, ...] = ()
    zones: tuple[tuple[Path, ZoneInfo], ...] = ()
    formats: tuple[tuple[Path, str], ...] = ()
    written_on: date | None = None
    written: tuple[tuple[Path, date], ...] = ()
    withheld: bool = False

    def zone_of(self, log: Path) -> ZoneInfo | None:
        """Return the zone of a log whose stamps carry none, or None when none is given."""
        return _of_longest(log, self.zones) or self.zone

    def format_of(self, log: Path) -> str | None:
        """Return the format that a log was said to be in, or None."""
        return _of_longest(log, self.formats) or self.format

    def latest_of(self, log: Path) -> date:
        """Return the last day that a log may show: the one given, else that after its last change, lest a zone is wrong."""
        if given := _of_longest(log, self.written) or self.written_on:
            return given
        at = datetime.fromtimestamp(log.stat().st_mtime, UTC)
        return (at.astimezone(self.zone_of(log)) + timedelta(days=1)).date()

    @property
    def end(self) -> datetime:
        """The first instant that is not looked at."""
        return self.at if self.until is None else min(self.at, self.until)


Value = TypeVar("Value")


def _of_longest(log: Path, given: Sequence[tuple[Path, Value]]) -> Value | None:
    """Return what was given for the longest path at or above a log."""
    fitting = [(len(path.parts), value) for path, value in given if log.is_relative_to(path)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


class Norms(Struct, frozen=True):
    """What the accesses are held against.

    Attributes:
        directive: the order as data, as it is written.
        order: the same, made ready for judging; people whom it or a waiver names by their full names stand in it by their ids.
        waivers: the exceptions, as they are written.
        people: the staff list.
        domains: what a login's domain is the same as, such as ``{"MINEX": "example.org"}``.
        warnings: what in the order or the staff list is mostly a mistake.
        namesakes: full names that the order or a waiver uses and several people have, which name nobody; with those people's ids.
        unread_columns: names of the staff list's columns that were not looked at.
    """

    directive: Directive
    order: Order
    waivers: tuple[Waiver, ...]
    people: tuple[Person, ...]
    domains: Mapping[str, str] = {}
    warnings: tuple[Fault, ...] = ()
    namesakes: Mapping[str, tuple[str, ...]] = {}
    unread_columns: tuple[str, ...] = ()


def load_norms(
    directive: Path,
    people: Path,
    waivers: Path | None = None,
    *,
    encoding: str | None = None,
    domains: Mapping[str, str] | None = None,
    once_ordered: Callable[[Order], None] | None = None,
) -> Norms:
    """Read the directive, the waivers and the staff list; all of their errors are told at once.

    Args:
        directive: the order.
        people: the staff list.
        waivers: the exceptions, or None.
        encoding: of the staff list, when it is not UTF-8.
        domains: what a login's domain is the same as.
        once_ordered: called when the order is known, before the staff list is read, which may be long; its errors are told, too.

    Raises:
        FaultsError: with every error of all three files.
    """
    faults: list[Fault] = []
    listed = Listed(())
    directive_, order, granted, warnings = None, None, tuple[Waiver, ...](), tuple[Fault, ...]()
    try:
        directive_, warnings = load_with_warnings(read_text(directive), str(directive))
        if waivers is not None:
            from phaseout.directive.waivers import load_waivers  # noqa: PLC0415 - few checks have any, and its shape takes its time

            granted = load_waivers(read_text(waivers), str(waivers), directive_)
        order = compile_order(directive_, granted)
        if once_ordered is not None:
            once_ordered(order)
    except FaultsError as error:
        faults.extend(error.faults)
    try:
        listed = load_list(people, encoding)
    except FaultsError as error:
        faults[:0] = error.faults
    if faults or directive_ is None or order is None:
        raise FaultsError(tuple(faults))
    meant = with_ids(directive_, granted, listed.people)
    if meant.directive is not directive_ or meant.waivers != granted:
        order = compile_order(meant.directive, meant.waivers)
    return Norms(
        directive=directive_,
        order=order,
        waivers=granted,
        people=listed.people,
        domains=domains or {},
        warnings=(*warnings, *listed.warnings),
        namesakes=meant.namesakes,
        unread_columns=listed.unread,
    )
