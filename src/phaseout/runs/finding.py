"""Make findings of what was judged: one per person, clause and device, with the evidence."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from phaseout.model.access import Place
from phaseout.model.answer import Evidence, Finding, LogAccount
from phaseout.model.device import DEVICE_FIELDS, Device
from phaseout.model.directive import Waiver
from phaseout.model.secrets import device_id_without_secrets
from phaseout.model.verdict import Verdict
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import findings, other_actions
from phaseout.reading.source import PLACE_BITS
from phaseout.runs.judging import Judged
from phaseout.runs.numbering import Numbered, with_contradictions
from phaseout.runs.taking import utc

Row = Mapping[str, Any]
"""A row of ``reading.questions.findings``."""

_ORDER: Final = {Verdict.VIOLATION: 0, Verdict.ADVISED: 1, Verdict.CANNOT_TELL: 2}


class Places(Struct, frozen=True):
    """Turns an engine's place numbers into places."""

    files: tuple[str, ...]

    def of(self, number: int) -> Place:
        """Return the file and the line."""
        return Place(self.files[number >> PLACE_BITS], number & ((1 << PLACE_BITS) - 1))


class Known(Struct, frozen=True):
    """What findings are written with."""

    numbered: Numbered
    judged: Judged
    waivers: Mapping[str, Waiver]
    places: Places
    marks: Mapping[str, tuple[str, ...]]


def places_of(accounts: Iterable[LogAccount]) -> Places:
    """Return the places of the files in the order in which they were taken."""
    return Places(tuple(account.file for account in accounts))


def device_key(device: Device, device_id: str) -> tuple[str, ...]:
    """Say which evidence belongs to one device: its own id, else what it is."""
    if device_id:
        return (device_id.lower(),)
    return ("", device.maker or "", device.platform or "", device.form_factor or "", device.model_id or device.model or "")


def found(engine: Engine, table: Table, known: Known) -> tuple[Finding, ...]:
    """Return all findings: violations first, then advised, then cannot tell; within each by unit and person."""
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    devices = known.numbered.devices
    for row in engine.ask(findings, table, known.judged.rulings).to_pylist():
        key = device_key(devices[row["device"]], row["device_id"])
        groups[row["person"], row["clause"], row["verdict"], key].append(row)
    others = _others(engine, table, known, {int(str(person)) for person, *_ in groups})
    made = [_finding(known, rows, others.get((person, key), {})) for (person, _, _, key), rows in groups.items()]
    return tuple(sorted(made, key=lambda each: (_ORDER[each.verdict], each.person.unit, each.person.name, each.clause, each.id)))


def _others(engine: Engine, table: Table, known: Known, people: set[int]) -> dict[tuple[object, ...], dict[str, int]]:
    """Count what else the devices did, by person and device."""
    if not people:
        return {}
    some = engine.give("people_found", plain_table({"person": NUMBER}, [sorted(people)]))
    counted: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
    for row in engine.ask(other_actions, table, some).to_pylist():
        key = device_key(known.numbered.devices[row["device"]], row["device_id"])
        counted[row["person"], key][row["action"]] += row["n"]
    return {key: dict(sorted(counts.items())) for key, counts in counted.items()}


def _finding(known: Known, rows: list[Row], other: dict[str, int]) -> Finding:
    """Make one finding of its rows; what proves most names the device, then what tells most, then what is newest."""
    judged, numbered = known.judged, known.numbered
    best = max(rows, key=lambda row: (*telling(numbered.devices[row["device"]]), row["last"], row["device"]))
    ids = _spelt(row["device_id"] for row in rows)
    folded = sorted({row["device_id"].lower() for row in rows})
    marks = tuple(mark for device_id in folded for mark in known.marks.get(device_id, ()))
    reason, settles = judged.reasons[best["reason"]]
    person, clause = numbered.people[best["person"]], judged.clauses[best["clause"]]
    device = with_contradictions(numbered.device_told(best["device"]), marks)
    waivers = sorted({judged.waivers[row["waiver"]] for row in rows if row["waiver"] >= 0})
    named = "\0".join(
        (person.id, clause, Verdict(best["verdict"]).word, *device_key(numbered.devices[best["device"]], best["device_id"]))
    )
    counted = [row for row in rows if row["waiver"] < 0] or rows
    return Finding(
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        person=person,
        clause=clause,
        verdict=Verdict(best["verdict"]),
        device=device,
        device_ids=ids,
        services=tuple(sorted({row["service"] for row in rows})),
        first=utc(min(row["first"] for row in counted)),
        last=utc(max(row["last"] for row in counted)),
        days=_days(counted),
        accesses=sum(row["n"] for row in rows),
        reason=reason,
        waivers=tuple(known.waivers[waiver] for waiver in waivers),
        waived_accesses=sum(row["n"] for row in rows if row["waiver"] >= 0),
        settles=settles,
        evidence=_evidence(known, rows),
        other=other,
        weaker_accesses=sum(row["n"] for row in counted if numbered.devices[row["device"]].grade < device.grade),
    )


def telling(device: Device) -> tuple[int, int]:
    """Return how much a device's evidence proves, and how much it tells."""
    return device.grade, sum(getattr(device, name) is not None for name in DEVICE_FIELDS)


def _spelt(device_ids: Iterable[str]) -> tuple[str, ...]:
    """Return each id once, as it is spelt first; servers spell one id in several ways."""
    spelt = {each.lower(): device_id_without_secrets(each) for each in sorted(set(device_ids) - {""}, reverse=True)}
    return tuple(sorted(set(spelt.values())))


def _days(rows: Iterable[Row]) -> int:
    """Count the days on which anything was seen."""
    bits: dict[int, int] = defaultdict(int)
    for row in rows:
        bits[row["chunk"]] |= row["days"]
    return sum(each.bit_count() for each in bits.values())


def _evidence(known: Known, rows: Iterable[Row]) -> tuple[Evidence, ...]:
    """Put together what each format showed by each door with the same clues."""
    groups: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["format"], row["protocol"], row["clue_set"]].append(row)
    in_time = sorted(groups.items(), key=lambda item: (min(row["first"] for row in item[1]), item[0]))
    return tuple(_one_evidence(known, key, each) for key, each in in_time)


def _one_evidence(known: Known, key: tuple[str, str, int], rows: list[Row]) -> Evidence:
    format_id, protocol, clue_set = key
    first, last = min(rows, key=lambda row: row["first"]), max(rows, key=lambda row: row["last"])
    return Evidence(
        format=format_id,
        protocol=protocol,
        clues=known.numbered.clues_told(clue_set),
        accesses=sum(row["n"] for row in rows),
        first=known.places.of(first["first_place"]),
        last=known.places.of(last["last_place"]),
        first_at=utc(first["first"]),
        last_at=utc(last["last"]),
    )
