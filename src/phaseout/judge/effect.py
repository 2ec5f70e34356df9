"""From a ruling to what a door does; for the gate and for rules that are exported alike."""

from __future__ import annotations

from typing import Final

from phaseout.model.directive import StageKind
from phaseout.model.effect import Effect, gentler, hardest
from phaseout.model.verdict import Judgement, Ruling, Verdict

_BY_STAGE: Final = {
    None: Effect.ALLOW,
    StageKind.OBSERVE: Effect.ALLOW,
    StageKind.WARN: Effect.WARN,
    StageKind.QUARANTINE: Effect.QUARANTINE,
    StageKind.BLOCK: Effect.BLOCK,
}


def effect_of(
    ruling: Ruling,
    *,
    quarantine_as: Effect = Effect.QUARANTINE,
    cannot_tell: Effect = Effect.ALLOW,
    at_most: Effect = Effect.BLOCK,
) -> Effect:
    """Return what one clause's ruling does at the door for which it was judged.

    A violation has the effect of the clause's stage there. What is only advised against is warned of at most. What can't be
    told lets pass, unless the operator wrote otherwise, and never has a harder effect than a device would that the clause
    means. A waiver lets pass.

    Args:
        ruling: of the judge.
        quarantine_as: what the door does for a quarantine; not every door has such a thing.
        cannot_tell: what the operator wrote for what can't be told.
        at_most: the hardest that the operator lets the door do.
    """
    if ruling.waiver is not None:
        return Effect.ALLOW
    staged = _BY_STAGE[ruling.stage]
    if staged is Effect.QUARANTINE:
        staged = quarantine_as
    match ruling.verdict if ruling.at_worst is None else ruling.at_worst:
        case Verdict.VIOLATION:
            effect = staged
        case Verdict.ADVISED:
            effect = gentler(staged, Effect.WARN)
        case _:
            effect = Effect.ALLOW
    if ruling.verdict is Verdict.CANNOT_TELL:
        effect = gentler(effect, cannot_tell)
    return gentler(effect, at_most)


def effect_of_all(judgement: Judgement) -> Effect:
    """Return what the whole order does where the operator chose nothing else: the hardest of its rulings' effects."""
    return hardest(effect_of(ruling) for ruling in judgement.rulings)
