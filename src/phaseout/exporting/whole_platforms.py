"""Which platforms a device class means as a whole, for doors that know no more of a device than its platform.

Each platform is tried with the devices that stand for all of it, by the same ``matches`` as everywhere. A class that asks for
a maker, a model, a version or a shape that the platform alone does not settle, means it in part, and such a door can't say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from phaseout.judge.match import any_of, matches
from phaseout.model.device import PLATFORM_NAMES, Device
from phaseout.model.directive import DeviceClass
from phaseout.model.predicate import AllOf, AnyOf, Is, Not, Predicate

_APPLE: Final = "Apple"

PLATFORMS: Final = {
    "iOS": (
        Device(maker=_APPLE, platform="ios", form_factor="phone"),
        Device(maker=_APPLE, platform="ipados", form_factor="tablet"),
    ),
    "macOS": (Device(maker=_APPLE, platform="macos", form_factor="desktop"),),
    "android": (Device(platform="android"),),
    "windows": (Device(platform="windows"),),
    "windowsPhone": (Device(platform="windows-phone", form_factor="phone"),),
    "linux": (Device(platform="linux"),),
}
"""Microsoft Graph's platforms (conditionalAccessPlatforms, v1.0), and what stands for each; its iOS is iPadOS too."""

OF_DEVICE: Final = {
    "ios": "iOS", "ipados": "iOS", "macos": "macOS", "android": "android", "windows": "windows", "windows-phone": "windowsPhone",
    "linux": "linux",
}  # fmt: skip
"""Graph's platform by ours; the others it does not know."""

ANOTHER_MAKER: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for every maker that a class does not name."""


class Meant(Struct, frozen=True):
    """What some device classes mean.

    Attributes:
        whole: Graph's platforms that are meant whole.
        in_part: Graph's platforms of which some devices are meant.
        unknown: platforms that are meant and that Graph does not know, by our names.
    """

    whole: tuple[str, ...]
    in_part: tuple[str, ...]
    unknown: tuple[str, ...]


def meant(classes: Iterable[DeviceClass]) -> Meant:
    """Say which platforms some classes mean together."""
    tests = [each.test for each in classes]
    told = {name: _holds(tests, devices) for name, devices in PLATFORMS.items()}
    others = (platform for platform in PLATFORM_NAMES if platform not in OF_DEVICE and platform != "other")
    return Meant(
        whole=tuple(name for name, holds in told.items() if holds),
        in_part=tuple(name for name, holds in told.items() if holds is None),
        unknown=tuple(name for name in others if _holds(tests, (Device(platform=name),)) is not False and _names(tests, name)),
    )


def _holds(tests: list[Predicate], devices: Iterable[Device]) -> bool | None:
    """Say whether all of some devices are meant, or none; None for some."""
    makers = sorted({maker for test in tests for maker in _makers(test)})
    answers = {any_of(matches(test, one) for test in tests).holds for device in devices for one in _by_maker(device, makers)}
    return answers.pop() if len(answers) == 1 else None


def _by_maker(device: Device, makers: Iterable[str]) -> Iterator[Device]:
    """Give a device as made by each maker that may have made it. Apple makes none that run another's system."""
    if device.maker is not None:
        yield device
        return
    for maker in (*(maker for maker in makers if maker != _APPLE.casefold()), ANOTHER_MAKER):
        yield Device(maker=maker, platform=device.platform, form_factor=device.form_factor)


def _makers(test: Predicate) -> Iterator[str]:
    """Give every maker that a predicate names."""
    yield from (maker for part in _parts(test) for maker in part.maker)


def _names(tests: Iterable[Predicate], platform: str) -> bool:
    """Whether a predicate names a platform."""
    return any(platform in part.platform for test in tests for part in _parts(test))


def _parts(test: Predicate) -> Iterator[Is]:
    """Give the leaves of a predicate."""
    match test:
        case Is():
            yield test
        case AnyOf(parts) | AllOf(parts):
            for part in parts:
                yield from _parts(part)
        case Not(part):
            yield from _parts(part)
