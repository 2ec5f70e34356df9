"""What the gate answers."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from phaseout.gate.asked import Asked
from phaseout.model.device import Device
from phaseout.model.directive import Clause, StageKind
from phaseout.model.effect import HARDNESS, Effect
from phaseout.model.verdict import Verdict

Chosen = tuple[Effect, Verdict, Clause | None, StageKind | None, str | None, str]
"""What an outcome begins with: all of it that does not name the person and the device."""


class Outcome(Struct, frozen=True, eq=False):
    """What was decided of a case; the same for the same facts, bundle and period. Each is equal to itself alone.

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

    @property
    def refuses(self) -> bool:
        """Whether the door lets nobody pass."""
        return HARDNESS[self.effect] >= HARDNESS[Effect.QUARANTINE]


class Decision(NamedTuple):
    """One answer.

    Attributes:
        id: for the help desk.
        at: when, in UTC.
        asked: the facts.
        outcome: what was decided.
        bundle: the digest of the bundle that decided.
        text: the refusal or warning for people, one line, without the id; empty when there is nothing to say.
    """

    id: str
    at: datetime
    asked: Asked
    outcome: Outcome
    bundle: str
    text: str = ""

    @property
    def refuses(self) -> bool:
        """Whether the device may not be used now."""
        return self.outcome.refuses

    @property
    def message(self) -> str:
        """The line that people are told, with the id behind it; empty when there is nothing to say."""
        return f"{self.text} [{self.id}]" if self.text else ""
