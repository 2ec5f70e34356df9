"""Print an explanation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape

from phaseout.cli import OK
from phaseout.cli._checking import checked
from phaseout.cli._starting import Started
from phaseout.directive.phrases import last_day, local_day
from phaseout.model.device import Device
from phaseout.model.verdict import Ruling
from phaseout.reporting.words import plain
from phaseout.runs.explain import Explanation, Seen, explain
from phaseout.runs.finding import device_key, telling


def run_explain(given: Mapping[str, Any], start: Started) -> int:
    """Run ``phaseout explain``."""
    with checked(given, start) as (result, _):
        explanation = explain(result, given["person"])
        zone = result.norms.order.time_zone
    if given["as_json"]:
        click.echo(json.dumps(as_data(explanation), ensure_ascii=False, indent=2))
        return OK
    console = Console(soft_wrap=True, highlight=False)
    for line in words(explanation, zone):
        console.print(plain(line))
    return OK


def words(explanation: Explanation, zone: ZoneInfo) -> Iterator[str]:
    """Say everything that was seen of a person, as lines with rich's markup."""
    person = explanation.person
    yield f"[bold]{escape(person.name)}[/bold] ({escape(person.id)})"
    yield escape(explanation.how)
    if explanation.known:
        yield escape(f"Unit: {' / '.join(person.unit) or 'none'}. Roles: {', '.join(sorted(person.roles)) or 'none'}.")
        yield escape(f"Logins: {', '.join(person.logins)}")
    else:
        yield "Not on the staff list."
    yield ""
    yield "[bold]Clauses[/bold]"
    for reach in explanation.reach:
        yield escape(
            f"  {reach.clause.id}: {'reaches' if reach.reaches else 'does not reach'} this person. {reach.clause.headline}"
        )
        for waiver in reach.waivers:
            days = f"from {local_day(waiver.starts, zone)} to {last_day(waiver.ends, zone)}"
            yield escape(f"     waiver {waiver.id} {days}: {waiver.reason}")
    yield ""
    yield "[bold]Seen[/bold]" if explanation.seen else "Never seen in these logs."
    for _, group in groupby(explanation.seen, key=lambda seen: device_key(seen.device, seen.device_id)):
        yield from _device(list(group), zone)


def _device(group: list[Seen], zone: ZoneInfo) -> Iterator[str]:
    """Describe one device and its sightings; as in the answer, what proves most names it."""
    best = max(group, key=lambda seen: (*telling(seen.device), seen.last))
    device = best.device
    own = f", device id {best.device_id}" if best.device_id else ""
    yield f"  [bold]{escape(device.label)}[/bold]{escape(own)} ({device.grade.word})"
    yield escape(f"     {device.reason}")
    for contradiction in device.contradictions:
        yield f"     [yellow]{escape(contradiction)}[/yellow]"
    for seen in group:
        yield from _seen(seen, device, zone)


def _seen(seen: Seen, named: Device, zone: ZoneInfo) -> Iterator[str]:
    """Describe one sighting with its rulings; of evidence that tells another thing than what names the device, what it tells."""
    first, last = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (seen.first, seen.last))
    yield escape(
        f"     {seen.action} of {seen.service} by {seen.protocol}: {seen.accesses} on {_days(seen.days)}, {first} to {last}"
    )
    yield escape(f"        {seen.format}: {seen.first_place} … {seen.last_place}")
    for clue in seen.clues:
        yield escape(f"        {clue.kind}: {clue.value}")
    if seen.device.reason != named.reason:
        yield escape(f"        {seen.device.grade.word}: {seen.device.reason}")
    for ruling in seen.judgement.rulings:
        yield f"        [{_STYLES[ruling.verdict.word]}]{ruling.verdict.word}[/] {escape(_why(ruling))}"
    if not seen.judgement.rulings:
        yield "        no clause in force reaches this"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


_STYLES = {"violation": "bold red", "advised": "yellow", "cannot tell": "cyan", "permitted": "green", "not covered": "dim"}


def _why(ruling: Ruling) -> str:
    waived = f" Waived by {ruling.waiver}." if ruling.waiver else ""
    settles = f" What would settle it: {', '.join(ruling.settles)}." if ruling.settles else ""
    return f"under clause {ruling.clause}: {ruling.reason}{waived}{settles}"


def as_data(explanation: Explanation) -> dict[str, Any]:
    """Turn an explanation into what JSON can say; times are ISO 8601 in UTC."""
    return {
        "person": {
            "id": explanation.person.id,
            "name": explanation.person.name,
            "unit": list(explanation.person.unit),
            "known": explanation.known,
            "how": explanation.how,
        },
        "clauses": [
            {"id": reach.clause.id, "reaches": reach.reaches, "waivers": [waiver.id for waiver in reach.waivers]}
            for reach in explanation.reach
        ],
        "seen": [_seen_data(seen) for seen in explanation.seen],
    }


def _seen_data(seen: Seen) -> dict[str, Any]:
    return {
        "format": seen.format,
        "service": seen.service,
        "protocol": seen.protocol,
        "action": seen.action,
        "device": seen.device.label,
        "grade": seen.device.grade.word,
        "reason": seen.device.reason,
        "contradictions": list(seen.device.contradictions),
        "device_id": seen.device_id or None,
        "clues": {clue.kind.value: clue.value for clue in seen.clues},
        "accesses": seen.accesses,
        "days": seen.days,
        "first": seen.first.isoformat(),
        "last": seen.last.isoformat(),
        "first_place": str(seen.first_place),
        "last_place": str(seen.last_place),
        "verdict": seen.judgement.verdict.word,
        "rulings": [
            {
                "clause": ruling.clause,
                "verdict": ruling.verdict.word,
                "reason": ruling.reason,
                "waiver": ruling.waiver,
                "settles": list(ruling.settles),
            }
            for ruling in seen.judgement.rulings
        ],
    }
