"""What the help desk reads of one decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from phaseout.gate.decision_ids import as_written
from phaseout.gate.record import Record


def look_up(decisions: Iterable[Record | None], name: str) -> list[Record]:
    """Return the decisions of an id; more than one only when the system's dice fell twice alike.

    Args:
        decisions: of some logs.
        name: as a person reads it out, in any case.
    """
    wanted = as_written(name)
    return [record for record in decisions if record is not None and record.id == wanted]


def told(record: Record, zone: ZoneInfo) -> Iterator[str]:
    """Give the lines in which a decision is told.

    Args:
        record: the decision.
        zone: in which its time is told.
    """
    device = record.device
    named = device.get("model") or " ".join(device[key] for key in ("maker", "model_id", "form_factor") if key in device)
    system = " ".join(device[key] for key in ("platform", "platform_version") if key in device)
    lines = {
        "decision": record.id,
        "at": f"{record.at.astimezone(zone):%Y-%m-%d %H:%M:%S} {zone.key}",
        "told the door": record.effect,
        "because": record.reason,
        "verdict": record.verdict,
        "clause": record.clause,
        "stage": record.stage,
        "waiver": record.waiver,
        "person": record.person or "nobody on the staff list",
        "login": record.login,
        "door": f"{record.door} ({record.service}), asked by {record.caller} at {record.address or 'an unknown address'}",
        "device": ", ".join(part for part in (named, system, device.get("app")) if part) or "can't be told",
        "device id": record.device_id,
        "evidence": f"{record.grade}: " + ("; ".join(f"{kind} {value}" for kind, value in record.clues.items()) or "none"),
        "bundle": record.bundle,
    }
    yield from (f"{name + ':':<15}{text}" for name, text in lines.items() if text)
