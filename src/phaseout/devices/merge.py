"""Several clues of one access, or of one device id: what they say together, and where they contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final

from phaseout.model.device import DEVICE_FIELDS, PLATFORM_NAMES, Device, Grade

_SAME_SYSTEM: Final = (frozenset({"ios", "ipados"}), frozenset({"android", "harmonyos"}))
"""Systems that one device gives both names of: iPads say iOS, and HarmonyOS up to 4 says Android. The second name says more."""

_DISPUTABLE: Final = {
    "maker": "maker",
    "platform": "platform",
    "platform_version": "version",
    "build": "build",
    "model_id": "model number",
    "form_factor": "form factor",
}
"""Fields of which two different values can't both be true, as people call them; trade names and programs may well differ."""

_DISPUTABLE_PLACES: Final = frozenset(DEVICE_FIELDS.index(name) for name in _DISPUTABLE)

_FOLLOWS: Final = {"platform_version": "platform", "build": "platform", "model_id": "maker"}
"""Fields that differ anyway when another one does, so that the other's dispute says it all."""

_IDENTITY: Final = ("maker", "platform")

_OF_IDENTITY: Final = ("maker", "platform", "platform_version", "build", "model_id", "model")
"""What can't be told any more once the maker or the platform can't."""


def merge(devices: Sequence[Device]) -> Device:
    """Put together what several clues of one access say.

    Args:
        devices: one per clue, at least one.

    Returns:
        The fields of the strongest grade first, gaps filled by what agrees; disagreements are told, not resolved.
    """
    if len(devices) == 1:
        return devices[0]
    ranked = sorted(devices, key=_rank)
    against: tuple[str, ...] = ()
    fields = _agreed(ranked) if ranked[0].grade < Grade.MANAGED else None
    if fields is None:
        disputes = {name: told for name in _DISPUTABLE if len(told := _told(ranked, name)) > 1}
        against = tuple(_sentence(name, told) for name, told in disputes.items() if _FOLLOWS.get(name) not in disputes)
        heard = _heard(ranked)
        fields = {name: _settled(heard, name) for name in DEVICE_FIELDS}
        if any(len(_told(heard, name)) > 1 for name in _IDENTITY):
            fields |= dict.fromkeys(_OF_IDENTITY)
    own = [sentence for device in ranked for sentence in device.contradictions]
    reason = " ".join(dict.fromkeys([device.reason for device in ranked]))
    contradictions = tuple(dict.fromkeys([*own, *against])) if own or against else ()
    return Device(
        **fields,
        grade=_grade(ranked, against),
        reason=reason,
        contradictions=contradictions,
        version_is_whole=any(one.version_is_whole and one.platform_version == fields["platform_version"] for one in ranked),
    )


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


_fields: Final[Callable[[Device], tuple[str | None, ...]]] = attrgetter(*DEVICE_FIELDS)


def _rank(device: Device) -> int:
    """Put the stronger grade first."""
    return -device.grade


def _agreed(ranked: Sequence[Device]) -> dict[str, str | None] | None:
    """What claims say that differ in nothing that is disputable, as most do, without comparing each with each; else None."""
    fields = list(_fields(ranked[0]))
    for device in ranked[1:]:
        for place, value in enumerate(_fields(device)):
            if value is None or value == fields[place]:
                continue
            if fields[place] is None:
                fields[place] = value
            elif place in _DISPUTABLE_PLACES:
                return None
    return dict(zip(DEVICE_FIELDS, fields, strict=True))


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
        return one == other or frozenset({one, other}) in _SAME_SYSTEM
    if name == "platform_version":
        parts, more = sorted((one.split("."), other.split(".")), key=len)
        return more[: len(parts)] == parts
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    return long.startswith(short) if name in {"maker", "model_id"} else long == short


def _heard(ranked: Sequence[Device]) -> Sequence[Device]:
    """Those whose word counts: beside a managed or proven device only such weaker ones as fit its maker and platform."""
    strong = [device for device in ranked if device.grade >= Grade.MANAGED and device.told]
    if not strong:
        return ranked
    top = [device for device in strong if device.grade == strong[0].grade]
    fitting = [
        device for device in ranked if all(len(_told([*top, device], name)) <= len(_told(top, name)) for name in _IDENTITY)
    ]
    return [device for device in ranked if device in top or device in fitting]


def _settled(heard: Sequence[Device], name: str) -> str | None:
    """The value of a field; None when those whose word counts disagree on it and none of them is stronger."""
    telling = [device for device in heard if getattr(device, name) is not None]
    if not telling:
        return None
    if telling[0].grade >= Grade.MANAGED:
        telling = [device for device in telling if device.grade == telling[0].grade]
    values: list[str] = [getattr(device, name) for device in telling]
    if name not in _DISPUTABLE:
        return values[0]
    return max(values, key=len) if len(_told(telling, name)) == 1 else None


def _grade(ranked: Sequence[Device], against: tuple[str, ...]) -> Grade:
    """The strongest grade that tells anything; weak when claims alone contradict each other or themselves."""
    strongest = next((device.grade for device in ranked if device.told), ranked[0].grade)
    if strongest >= Grade.MANAGED:
        return strongest
    if against or any(device.contradictions for device in ranked):
        return Grade.WEAK
    return strongest


def _sentence(name: str, told: tuple[str, ...]) -> str:
    """One disagreement in words."""
    return f"The clues disagree on the {_DISPUTABLE[name]}: {', '.join(_shown(name, value) for value in told)}."


def _shown(name: str, value: str) -> str:
    """A value as people write it."""
    return PLATFORM_NAMES.get(value, value) if name == "platform" else value
