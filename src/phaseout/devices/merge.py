"""Several clues of one access, or of one device id: what they say together, and where they contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

from phaseout.model.device import DEVICE_FIELDS, PLATFORM_NAMES, Device, Grade

_ONE_FAMILY = frozenset({"ios", "ipados"})
"""Apple's own clients call an iPad's system either name."""

_FIELD_NAMES = {"platform_version": "version", "model_id": "model number", "form_factor": "form factor", "app": "program"}


def merge(devices: Sequence[Device]) -> Device:
    """Put together what several clues of one access say.

    Args:
        devices: one per clue, at least one.

    Returns:
        The fields of the strongest grade first, gaps filled by what agrees; disagreements are told, not resolved.
    """
    if len(devices) == 1:
        return devices[0]
    ranked = sorted(devices, key=lambda device: -device.grade)
    disputes = {name: told for name in DEVICE_FIELDS if len(told := _told(ranked, name)) > 1}
    fields = {name: _settled(ranked, name) for name in DEVICE_FIELDS}
    against = tuple(_sentence(name, told) for name, told in disputes.items() if name != "app")
    if "platform" in disputes and fields["platform"] is None:
        fields["platform_version"] = fields["build"] = fields["app"] = None
    contradictions = tuple(dict.fromkeys([told for device in ranked for told in device.contradictions] + list(against)))
    grade = _grade(ranked, against)
    reason = " ".join(dict.fromkeys(device.reason for device in ranked))
    return Device(**fields, grade=grade, reason=reason, contradictions=contradictions)


def contradictions_of_device_id(devices: Sequence[Device]) -> tuple[str, ...]:
    """Say whether one device id appears under two platforms or two makers.

    Args:
        devices: everything that one device id was seen as.

    Returns:
        One sentence per field on which they differ; empty when they fit each other.

    Example:
        >>> contradictions_of_device_id([Device(platform="ios"), Device(platform="android")])
        ('One device id appears as iOS and as Android.',)
    """
    return tuple(
        f"One device id appears as {' and as '.join(_shown(name, value) for value in told)}."
        for name in ("platform", "maker")
        if len(told := _told(devices, name)) > 1
    )


def _told(devices: Sequence[Device], name: str) -> tuple[str, ...]:
    """Every different value of a field, in the order of the devices; values that fit each other count as one."""
    values: list[str] = []
    for device in devices:
        value = getattr(device, name)
        if value is not None and not any(_fit(name, value, other) for other in values):
            values.append(value)
    return tuple(values)


def _fit(name: str, one: str, other: str) -> bool:
    """Whether two values of a field can both be true of one device."""
    if name == "platform":
        return one == other or {one, other} == _ONE_FAMILY
    if name == "platform_version":
        short, long = sorted((one.split("."), other.split(".")), key=len)
        return long[: len(short)] == short or (all(part == "0" for part in long[len(short) :]) and long[: len(short)] == short)
    return one.casefold() == other.casefold()


def _settled(ranked: Sequence[Device], name: str) -> str | None:
    """The value of a field, or None when the strongest grade that tells it disagrees with itself or with the next."""
    strongest = max((device.grade for device in ranked if getattr(device, name) is not None), default=None)
    if strongest is None:
        return None
    heard = ranked if strongest < Grade.MANAGED else [device for device in ranked if device.grade == strongest]
    told = _told(heard, name)
    if name == "app" and told:
        return told[0]
    if len(told) != 1:
        return None
    values: list[str] = [value for device in heard if (value := getattr(device, name)) is not None]
    return max(values, key=len)


def _grade(ranked: Sequence[Device], against: tuple[str, ...]) -> Grade:
    """The strongest grade that tells anything; weak when claims alone contradict each other or themselves."""
    strongest = max((device.grade for device in ranked if device.told), default=ranked[0].grade)
    if strongest >= Grade.MANAGED:
        return strongest
    if against or any(device.contradictions for device in ranked):
        return Grade.WEAK
    return strongest


def _sentence(name: str, told: tuple[str, ...]) -> str:
    """One disagreement in words."""
    return f"The clues disagree on the {_FIELD_NAMES.get(name, name)}: {', '.join(_shown(name, value) for value in told)}."


def _shown(name: str, value: str) -> str:
    """A value as people write it."""
    return PLATFORM_NAMES.get(value, value) if name == "platform" else value
