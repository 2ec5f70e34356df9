"""The name with which an SMTP client greets (EHLO): kept for people to look at, since it tells nothing of a device."""

from __future__ import annotations

from typing import Final

from phaseout.devices.clue_reader import ClueReader
from phaseout.model.clue import ClueKind
from phaseout.model.device import Device, Grade

APPLE: Final = "smtpclient.apple"
"""What Apple's Mail greets with.

In the headers of public mailing lists it stands from 2021 on over messages of Mail on Macs (``Mac OS X Mail 14.0``, ``16.0``) and
on an iPhone (``iPhone Mail (20B101)``) alike, so it tells neither from the other; older iPhones greeted with their address.
"""


def _read(value: str) -> Device:
    """Say why the name settles nothing: no client's names are verified well enough to refuse anybody for them."""
    if value.strip().casefold() == APPLE:
        return Device(grade=Grade.WEAK, reason="Apple's Mail greets so on Macs as well as on iPhones.")
    return Device(grade=Grade.WEAK, reason="The name with which an SMTP client greets does not say what it is.")


CLUE: Final = ClueReader(ClueKind.EHLO, _read)
