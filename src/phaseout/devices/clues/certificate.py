"""The subject of a client certificate that a door has checked (RFC 4514): proof of a managed endpoint, seldom of what it is."""

from __future__ import annotations

import re
from typing import Final

from phaseout.devices.clue_reader import ClueReader
from phaseout.model.clue import ClueKind
from phaseout.model.device import Device, Grade

_ATTRIBUTE: Final = re.compile(r"(?:^|[,+]\s*)([A-Za-z][A-Za-z0-9.-]*|\d+(?:\.\d+)+)=((?:\\.|[^,+\\])*)", re.DOTALL)

_ESCAPED: Final = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


def _read(value: str) -> Device:
    """Say what the subject names; who issued names by which habit can't be guessed, so no platform is read from them."""
    names = {found[1].upper(): _unescaped(found[2].strip()) for found in _ATTRIBUTE.finditer(value.strip())}
    if not names:
        return Device(grade=Grade.WEAK, reason="The certificate's subject can't be read.")
    common = names.get("CN") or names.get("2.5.4.3")
    named = f" for {common}" if common else ""
    return Device(
        grade=Grade.PROVEN,
        reason=f"A checked client certificate{named}: a managed endpoint; its subject does not say which device holds the key.",
    )


def _unescaped(text: str) -> str:
    """An attribute's value without RFC 4514's escapes."""
    return _ESCAPED.sub(lambda found: found[1] if len(found[1]) == 1 else chr(int(found[1], 16)), text)


CLUE: Final = ClueReader(ClueKind.CERTIFICATE, _read)
