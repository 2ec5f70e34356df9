"""What a door does with somebody."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Effect(StrEnum):
    """What a door does, from gentle to hard."""

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


def hardest(effects: Iterable[Effect]) -> Effect:
    """Return the hardest of some effects; of none, that the door lets pass.

    Example:
        >>> hardest([Effect.WARN, Effect.BLOCK]), hardest([])
        (<Effect.BLOCK: 'block'>, <Effect.ALLOW: 'allow'>)
    """
    return max(effects, key=HARDNESS.__getitem__, default=Effect.ALLOW)
