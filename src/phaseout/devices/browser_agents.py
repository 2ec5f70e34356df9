"""Browsers, and every agent without a reading of its own: ua-parser's shared rules, corrected by rules of ours where they are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from phaseout.devices import ua_rules
from phaseout.devices.apple_models import find_model
from phaseout.model.device import Device

_PLATFORMS: Final = {
    "iOS": "ios", "iPadOS": "ipados", "Mac OS X": "macos", "Mac OS": "macos", "macOS": "macos", "Android": "android", "Windows": "windows",
    "Windows Phone": "windows-phone", "Windows Mobile": "windows-phone", "Windows CE": "windows-phone", "Chrome OS": "chromeos",
    "BlackBerry OS": "blackberry", "BlackBerry Tablet OS": "blackberry", "Symbian OS": "symbian", "Symbian^3": "symbian",
    "Symbian^3 Anna": "symbian", "Symbian^3 Belle": "symbian", "Nokia Series 40": "other", "Tizen": "tizen", "KaiOS": "kaios",
    "HarmonyOS": "harmonyos", "Sailfish": "sailfish", "WatchOS": "watchos", "watchOS": "watchos", "tvOS": "tvos", "ATV OS X": "tvos",
    "Linux": "linux", "Ubuntu": "linux", "Kubuntu": "linux", "Debian": "linux", "Fedora": "linux", "SUSE": "linux", "openSUSE": "linux",
    "CentOS": "linux", "Red Hat": "linux", "Mageia": "linux", "Mandriva": "linux", "Gentoo": "linux", "Slackware": "linux",
    "Linux Mint": "linux", "Arch Linux": "linux", "Lubuntu": "linux", "Xubuntu": "linux", "PCLinuxOS": "linux", "VectorLinux": "linux",
}  # fmt: skip
"""ua-parser's names of systems as ours; what is not here is "other", and nothing stays nothing."""


@dataclass(frozen=True, slots=True)
class _System:
    """A platform with what else its words in the agent settle.

    Attributes:
        platform: one of ``PLATFORMS``, or None.
        version: dotted, or None.
        form_factor: or None.
        maker: or None.
    """

    platform: str | None
    version: str | None = None
    form_factor: str | None = None
    maker: str | None = None


def browser_agent(text: str) -> Device:
    """Read any agent; what can't be told stays None.

    Args:
        text: the agent, plain.

    Returns:
        A device; never raises.
    """
    system = _system(text)
    if system.platform in {"ios", "ipados", "macos", "watchos", "tvos"}:
        return _apple(text, system)
    if system.platform in {"android", "harmonyos", "aurora", "sailfish"}:
        return _android(text, system)
    return _other(text, system)


def _other(text: str, system: _System) -> Device:
    """Everything that is neither Apple's nor Android's."""
    hardware = ua_rules.device(text)
    maker = system.maker or (hardware.brand if hardware else None)
    return Device(
        maker=maker,
        platform=system.platform,
        platform_version=system.version,
        model_id=hardware.model if hardware else None,
        form_factor=system.form_factor,
        app=ua_rules.program(text),
        reason=_reason(system),
    )


def _reason(system: _System) -> str:
    """What a reading by the shared rules rests on."""
    return f"The agent's own words name {system.platform}." if system.platform else "The agent names no system."


def _system(text: str) -> _System:
    """The platform, by our rules first and by ua-parser's then."""
    found = ua_rules.system(text)
    if not found:
        return _System(None)
    return _System(_PLATFORMS.get(found.family, "other"), found.version)


def _apple(text: str, system: _System) -> Device:
    """An agent on one of Apple's systems."""
    model = find_model(text)
    form = (
        model.form_factor
        if model
        else {"ipados": "tablet", "macos": "desktop", "watchos": "watch", "tvos": "tv"}.get(system.platform or "")
    )
    if not form and system.platform == "ios":
        form = "tablet" if "iPad" in text else "phone" if "iPhone" in text or "iPod" in text else None
    return Device(
        maker="Apple",
        platform=system.platform,
        platform_version=system.version,
        model_id=model.model_id if model else None,
        model=model.name if model else None,
        form_factor=form,
        app=ua_rules.program(text),
        reason=_reason(system),
    )


def _android(text: str, system: _System) -> Device:
    """An agent on Android or one of its kin."""
    return Device(platform=system.platform, platform_version=system.version, app=ua_rules.program(text), reason=_reason(system))
