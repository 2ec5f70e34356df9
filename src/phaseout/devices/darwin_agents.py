"""Agents of programs that use Apple's network library: ``Mail/3445.9 CFNetwork/897.15 Darwin/17.5.0 (x86_64)``."""

from __future__ import annotations

import re
from typing import Final

from phaseout.devices import ua_rules
from phaseout.devices.apple_agents import system_agent
from phaseout.devices.apple_models import find_model
from phaseout.model.device import Device

_LIBRARY: Final = re.compile(r"\bCFNetwork/(\d+)[\d.]*(?:.*\bDarwin/(\d+))?")

_IOS_ONLY: Final = {
    459: "3.1", 467: "3.2", 485: "4", 548: "5", 602: "6.0", 609: "6", 671: "7", 672: "7", 711: "8", 758: "9", 808: "10",
}  # fmt: skip
"""Major numbers of the library that only iPhones and iPads carry, with the version as far as the number alone settles it."""

_MAC_ONLY: Final = {
    129: "10.4", 221: "10.4", 330: "10.5", 339: "10.5", 438: "10.5", 422: "10.5", 454: "10.6", 520: "10.7", 596: "10.8",
    673: "10.9", 720: "10.10", 760: "10.11", 807: "10.12",
}  # fmt: skip
"""Major numbers of the library that only Macs carry."""

_LAST_APART: Final = 16
"""From Darwin 17 on, iOS and macOS share the library's numbers and only the program or the processor tells them apart."""

_MAC_PROGRAMS: Final = re.compile(
    r"(?:Address ?Book|iCal\b|Calendar(?:Agent|Store)|CFNetworkAgent|Microsoft Outlook|Outlook|Safari/\d{4,}|NetNewsWire|"
    r"com\.apple\.(?:Safari|appstore)|Airmail|Spark Desktop|Xcode|App Store|Software Update)"
)
"""Programs, by the opening of the agent, that exist on Macs only."""

_MAC_MAIL: Final = re.compile(r"Mail/[1-9]\d{2,3}\b")

_LAST_MARKED: Final = 19
"""Up to Darwin 19 Mail was numbered 53 on iPhones and from 500 on Macs; later numbers are seen on both."""

_PHONE_PROGRAMS: Final = re.compile(
    r"(?:Mobile(?:Mail|Safari|Cal|SMS|Notes|Phone|Slideshow)|Mail/53\b|SpringBoard|com\.apple\.mobile)"
)

_MAC_PROCESSOR: Final = re.compile(r"\((?:x86_64|i386|Power Macintosh|ppc)\b")


def darwin_agent(text: str) -> Device | None:
    """Read an agent of a program on Apple's network library; None when the text is none."""
    found = _LIBRARY.search(text) if "CFNetwork/" in text else None
    if not found or text.startswith(("Mozilla/", "Opera/")):
        return None
    named = system_agent(text)
    if named:
        return named
    library, darwin = int(found[1]), int(found[2] or 0)
    app = text.partition("/")[0].strip() or None
    model = find_model(text)
    if model and model.form_factor:
        return Device(
            maker="Apple",
            platform=model.platform,
            model_id=model.model_id,
            model=model.name,
            form_factor=model.form_factor,
            app=app,
            reason="A program on Apple's network library that names the hardware.",
        )
    platform, version = _system(text, library, darwin)
    if not platform:
        return Device(
            maker="Apple",
            app=app,
            reason=f"A program on Apple's network library; Darwin {darwin or 'of that time'} is under iOS and macOS alike, "
            "and the program does not tell which.",
        )
    return Device(
        maker="Apple",
        platform=platform,
        platform_version=version,
        form_factor="desktop" if platform == "macos" else None,
        app=app,
        reason=f"A program on Apple's network library {library}; with the program's name or processor that is {platform}.",
    )


def _system(text: str, library: int, darwin: int) -> tuple[str | None, str | None]:
    """The platform and, where the library's number settles it, the version."""
    if _MAC_PROCESSOR.search(text):
        return "macos", _MAC_ONLY.get(library)
    if library in _IOS_ONLY and darwin <= _LAST_APART:
        ruled = ua_rules.system(text)
        major = _IOS_ONLY[library].partition(".")[0]
        known = ruled.version if ruled and ruled.family == "iOS" and ruled.version else ""
        return "ios", known if known.startswith(f"{major}.") else None
    if library in _MAC_ONLY:
        return "macos", _MAC_ONLY[library]
    if _PHONE_PROGRAMS.match(text):
        return "ios", None
    if _MAC_PROGRAMS.match(text) or (darwin <= _LAST_MARKED and _MAC_MAIL.match(text)):
        return "macos", None
    return None, None
