"""A directive in plain sentences that a manager signs off, as data that any report can lay out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.directive.phrases import (
    DOOR_NAMES,
    STAGE_SENTENCES,
    STATUS_NAMES,
    counted,
    day_name,
    described,
    last_day,
    listed,
    local_day,
    on_devices,
    what_used,
    whom,
)
from phaseout.model.device import PLATFORM_NAMES
from phaseout.model.directive import Clause, DeviceClass, Directive, Replacement, Source, Strength, Waiver


class ClauseWords(Struct, frozen=True):
    """One clause in sentences.

    Attributes:
        id: the clause's id.
        summary: the directive's own sentence for it; may be empty.
        sentences: what it says.
        verbatim: the order's own words; empty when no wording is known.
        sources: ids of the sources that state it.
        readings: other readings of it, which are shown and never judged.
    """

    id: str
    summary: str
    sentences: tuple[str, ...]
    verbatim: str
    sources: tuple[str, ...]
    readings: tuple[ClauseWords, ...] = ()


class CalendarRow(Struct, frozen=True):
    """What happens on a day; ``clause`` is None for what concerns the whole order."""

    on: date
    what: str
    clause: str | None = None


class SourceWords(Struct, frozen=True):
    """A source, and in a sentence how far it is established."""

    id: str
    title: str
    by: str
    on: date | None
    url: str | None
    status: str
    standing: str
    note: str


class Words(Struct, frozen=True):
    """A directive in sentences.

    Attributes:
        headline: the title.
        paragraphs: whose order it is, since when, what for, why, how it was changed, and how far it is established.
        clauses: the clauses that decide, each with its other readings.
        devices: what each class of devices means.
        calendar: what happens when, by day.
        replacements: what people get instead.
        waivers: which exceptions there may be, and which there are.
        sources: where it is known from.
        time_zone: where every day begins at midnight.
    """

    headline: str
    paragraphs: tuple[str, ...]
    clauses: tuple[ClauseWords, ...]
    devices: tuple[str, ...]
    calendar: tuple[CalendarRow, ...]
    replacements: tuple[str, ...]
    waivers: tuple[str, ...]
    sources: tuple[SourceWords, ...]
    time_zone: str


def sentences(directive: Directive, waivers: Sequence[Waiver] = ()) -> Words:
    """Put a directive into sentences.

    Args:
        directive: the order.
        waivers: exceptions from it that are in hand.
    """
    zone = ZoneInfo(directive.time_zone)
    return Words(
        headline=directive.title,
        paragraphs=tuple(_about(directive)),
        clauses=tuple(_clause(clause, directive, zone) for clause in directive.judged),
        devices=tuple(_class(one, directive) for one in directive.classes.values()),
        calendar=tuple(sorted(_calendar(directive, waivers, zone), key=lambda row: row.on)),
        replacements=tuple(_replacement(one) for one in directive.replacements.values()),
        waivers=tuple(_waivers(directive, waivers, zone)),
        sources=tuple(_source(source) for source in directive.sources),
        time_zone=directive.time_zone,
    )


def _class(one: DeviceClass, directive: Directive) -> str:
    return f"{one.title}: {described(one.test, directive.makers, directive.spellings)}."


def _about(directive: Directive) -> Iterator[str]:
    """Give the opening paragraphs."""
    issued = f", issued on {day_name(directive.issued)}" if directive.issued is not None else ""
    yield f"{directive.issuer}{issued}. Version {directive.version} of this directive."
    if directive.summary:
        yield directive.summary
    if directive.why:
        yield f"Why: {directive.why}"
    for amendment in directive.amendments:
        yield f"Changed on {day_name(amendment.on)} (version {amendment.version}): {amendment.summary}"
    if directive.sources:
        by_status = {name: [one.by for one in directive.sources if one.status is status] for status, name in STATUS_NAMES.items()}
        held = (f"{name} by {listed(dict.fromkeys(who))}" for name, who in by_status.items() if who)
        yield f"What this rests on: {'; '.join(held)}."
    else:
        yield "No source is named."


def _clause(clause: Clause, directive: Directive, zone: ZoneInfo) -> ClauseWords:
    readings = [one for one in directive.clauses if one.reading_of == clause.id]
    return ClauseWords(
        id=clause.id,
        summary=clause.summary,
        sentences=tuple(_clause_sentences(clause, directive, zone)),
        verbatim=clause.text,
        sources=clause.sources,
        readings=tuple(_clause(one, directive, zone) for one in readings),
    )


def _clause_sentences(clause: Clause, directive: Directive, zone: ZoneInfo) -> Iterator[str]:
    """Give what a clause says, the main sentence first."""
    yield _main_sentence(clause, directive, zone)
    if _strength(clause) is Strength.MUST and clause.deadline > clause.starts:
        yield f"Until then, from {day_name(local_day(clause.starts, zone))}, they are advised not to."
    if clause.strength is Strength.MAY and (against := [one.id for one in directive.judged if _is_against(one, clause)]):
        clauses, say = ("clause", "says") if len(against) == 1 else ("clauses", "say")
        yield f"That lifts nothing of what {clauses} {listed(against)} {say}."
    if clause.actions != {"use"}:
        yield f"What counts as use: {counted(clause.actions)}."
    if clause.personal_use_allowed is not None:
        yield "Personal use stays allowed." if clause.personal_use_allowed else "Personal use is not allowed either."
    if clause.replacements:
        named = listed((directive.replacements[name].name for name in clause.replacements), "or")
        yield f"Instead: {named}."
    if not clause.sources:
        yield "No source is named for this clause."


def _is_against(one: Clause, permitting: Clause) -> bool:
    """Whether a clause speaks against what another permits, as far as their services tell."""
    mine, theirs = set(one.services), set(permitting.services)
    return one.strength is not Strength.MAY and bool(mine & theirs or "*" in mine | theirs)


_SAYS: Final = {Strength.MUST: "may not", Strength.SHOULD: "are advised not to", Strength.MAY: "may"}


def _strength(clause: Clause) -> Strength:
    """Return how binding a clause is in fact: one that ends before its deadline never makes a violation."""
    advice = clause.strength is Strength.MUST and clause.ends is not None and clause.ends <= clause.deadline
    return Strength.SHOULD if advice else clause.strength


def _main_sentence(clause: Clause, directive: Directive, zone: ZoneInfo) -> str:
    """Return the sentence that a manager signs: from when, who, may not do what, on which devices."""
    strength = _strength(clause)
    first = clause.deadline if strength is Strength.MUST else clause.starts
    until = f" until {day_name(last_day(clause.ends, zone))}, that day included" if clause.ends is not None else ""
    devices = on_devices(clause, directive.classes)
    day = day_name(local_day(first, zone))
    return f"From {day}{until}, {whom(clause.who)} {_SAYS[strength]} {what_used(clause)} {devices}."


def _calendar(directive: Directive, waivers: Sequence[Waiver], zone: ZoneInfo) -> Iterator[CalendarRow]:
    """Give every dated thing of the order, in no order."""
    if directive.issued is not None:
        yield CalendarRow(directive.issued, "The order is given.")
    for amendment in directive.amendments:
        yield CalendarRow(amendment.on, f"Version {amendment.version}: {amendment.summary}")
    for clause in directive.judged:
        yield from _clause_days(clause, zone)
    for waiver in waivers:
        holder = waiver.person or f"the role {waiver.role}"
        yield CalendarRow(local_day(waiver.starts, zone), f"Waiver {waiver.id} for {holder} begins.", waiver.clause)
        yield CalendarRow(last_day(waiver.ends, zone), f"Last day of waiver {waiver.id} for {holder}.", waiver.clause)


def _clause_days(clause: Clause, zone: ZoneInfo) -> Iterator[CalendarRow]:
    starts, deadline = local_day(clause.starts, zone), local_day(clause.deadline, zone)
    begins = {
        Strength.MUST: "is in force" if starts == deadline else "is in force as advice",
        Strength.SHOULD: "is in force as advice",
        Strength.MAY: "permits use",
    }
    yield CalendarRow(starts, f"Clause {clause.id} {begins[clause.strength]}.", clause.id)
    if clause.strength is Strength.MUST and deadline != starts:
        yield CalendarRow(deadline, f"Deadline of clause {clause.id}: from this day, use is a violation.", clause.id)
    alone = all(stage.door == "*" for stage in clause.stages)
    for stage in clause.stages:
        door = "every door" if alone else DOOR_NAMES[stage.door]
        what = f"Clause {clause.id}: {door} {STAGE_SENTENCES[stage.kind]}."
        yield CalendarRow(local_day(stage.starts, zone), what, clause.id)
    if clause.ends is not None:
        yield CalendarRow(last_day(clause.ends, zone), f"Last day of clause {clause.id}.", clause.id)


def _replacement(one: Replacement) -> str:
    runs = f" ({listed((PLATFORM_NAMES[name] for name in one.platforms), 'or')})" if one.platforms else ""
    return " ".join(part for part in (f"{one.name}{runs}.", one.how, one.note) if part)


def _waivers(directive: Directive, waivers: Sequence[Waiver], zone: ZoneInfo) -> Iterator[str]:
    if not directive.waiver_categories:
        yield "The directive has no categories of waivers, so none can be granted."
    for category in directive.waiver_categories.values():
        granted = listed(category.granted_by, "or")
        yield f"{category.title}: granted by {granted}, for at most {category.longest_days} days."
    for waiver in waivers:
        holder = waiver.person or f"Those with the role {waiver.role}"
        days = f"from {day_name(local_day(waiver.starts, zone))} until {day_name(last_day(waiver.ends, zone))}"
        yield (
            f"Waiver {waiver.id}: {holder} may disregard clause {waiver.clause} {days}, granted by {waiver.granted_by} "
            f"({waiver.category}). Reason: {waiver.reason}"
        )


def _source(source: Source) -> SourceWords:
    standing = STATUS_NAMES[source.status]
    return SourceWords(source.id, source.title, source.by, source.on, source.url, str(source.status), standing, source.note)
