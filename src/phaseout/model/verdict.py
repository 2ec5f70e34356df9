"""A verdict: what the order says of one case, clause by clause."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from phaseout.model.directive import StageKind


class Verdict(IntEnum):
    """What the order says; of several clauses the highest counts."""

    NOT_COVERED = 0
    """No clause reaches this person, service and time."""
    PERMITTED = 1
    """A clause reaches this case, and the device is not of its classes; or a clause expressly permits it."""
    CANNOT_TELL = 2
    """A clause would settle it if the device were known better. Never blocks, never counts as compliant."""
    ADVISED = 3
    """Advised against: a recommendation, or a time of grace before the deadline."""
    VIOLATION = 4
    """The order forbids it."""

    @property
    def word(self) -> str:
        """The verdict in lower-case words for people and files."""
        return self.name.lower().replace("_", " ")


class Ruling(Struct, frozen=True):
    """What one clause says of one case.

    Attributes:
        clause: the clause's id.
        verdict: what it says, the waiver left aside.
        reason: one sentence.
        waiver: the id of the waiver that covers it, or None; a waived violation is still a violation.
        stage: what the door does at that time, or None when the clause has no stage for it yet.
        settles: the device fields that would settle a "cannot tell".
        at_worst: what a "cannot tell" may turn out to be, were the device known; None for any other verdict.
    """

    clause: str
    verdict: Verdict
    reason: str
    waiver: str | None = None
    stage: StageKind | None = None
    settles: tuple[str, ...] = ()
    at_worst: Verdict | None = None


class Judgement(Struct, frozen=True):
    """What the whole order says of one case.

    Attributes:
        verdict: the highest of the rulings' verdicts.
        rulings: one per clause that reaches the case, in the directive's order.
    """

    verdict: Verdict
    rulings: tuple[Ruling, ...]
