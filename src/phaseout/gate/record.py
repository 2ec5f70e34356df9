"""A decision as one line of the decision log, and back again."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final

import msgspec

from phaseout.gate.asked import Asked
from phaseout.gate.decision import Outcome
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.secrets import device_id_without_secrets, login_without_secrets, without_secrets

_FIELDS: Final = ("maker", "platform", "platform_version", "model_id", "model", "form_factor", "app")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One line: everything that was known and decided, and nothing that opens a door.

    Attributes:
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

    id: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
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


class _Own(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is the same each time that the same is asked."""

    caller: str
    address: str | None = None
    device_id: str | None = None


class _Shared(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is the same for all requests that are decided alike; written once for all of them."""

    door: str
    service: str
    action: str
    login: str
    person: str | None = None
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


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(Record)

_YEARS: Final = range(1970, 9999)
"""A time outside of them is none, and could not be told in every zone."""


def shared_part(asked: Asked, outcome: Outcome, bundle: str) -> bytes:
    """Return the end of a line, from its second half's comma on: what is the same for all requests that are decided alike.

    Args:
        asked: the facts.
        outcome: what was decided of them.
        bundle: the digest of the bundle that decided.
    """
    device = outcome.device
    shared = _Shared(
        door=asked.door,
        service=asked.service,
        action=asked.action,
        login=login_without_secrets(asked.login),
        person=outcome.person,
        clues=_by_kind(asked.clues),
        others=tuple(map(_by_kind, asked.others)),
        device={name: _masked(value) for name in _FIELDS if (value := getattr(device, name)) is not None},
        grade=device.grade.word,
        verdict=outcome.verdict.word,
        clause=outcome.clause.id if outcome.clause else None,
        stage=outcome.stage,
        waiver=outcome.waiver,
        effect=outcome.effect,
        reason=outcome.reason,
        bundle=bundle,
    )
    return b"," + _ENCODER.encode(shared)[1:] + b"\n"


def own_part(asked: Asked) -> bytes:
    """Return the middle of a line, from its comma on: what is the same each time that the same is asked."""
    device_id = asked.device_id and device_id_without_secrets(asked.device_id)
    return b"," + _ENCODER.encode(_Own(asked.caller, asked.address, device_id))[1:-1]


def line_of(name: str, at: datetime, cost_us: float, own: bytes, shared: bytes) -> bytes:
    """Return the line of a decision, with its line end.

    Args:
        name: the decision's id.
        at: when it was made, in UTC.
        cost_us: how long it took, in microseconds.
        own: from ``own_part``.
        shared: from ``shared_part``.
    """
    # Put together by hand, for it is done with each decision; nothing in an id needs escaping.
    return b'{"id":"%b","at":%b,"cost_us":%.1f%b%b' % (name.encode(), _ENCODER.encode(at), cost_us, own, shared)


def record_of(line: bytes) -> Record | None:
    """Return what a line says, or None when it is no whole line of a decision log."""
    try:
        record = _DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return record if record.at.year in _YEARS else None


_masked: Final = lru_cache(maxsize=8192)(without_secrets)
"""Few of the many who ask say something new of themselves."""


def _by_kind(clues: tuple[Clue, ...]) -> dict[str, str]:
    return {clue.kind: _masked(clue.value) for clue in clues}


def _clues(by_kind: dict[str, str]) -> tuple[Clue, ...]:
    return tuple(Clue(ClueKind(kind), value) for kind, value in by_kind.items())
