"""A finding as plain values for machines: one set of keys for every file format that has keys."""

from __future__ import annotations

from typing import Any

from phaseout.model.answer import Evidence, Finding
from phaseout.model.clue import Clue
from phaseout.model.device import DEVICE_FIELDS, Device
from phaseout.model.directive import Waiver
from phaseout.model.person import Person
from phaseout.reporting.words import iso

Record = dict[str, Any]


def finding_record(finding: Finding) -> Record:
    """Return a finding with all of its evidence."""
    return {
        "id": finding.id,
        "verdict": finding.verdict.word,
        "waived": finding.waived,
        "clause": finding.clause,
        "person": person_record(finding.person),
        "device": device_record(finding.device),
        "device_ids": list(finding.device_ids),
        "services": list(finding.services),
        "first": iso(finding.first),
        "last": iso(finding.last),
        "days": finding.days,
        "accesses": finding.accesses,
        "waived_accesses": finding.waived_accesses,
        "weaker_accesses": finding.weaker_accesses,
        "other": dict(finding.other),
        "reason": finding.reason,
        "settles": list(finding.settles),
        "waivers": [waiver_record(waiver) for waiver in finding.waivers],
        "evidence": [evidence_record(evidence) for evidence in finding.evidence],
    }


def person_record(person: Person) -> Record:
    """Return who a person is, without what the organisation knows of them beyond that."""
    return {
        "id": person.id,
        "name": person.name,
        "unit": list(person.unit),
        "kind": str(person.kind),
        "logins": list(person.logins),
    }


def device_record(device: Device) -> Record:
    """Return every field of a device; null stands for "cannot tell"."""
    fields = {name: getattr(device, name) for name in DEVICE_FIELDS}
    return {
        "label": device.label,
        **fields,
        "grade": device.grade.word,
        "reason": device.reason,
        "contradictions": list(device.contradictions),
    }


def waiver_record(waiver: Waiver) -> Record:
    """Return a waiver; ``ends`` is the first instant after it."""
    return {
        "id": waiver.id,
        "category": waiver.category,
        "reason": waiver.reason,
        "granted_by": waiver.granted_by,
        "starts": iso(waiver.starts),
        "ends": iso(waiver.ends),
        "person": waiver.person,
        "role": waiver.role,
    }


def evidence_record(evidence: Evidence) -> Record:
    """Return what one log format showed."""
    return {
        "format": evidence.format,
        "protocol": evidence.protocol,
        "clues": clue_records(evidence.clues),
        "accesses": evidence.accesses,
        "first": {"file": evidence.first.file, "line": evidence.first.line, "at": iso(evidence.first_at)},
        "last": {"file": evidence.last.file, "line": evidence.last.line, "at": iso(evidence.last_at)},
    }


def clue_records(clues: tuple[Clue, ...]) -> list[Record]:
    """Return clues as they stood in the log."""
    return [{"kind": str(clue.kind), "value": clue.value} for clue in clues]
