"""What the help desk reads of one decision."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

from phaseout.gate.decision_ids import as_written
from phaseout.gate.record import Record
from phaseout.model.device import PLATFORM_NAMES
from phaseout.model.login import LoginName


def look_up(decisions: Iterable[Record | None], name: str) -> list[Record]:
    """Return the decisions of an id; more than one only when the system's dice fell twice alike.

    Args:
        decisions: of some logs.
        name: as a person reads it out, in any case.
    """
    wanted = as_written(name)
    return [record for record in decisions if record is not None and record.id == wanted]


def of_login(decisions: Callable[[], Iterable[Record | None]], login: str, most: int) -> list[Record]:
    """Return the last decisions about whoever has a login, the latest last.

    A person has several, and each door writes another: so what the login is found with tells the person, and all of that
    person's decisions count, whatever login they were about.

    Args:
        decisions: gives those of some logs; it is called twice.
        login: in any spelling, with its domain or without.
        most: how many at most.
    """
    wanted = LoginName.read(login)
    exact, near = set[str | None](), set[str | None]()
    for each in decisions():
        if each is not None and _is_same(each.login, wanted):
            (exact if LoginName.read(each.login) == wanted else near).add(each.person)
    people = (exact or near) - {None}
    found = (each for each in decisions() if each is not None and (each.person in people or _is_same(each.login, wanted)))
    return list(deque(found, maxlen=most))


def _is_same(login: str, wanted: LoginName) -> bool:
    """Whether two logins may be one; where one of them has no domain, nothing speaks against it."""
    name = LoginName.read(login)
    return name.user == wanted.user and (name.domain == wanted.domain or not name.domain or not wanted.domain)


def line_of(record: Record, zone: ZoneInfo) -> str:
    """Return a decision in one line."""
    at = f"{record.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return f"{record.id}  {at}  {record.effect:<10}  {record.login or '-'}, {record.door}: {_device(record)}. {record.reason}"


def told(record: Record, zone: ZoneInfo) -> Iterator[str]:
    """Give the lines in which a decision is told.

    Args:
        record: the decision.
        zone: in which its time is told.
    """
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
        "door": f"{record.door} ({record.service}), asked by {record.caller}",
        "address": record.address or "not known",
        "device": _device(record),
        "device id": record.device_id,
        "evidence": f"{record.grade}: " + ("; ".join(f"{kind} {value}" for kind, value in record.clues.items()) or "none"),
        "bundle": record.bundle,
    }
    yield from (f"{name + ':':<15}{text}" for name, text in lines.items() if text)


def _device(record: Record) -> str:
    """Name the device that a decision is about."""
    device = record.device
    named = device.get("model") or " ".join(device[key] for key in ("maker", "model_id", "form_factor") if key in device)
    platform = device.get("platform", "")
    system = " ".join(part for part in (PLATFORM_NAMES.get(platform, platform), device.get("platform_version")) if part)
    return ", ".join(part for part in (named, system, device.get("app")) if part) or "can't be told"
