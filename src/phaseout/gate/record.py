"""A decision as one line of the decision log, and back again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from phaseout.gate.asked import Asked
from phaseout.gate.decision import Decision
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind

_FIELDS: Final = ("maker", "platform", "platform_version", "model_id", "model", "form_factor", "app")


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"no": "v"}):
    """One line: everything that was known and decided, and nothing that opens a door.

    Attributes:
        no: of the form of this line.
        id: the decision's.
        at: when, in UTC.
        caller: the protocol in which was asked.
        door: one of ``PROTOCOLS``.
        service: one of ``SERVICES``.
        action: what was done.
        login: as the caller wrote it.
        person: the id of the member of staff.
        address: the client's.
        device_id: the device's own.
        clues: the evidence, by kind.
        others: further readings of the same evidence.
        device: what was known of the device.
        grade: how much the evidence proves.
        verdict: what the order says.
        clause: the id of the clause that decided.
        stage: what the door does for that clause.
        waiver: the id of the waiver that covers it.
        effect: what the door was told.
        reason: one sentence.
        bundle: the digest of the bundle that decided.
        cost_us: how long the decision took, in microseconds.
    """

    no: int = 1
    id: str
    at: datetime
    caller: str
    door: str
    service: str
    action: str
    login: str
    person: str | None = None
    address: str | None = None
    device_id: str | None = None
    clues: dict[str, str] = {}
    others: tuple[dict[str, str], ...] = ()
    device: dict[str, str] = {}
    grade: str
    verdict: str
    clause: str | None = None
    stage: str | None = None
    waiver: str | None = None
    effect: str
    reason: str
    bundle: str
    cost_us: float

    @property
    def asked(self) -> Asked:
        """The facts that were decided on.

        Raises:
            ValueError: a kind of evidence or an action is not known.
        """
        return Asked(
            caller=self.caller,
            door=self.door,
            service=self.service,
            login=self.login,
            clues=_clues(self.clues),
            action=Action(self.action),
            address=self.address,
            device_id=self.device_id,
            others=tuple(map(_clues, self.others)),
        )


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Record)


def line_of(decision: Decision, cost_us: float) -> bytes:
    """Return the line of a decision, with its line end.

    Args:
        decision: what was answered.
        cost_us: how long it took, in microseconds.
    """
    asked, outcome = decision.asked, decision.outcome
    device = outcome.device
    return _ENCODER.encode(
        Record(
            id=decision.id,
            at=decision.at,
            caller=asked.caller,
            door=asked.door,
            service=asked.service,
            action=asked.action.value,
            login=asked.login,
            person=outcome.person,
            address=asked.address,
            device_id=asked.device_id,
            clues=_by_kind(asked.clues),
            others=tuple(map(_by_kind, asked.others)),
            device={name: value for name in _FIELDS if (value := getattr(device, name)) is not None},
            grade=device.grade.word,
            verdict=outcome.verdict.word,
            clause=outcome.clause.id if outcome.clause else None,
            stage=outcome.stage.value if outcome.stage else None,
            waiver=outcome.waiver,
            effect=outcome.effect.value,
            reason=outcome.reason,
            bundle=decision.bundle,
            cost_us=round(cost_us, 1),
        )
    ) + b"\n"  # fmt: skip


def record_of(line: bytes) -> Record | None:
    """Return what a line says, or None when it is no whole line of a decision log."""
    try:
        return _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _by_kind(clues: tuple[Clue, ...]) -> dict[str, str]:
    return {clue.kind.value: clue.value for clue in clues}


def _clues(by_kind: dict[str, str]) -> tuple[Clue, ...]:
    return tuple(Clue(ClueKind(kind), value) for kind, value in by_kind.items())
