"""ActiveSync DeviceTypes (``iPhone``, ``SamsungDevice``) and, after ``model:``, DeviceModels (``model:iPhone14C2``)."""

from __future__ import annotations

from typing import Final

from phaseout.devices.activesync_types import device_model, device_type
from phaseout.devices.clue_reader import ClueReader
from phaseout.model.clue import ClueKind
from phaseout.model.device import Device

_MODEL: Final = "model:"


def _read(value: str) -> Device:
    """Read a DeviceModel after its prefix, else a DeviceType."""
    text = value.strip()
    if text[: len(_MODEL)].casefold() == _MODEL:
        return device_model(text[len(_MODEL) :].strip())
    return device_type(text)


CLUE: Final = ClueReader(ClueKind.ACTIVESYNC, _read)
