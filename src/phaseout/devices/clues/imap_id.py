"""What a client says of itself in IMAP's ID command."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from phaseout.devices.android_models import android_model
from phaseout.devices.apple_agents import apple_system
from phaseout.devices.clue_reader import ClueReader
from phaseout.devices.imap_list import id_fields
from phaseout.model.clue import CARRIED, ClueKind
from phaseout.model.device import APPLE_SYSTEMS, PLATFORM_NAMES, Device, Grade

_VERSION: Final = re.compile(r"(\d+(?:\.\d+)*)\s*(?:\((\d{1,2}[A-Z]\d+[a-z]?)\))?")

_APPLE_SYSTEMS: Final = {
    "ios": "ios", "iphone os": "ios", "ipados": "ipados", "mac os x": "macos", "macos": "macos", "watchos": "watchos",
    "os x": "macos",
}  # fmt: skip

_SYSTEMS: Final = {
    "android": "android", "windows": "windows", "windows nt": "windows", "winnt": "windows", "windows mobile": "windows-phone",
    "windows phone": "windows-phone", "linux": "linux", "harmonyos": "harmonyos", "aurora": "aurora", "sailfish": "sailfish",
    "chromeos": "chromeos", "blackberry": "blackberry",
}  # fmt: skip

_PROGRAMS: Final = {
    "com.apple.email.maild": "Apple Mail", "iphone mail": "Apple Mail", "ipad mail": "Apple Mail", "mac os x mail": "Apple Mail",
    "com.google.android.gm": "Gmail", "com.android.email": "Android Mail", "com.samsung.android.email.provider": "Samsung Mail",
    "com.sonymobile.email": "Sony Mail",
}  # fmt: skip


_ANDROID_ONLY: Final = frozenset(
    {
        "k-9 mail",
        "fairemail",
        "com.google.android.gm",
        "com.android.email",
        "com.samsung.android.email.provider",
        "com.sonymobile.email",
    }
)
"""Programs that run on Android alone, by the name that they give; they often give no system."""


_APPLE_ONLY: Final = frozenset({"iphone mail", "ipad mail", "mac os x mail", "com.apple.email.maild"})
"""Programs that run on Apple's devices alone."""

_NEVER_WITH: Final = dict.fromkeys(_APPLE_ONLY, frozenset(_SYSTEMS.values())) | dict.fromkeys(
    _ANDROID_ONLY, APPLE_SYSTEMS | {"windows", "windows-phone"}
)
"""Systems on which a program that is known by name never runs; others can run Android's programs."""

_NAMED_FOR: Final = re.compile(r"\bfor (android|ios|ipados)$")
"""Programs of several systems that say in their name on which this one runs: ``Thunderbird for Android``."""


def _never_with(name: str, named_for: str | None) -> frozenset[str]:
    """The systems on which a program never runs."""
    if named_for:
        return _NEVER_WITH["k-9 mail" if named_for == "android" else "iphone mail"]
    return _NEVER_WITH.get(name, frozenset())


def _read(value: str) -> Device:
    """Read the list and what its fields tell."""
    if value.startswith(CARRIED):
        device = _read(value.removeprefix(CARRIED))
        told = "Taken over from another connection of the same login and address on that day: not said on this one."
        return replace(device, grade=Grade.WEAK, reason=f"{device.reason} {told}")
    fields = id_fields(value)
    if not fields:
        return Device(grade=Grade.WEAK, reason="The ID list is empty or can't be read.")
    name = fields.get("name", "")
    folded = name.casefold()
    system = fields.get("os", "").casefold()
    app = _PROGRAMS.get(folded, name or None)
    reason = "By its IMAP ID: " + ", ".join(f"{key} {word}" for key, word in fields.items() if key in _SHOWN) + "."
    platform = _APPLE_SYSTEMS.get(system) or _SYSTEMS.get(system)
    if platform is None:
        platform = next((known for word, known in _SYSTEMS.items() if system.startswith(f"{word} ")), None)
    named = _NAMED_FOR.search(folded)
    named_for = named[1] if named else None
    if platform in _never_with(folded, named_for):
        against = f"No {name} runs on {PLATFORM_NAMES[platform]}: forged or scripted client."
        return Device(app=app, grade=Grade.WEAK, reason=reason, contradictions=(against,))
    if not system and platform is None:
        platform = "android" if folded in _ANDROID_ONLY else named_for
    if platform in APPLE_SYSTEMS or folded in {"iphone mail", "ipad mail"}:
        return _apple(fields, platform or "ios", app, reason)
    return _other(fields, platform, app, reason)


_SHOWN: Final = frozenset({"name", "os", "os-version", "vendor", "x-android-device-model"})


def _apple(fields: dict[str, str], platform: str, app: str | None, reason: str) -> Device:
    """One of Apple's clients; ``iPhone Mail`` and ``iPad Mail`` also tell the shape."""
    version, build = _version(fields.get("os-version", ""))
    device = apple_system(platform, version, build, reason)
    name = fields.get("name", "").casefold()
    if name.startswith("ipad"):
        device = replace(device, platform="ipados", form_factor="tablet")
    elif name.startswith("iphone"):
        device = replace(device, form_factor="phone")
    return replace(device, app=app)


def _other(fields: dict[str, str], platform: str | None, app: str | None, reason: str) -> Device:
    """Everybody else; an Android names its model and its vendor."""
    version, _ = _version(fields.get("os-version", ""))
    named = fields.get("x-android-device-model", "")
    model = android_model(f"{named}")
    vendor = _vendor(fields.get("vendor", "")) if platform in {"android", "windows-phone", "harmonyos"} else None
    return Device(
        maker=vendor or model.maker,
        platform=platform,
        platform_version=version if platform and fields.get("os") else None,
        model_id=named or None,
        form_factor=model.form_factor or ("phone" if platform == "windows-phone" else None),
        app=app,
        reason=reason,
    )


_VENDORS: Final = {"lge": "LG", "htc": "HTC", "zte": "ZTE", "oppo": "OPPO", "hmd global": "Nokia", "tcl": "TCL"}


def _vendor(text: str) -> str | None:
    """The vendor as the maker's trade name."""
    return _VENDORS.get(text.casefold(), text[:1].upper() + text[1:]) or None


def _version(text: str) -> tuple[str | None, str | None]:
    """The version and, in brackets, the build: ``16.3 (20D47)``, ``6.0.1; MMB29K``."""
    found = _VERSION.match(text)
    return (found[1], found[2]) if found else (None, None)


CLUE: Final = ClueReader(ClueKind.IMAP_ID, _read)
