"""The X-Mailer or User-Agent header of a message that was sent: the sender's word, and it survives forwarding."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from phaseout.devices.agents import agent_device
from phaseout.devices.apple_agents import apple_system
from phaseout.devices.clue_reader import ClueReader
from phaseout.model.clue import ClueKind
from phaseout.model.device import Device, Grade

_MOBILE_MAIL: Final = re.compile(r"(iPhone|iPad|iPod(?: touch)?) Mail \((\d{1,2}[A-Z]\d+[a-z]?)\)", re.IGNORECASE)

_MAC_MAIL: Final = re.compile(r"Apple Mail \((\d[\d.]*)\)", re.IGNORECASE)

_OUTLOOK: Final = re.compile(
    r"Microsoft (?:Office )?Outlook(?:,? Build)? ?\d|Microsoft (?:Windows (?:Live )?Mail|Outlook Express)", re.IGNORECASE
)

_ELSEWHERE: Final = re.compile(r"\b(?:Mac|iOS|iPadOS|iPhone|iPad|Android)\b")
"""What says that an Outlook is not the one on Windows."""

_REASON: Final = "A header of a sent message; it proves little."


def _read(value: str) -> Device:
    """Read the header; whatever it says is weak."""
    device = _told(value.strip())
    return replace(device, grade=Grade.WEAK, reason=f"{device.reason} {_REASON}")


def _told(text: str) -> Device:
    """What the header says by itself."""
    mobile = _MOBILE_MAIL.match(text)
    if mobile:
        tablet = mobile[1].casefold() == "ipad"
        device = apple_system("ipados" if tablet else "ios", None, mobile[2], f"Mail on an Apple {mobile[1]}, build {mobile[2]}.")
        return replace(device, form_factor="tablet" if tablet else "phone", app="Apple Mail")
    mac = _MAC_MAIL.match(text)
    if mac:
        return Device(maker="Apple", platform="macos", form_factor="desktop", app="Apple Mail", reason=f"Mail {mac[1]} of a Mac.")
    if _OUTLOOK.match(text) and not _ELSEWHERE.search(text):
        return Device(platform="windows", form_factor="desktop", app="Outlook", reason="Outlook or its kin on Windows.")
    return agent_device(text)


CLUE: Final = ClueReader(ClueKind.X_MAILER, _read)
