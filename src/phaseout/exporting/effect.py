"""What a door does with somebody, as the order has it: the same as the gate answers where its operator chose nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from phaseout.model.directive import StageKind
from phaseout.model.verdict import Judgement, Ruling, Verdict


class Effect(StrEnum):
    """What a door does, from gentle to hard."""

    ALLOW = "allow"
    WARN = "warn"
    QUARANTINE = "quarantine"
    BLOCK = "block"


HARDNESS: Final = {effect: number for number, effect in enumerate(Effect)}
"""How hard each effect is."""

_BY_STAGE: Final = {
    None: Effect.ALLOW,
    StageKind.OBSERVE: Effect.ALLOW,
    StageKind.WARN: Effect.WARN,
    StageKind.QUARANTINE: Effect.QUARANTINE,
    StageKind.BLOCK: Effect.BLOCK,
}


def hardest(effects: Iterable[Effect]) -> Effect:
    """Return the hardest of some effects; of none, that the door lets pass.

    Example:
        >>> hardest([Effect.WARN, Effect.BLOCK]), hardest([])
        (<Effect.BLOCK: 'block'>, <Effect.ALLOW: 'allow'>)
    """
    return max(effects, key=HARDNESS.__getitem__, default=Effect.ALLOW)


def effect_of(ruling: Ruling) -> Effect:
    """Return what one clause's ruling does at the door for which it was judged.

    A violation has the effect of the clause's stage. What is only advised against is warned of at most. A waiver lets pass,
    and so does what can't be told.
    """
    staged = _BY_STAGE[ruling.stage]
    if ruling.waiver is not None:
        return Effect.ALLOW
    if ruling.verdict is Verdict.VIOLATION:
        return staged
    if ruling.verdict is Verdict.ADVISED:
        return min(staged, Effect.WARN, key=HARDNESS.__getitem__)
    return Effect.ALLOW


def effect(judgement: Judgement) -> Effect:
    """Return what the whole order does: the hardest of its rulings' effects."""
    return hardest(effect_of(ruling) for ruling in judgement.rulings)
