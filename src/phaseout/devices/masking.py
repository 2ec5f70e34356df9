"""Keep credentials out of what is told of a device: what a client says of itself may carry one, and reasons quote it."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from phaseout.model.device import DEVICE_FIELDS, Device
from phaseout.model.secrets import may_hold_secrets, without_secrets

_TEXTS: Final = (*DEVICE_FIELDS, "reason")


def device_without_secrets(device: Device) -> Device:
    """Return a device with what looks like a credential masked in every text.

    Example:
        >>> device_without_secrets(Device(model="token=hunter2", maker="Apple")).model
        'token=***'
    """
    # Nearly no device has anything to hide, and one look at all of its texts tells.
    if not may_hold_secrets("\n".join((*filter(None, map(device.__getattribute__, _TEXTS)), *device.contradictions))):
        return device
    told = {name: getattr(device, name) for name in _TEXTS}
    masked = {name: text for name, value in told.items() if value and (text := without_secrets(value)) != value}
    contradictions = tuple(map(without_secrets, device.contradictions))
    if contradictions != device.contradictions:
        return replace(device, **masked, contradictions=contradictions)
    return replace(device, **masked) if masked else device
