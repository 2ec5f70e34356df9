"""Write exports, and print where they differ from the judge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import click

from phaseout.cli import FAILED_ON, OK
from phaseout.cli._checking import checked
from phaseout.cli._output import keep_apart, telling, written
from phaseout.cli._starting import Started
from phaseout.exports import EXPORTS
from phaseout.model.effect import Effect
from phaseout.reporting.words import plain
from phaseout.runs.exporting import export_named, load_ids, rules_of
from phaseout.runs.naming import doubts
from phaseout.runs.parity import Compared, Difference, parity

SHOWN: Final = 20
"""Differences of one export that are printed; ``--all`` prints all."""


def run_export(given: Mapping[str, Any], start: Started) -> int:
    """Run ``phaseout export``."""
    export = export_named(given["kind"], with_ids=given["ids"] is not None)
    ids = load_ids(given["ids"])
    out: Path = given["out"]
    writes = {out: export.write} | {out.with_name(out.stem + suffix): write for suffix, write in export.beside.items()}
    keep_apart(
        {f"--out {path.name}": path for path in writes},
        (*start.asked.logs, given["directive"], given["people"], given["waivers"], given["ids"]),
    )
    with ExitStack() as files:
        # Opened first: what can't be written is told when the reading has just begun, not after it.
        streams = {path: files.enter_context(written(path)) for path in writes}
        with checked(given, start) as (result, _):
            rules, doubted = rules_of(result, ids), doubts(result.norms)
        for path, write in writes.items():
            with telling(path):
                write(rules, streams[path])
    for path in writes:
        click.echo(f"Written: {path}")
    for each in doubted:
        click.echo(f"warning: {plain(each)}", err=True)
    if not given["quiet"]:
        for note in export.notes(rules):
            click.echo(f"Note: {plain(str(note))}", err=True)
    return OK


def run_parity(given: Mapping[str, Any], start: Started) -> int:
    """Run ``phaseout parity``."""
    exports = [export_named(kind) for kind in given["kinds"] or EXPORTS.ids]
    with checked(given, start) as (result, _):
        rules = rules_of(result)
    compared = parity(rules, exports)
    lines: Iterable[str]
    if given["as_json"]:
        lines = (json.dumps(each, ensure_ascii=False) for one in compared for each in as_data(one))
    else:
        at = rules.at.astimezone(rules.order.time_zone)
        head = f"As of {at:%Y-%m-%d %H:%M} {rules.order.time_zone}. Refused attempts left out: {rules.attempts:,}."
        lines = (head, *(line for one in compared for line in words(one, SHOWN if not given["show_all"] else None)))
    for line in lines:
        click.echo(line)
    return FAILED_ON if given["fail"] and any(one.differences for one in compared) else OK


def words(one: Compared, limit: int | None) -> Iterator[str]:
    """Say how one export fares, as lines."""
    yield ""
    elsewhere = f"; {one.elsewhere:,} accesses at other doors" if one.elsewhere else ""
    yield f"{one.export}: {one.differing:,} of {one.accesses:,} accesses differ ({one.cases:,} distinct clients{elsewhere})"
    for (judged, answered), accesses in _kinds(one):
        yield f"  {judged} by the order, {answered} by the rules: {accesses:,} accesses"
    for each in one.differences[:limit]:
        strings = " | ".join(part for part in (each.device_type, each.user_agent) if part) or "no string at all"
        yield f"  - {plain(strings)}"
        yield f"     {each.judged} by the order, {each.answered} by the rules"
        use = f"{each.accesses:,} accesses, {each.people:,} {'person' if each.people == 1 else 'people'}"
        yield f"     {each.service} by {each.door}, {plain(each.device)}; {use}"
        yield f"     {each.verdict.word}{', waived' if each.waived else ''}: {plain(each.reason)}"
    if limit is not None and len(one.differences) > limit:
        yield f"  and {len(one.differences) - limit:,} more; --all prints them"


def _kinds(one: Compared) -> list[tuple[tuple[Effect, Effect], int]]:
    """Count accesses by what the order and what the rules say."""
    counts: Counter[tuple[Effect, Effect]] = Counter()
    for each in one.differences:
        counts[each.judged, each.answered] += each.accesses
    return counts.most_common()


def as_data(one: Compared) -> Iterator[dict[str, Any]]:
    """Turn how one export fares into what JSON can say: a line for the whole, then one for each difference."""
    yield {
        "kind": "export",
        "export": one.export,
        "accesses": one.accesses,
        "cases": one.cases,
        "elsewhere": one.elsewhere,
        "differing": one.differing,
        "differences": len(one.differences),
    }
    yield from map(_difference, one.differences)


def _difference(each: Difference) -> dict[str, Any]:
    return {
        "kind": "difference",
        "export": each.export,
        "door": each.door,
        "service": each.service,
        "user_agent": each.user_agent or None,
        "device_type": each.device_type or None,
        "device": each.device,
        "verdict": each.verdict.word,
        "clause": each.clause,
        "waived": each.waived,
        "reason": each.reason,
        "judged": each.judged.value,
        "answered": each.answered.value,
        "refuses_more": each.refuses_more,
        "accesses": each.accesses,
        "people": each.people,
    }
