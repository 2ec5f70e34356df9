"""The shape of a file in ``clues``: which kind of evidence it reads, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.model.clue import ClueKind
from phaseout.model.device import Device

MAX_LENGTH: Final = 4096
"""Characters of a value that are read; what is longer is cut, and the reason says so."""


class ClueReader(Struct, frozen=True):
    """How one kind of evidence is read.

    Attributes:
        kind: which kind.
        read: takes a value of at most ``MAX_LENGTH`` characters and says what it tells; never raises, always gives a reason.
    """

    kind: ClueKind
    read: Callable[[str], Device]

    def device(self, value: str) -> Device:
        """Read a value of any length.

        Args:
            value: the raw text, as it stood in the log.

        Returns:
            What it tells; a field that it does not tell is None.
        """
        if len(value) <= MAX_LENGTH:
            return self.read(value)
        device = self.read(value[:MAX_LENGTH])
        return replace(device, reason=f"{device.reason} Only the first {MAX_LENGTH:,} of {len(value):,} characters were read.")
