"""The way in: one clue, or all clues of one access, to a device."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from functools import cache
from typing import Final

from phaseout.catalogue import Catalogue
from phaseout.devices.clue_reader import ClueReader
from phaseout.devices.merge import merge
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device, Grade

READERS: Final = Catalogue(package="phaseout.devices.clues", constant="CLUE", kind=ClueReader)
"""The kinds of evidence, by the names of their files."""


def identify(clue: Clue) -> Device:
    """Say what one clue tells.

    Args:
        clue: one raw piece of evidence.

    Returns:
        The device; every field that the clue does not settle is None, and the reason says from what the rest was read.

    Example:
        >>> identify(Clue(ClueKind.USER_AGENT, "Apple-iPhone14C2/2001.362")).label
        'iPhone 13 Pro, iOS 16.0'
    """
    return _reader(clue.kind).device(clue.value)


@cache
def _reader(kind: ClueKind) -> ClueReader:
    """The reader of one kind, imported on its first clue."""
    return READERS[kind.value]


def identify_all(clues: Iterable[Clue], known: MutableMapping[Clue, Device] | None = None) -> Device:
    """Say what the clues of one access tell together.

    Fields come from the strongest grade first and agreeing evidence fills the gaps. Where clues of the same strength disagree,
    the field is None, the disagreement is told in ``contradictions``, and the grade is weak unless a managed or proven clue
    states the device.

    Args:
        clues: all the evidence of one access; without any, nothing is told.
        known: what each clue told before, for callers with many accesses that share clues; it grows by those that are new.

    Returns:
        One device.
    """
    devices = [identify(clue) for clue in clues] if known is None else [_told(clue, known) for clue in clues]
    if not devices:
        return Device(grade=Grade.WEAK, reason="The log line has no evidence of a device.")
    return merge(devices)


def _told(clue: Clue, known: MutableMapping[Clue, Device]) -> Device:
    """Return what a clue told before, or tells now."""
    device = known.get(clue)
    if device is None:
        device = known[clue] = identify(clue)
    return device
