"""What the gate answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from phaseout.gate.asked import Asked
from phaseout.model.device import Device
from phaseout.model.directive import Clause, StageKind
from phaseout.model.verdict import Verdict


class Effect(StrEnum):
    """What the door is told, from gentle to hard."""

    ALLOW = "allow"
    WARN = "warn"
    QUARANTINE = "quarantine"
    BLOCK = "block"


HARDNESS: Final = {effect: number for number, effect in enumerate(Effect)}
"""How hard each effect is."""


def harder(one: Effect, other: Effect) -> Effect:
    """Return the harder of two effects."""
    return one if HARDNESS[one] >= HARDNESS[other] else other


def gentler(one: Effect, other: Effect) -> Effect:
    """Return the gentler of two effects."""
    return one if HARDNESS[one] <= HARDNESS[other] else other


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided of a case; the same for the same facts, bundle and period.

    Attributes:
        effect: what the door is told.
        verdict: what the order says.
        clause: the clause that decided, or None when none speaks against anything.
        stage: what that clause's stage is at this door now, or None.
        waiver: the id of the waiver that covers that clause, or None.
        reason: one sentence.
        person: the id of the member of staff, or None.
        device: what it is.
    """

    effect: Effect
    verdict: Verdict
    clause: Clause | None
    stage: StageKind | None
    waiver: str | None
    reason: str
    person: str | None
    device: Device


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer.

    Attributes:
        id: for the help desk.
        at: when, in UTC.
        asked: the facts.
        outcome: what was decided.
        bundle: the digest of the bundle that decided.
        message: the refusal or warning for people, one line; empty when there is nothing to say.
    """

    id: str
    at: datetime
    asked: Asked
    outcome: Outcome
    bundle: str
    message: str = ""
