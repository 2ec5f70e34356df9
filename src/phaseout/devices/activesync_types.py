"""What an ActiveSync client calls itself: its DeviceType and, in its DeviceInformation, its DeviceModel."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from phaseout.devices.android_models import AndroidModel, android_model, is_bare_word
from phaseout.devices.apple_models import AppleModel, family, model_from_identifier
from phaseout.model.device import Device, Grade

_BOTH: Final = Device(app="Outlook", reason="Outlook mobile calls itself the same on iPhones and Androids.")

_TYPES: Final = {
    "outlook": _BOTH,
    "outlook for ios and android": _BOTH,
    "samsungdevice": Device(maker="Samsung", app="Samsung Mail", reason="Samsung's own mail, by its DeviceType."),
    "android": Device(platform="android", reason="The DeviceType says Android and no more."),
    "androidmail": Device(platform="android", reason="The DeviceType says Android and no more."),
    "androidc": Device(platform="android", reason="The DeviceType says Android and no more."),
    "ksandroid": Device(platform="android", reason="The DeviceType says Android and no more."),
    "windowsmail": Device(platform="windows", app="Windows Mail", reason="The mail program that comes with Windows."),
    "windowsoutlook15": Device(
        platform="windows", form_factor="desktop", app="Outlook", reason="Outlook for Windows over ActiveSync."
    ),
    "windowsoutlook": Device(
        platform="windows", form_factor="desktop", app="Outlook", reason="Outlook for Windows over ActiveSync."
    ),
    "universaloutlook": Device(platform="windows", app="Windows Mail", reason="The mail program that comes with Windows."),
    "wp": Device(platform="windows-phone", form_factor="phone", reason="A Windows Phone, by its DeviceType."),
    "wp7": Device(
        platform="windows-phone", platform_version="7", form_factor="phone", reason="A Windows Phone, by its DeviceType."
    ),
    "wp8": Device(
        platform="windows-phone", platform_version="8", form_factor="phone", reason="A Windows Phone, by its DeviceType."
    ),
    "wp10": Device(
        platform="windows-phone", platform_version="10", form_factor="phone", reason="A Windows Phone, by its DeviceType."
    ),
    "pocketpc": Device(platform="windows-phone", form_factor="phone", reason="Windows Mobile, by its DeviceType."),
    "smartphone": Device(form_factor="phone", reason="The DeviceType says SmartPhone: Windows Mobile once, many others since."),
    "blackberry": Device(maker="BlackBerry", platform="blackberry", reason="A BlackBerry, by its DeviceType."),
    "playbook": Device(
        maker="BlackBerry", platform="blackberry", form_factor="tablet", reason="A BlackBerry, by its DeviceType."
    ),
    "mac": Device(maker="Apple", platform="macos", form_factor="desktop", reason="A Mac, by its DeviceType."),
    "palm": Device(maker="Palm", form_factor="phone", reason="A Palm, by its DeviceType."),
    "htcandroid": Device(maker="HTC", platform="android", reason="An HTC with Android, by its DeviceType."),
    "touchdown": Device(app="TouchDown", reason="TouchDown, which runs on several systems."),
    "emclient": Device(form_factor="desktop", app="eM Client", reason="eM Client, which runs on Windows and on Macs."),
    "evolution": Device(platform="linux", form_factor="desktop", app="Evolution", reason="Evolution, by its DeviceType."),
    "aurora": Device(platform="aurora", reason="Aurora, by its DeviceType."),
    "sailfish": Device(platform="sailfish", reason="Sailfish OS, by its DeviceType."),
    "harmonyos": Device(platform="harmonyos", reason="HarmonyOS, by its DeviceType."),
    "testactivesyncconnectivity": Device(app="Exchange's own test", reason="Exchange's own connection test, no device."),
}
"""DeviceTypes by their case-folded names; from vendors' documents and public logs."""

_ANDROID: Final = re.compile(r"android", re.IGNORECASE)


def device_type(text: str) -> Device:
    """Read a DeviceType; the client chooses it freely."""
    known = _TYPES.get(text.casefold().replace(" ", "")) or _TYPES.get(text.casefold())
    if known:
        return known
    apple = model_from_identifier(text) or family(text)
    if apple:
        return _apple(apple, f"The DeviceType says {text}.")
    if not text:
        return Device(grade=Grade.WEAK, reason="The DeviceType is empty.")
    if text.casefold().startswith("windowsoutlook"):
        return _TYPES["windowsoutlook"]
    return _by_model(text, "DeviceType", AndroidModel() if is_bare_word(text) else None)


def device_model(text: str) -> Device:
    """Read a DeviceModel, which the client's DeviceInformation carries."""
    apple = model_from_identifier(text) or family(text)
    if apple:
        return _apple(apple, f"The DeviceModel says {text}.")
    if text.casefold() == "outlook for ios and android":
        return _BOTH
    if not text:
        return Device(grade=Grade.WEAK, reason="The DeviceModel is empty.")
    return _by_model(text, "DeviceModel")


def _apple(model: AppleModel, reason: str) -> Device:
    """One of Apple's devices."""
    return Device(
        maker="Apple",
        platform=model.platform,
        model_id=model.model_id,
        model=model.name,
        form_factor=model.form_factor,
        reason=reason,
    )


def _by_model(text: str, what: str, model: AndroidModel | None = None) -> Device:
    """A model name of another maker, as far as the table and the code's form tell it unless a model is given."""
    model = model or android_model(re.sub(r"(?i)^android[ _-]+", "", text))
    device = Device(maker=model.maker, form_factor=model.form_factor, reason=f"The {what} says {text}.")
    if model.maker and (model.model_id or "").casefold() != "device":
        device = replace(device, model_id=model.model_id)
    if _ANDROID.search(text):
        device = replace(device, platform="android")
    return device if device.told else replace(device, reason=f"The {what} {text!r} is of no device that the tables know.")
