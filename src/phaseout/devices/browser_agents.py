"""Browsers, and every agent without a reading of its own: our rules for the system, tables for the model, then ua-parser."""

from __future__ import annotations

import re
from typing import Final

from phaseout.devices import ua_rules
from phaseout.devices.android_agents import agent_form, agent_model
from phaseout.devices.android_models import AndroidModel, android_model, is_common_name, spelt_maker
from phaseout.devices.apple_models import find_model
from phaseout.devices.browser_systems import System, browser_system
from phaseout.devices.huawei_codes import is_shared_code, maker_told_apart
from phaseout.model.device import PLATFORM_NAMES, Device

_APPLE: Final = frozenset({"ios", "ipados", "macos", "watchos", "tvos"})

_ANDROIDS: Final = frozenset({"android", "harmonyos", "aurora", "sailfish"})

_FEATURE_PHONE: Final = re.compile(
    r"MIDP|CLDC|UP\.Browser|UP\.Link|J2ME|Mobile|Phone|Obigo|NetFront|Teleca|WAP|BREW|Opera Mini|Symbian|Series ?[346]0|S60",
    re.IGNORECASE,
)

_OLD_PHONE: Final = re.compile(r"MIDP|CLDC|UP\.Browser|UP\.Link|J2ME|Obigo|NetFront|Teleca|\bWAP|BREW", re.IGNORECASE)
"""What only phones said that had no system to be named."""

_TV: Final = re.compile(
    r"\b(?:SMART-TV|SmartTV|HbbTV|NetCast|web0S|webOS TV|Web0S|GoogleTV|AppleTV|Apple TV|Roku|DTV|NETTV|InettvBrowser)\b",
    re.IGNORECASE,
)

_CONSOLE: Final = re.compile(r"\b(?:PlayStation|Xbox|Nintendo|PSP)\b", re.IGNORECASE)

_OPENING: Final = re.compile(r"(?:Mozilla/[\d.]+ \((?:compatible; )?|\(?)?([A-Za-z][\w-]*)")


def browser_agent(text: str) -> Device:
    """Read any agent; what can't be told stays None.

    Args:
        text: the agent, plain.

    Returns:
        A device; never raises.
    """
    system = browser_system(text)
    if system.platform in _APPLE:
        return _apple(text, system)
    if system.platform in _ANDROIDS:
        return _android(text, system)
    return _other(text, system)


def _apple(text: str, system: System) -> Device:
    """An agent on one of Apple's systems."""
    if system.platform == "macos" and _HANDHELD.search(text):
        return Device(
            maker="Apple",
            platform="ios",
            app=ua_rules.program(text),
            reason="It calls itself a Macintosh, as iPhones and iPads do that ask for the desktop's page, and is a program that "
            "only they have; which of the two it is, and the version, can't be told.",
        )
    if system.platform == "macos" and _ENGINE_ALONE.search(text):
        return Device(
            maker="Apple",
            reason="A program's view of a page that calls itself a Macintosh: on iPads it may say so, too; neither the form nor "
            "the version can be told.",
        )
    if system.platform == "macos" and _may_be_an_ipad(text):
        return Device(
            maker="Apple",
            app="Safari",
            reason="Safari that calls itself a Macintosh: iPads say the same, so neither the form nor the version can be told.",
        )
    model = find_model(text)
    frozen = system.platform == "macos" and system.version in {"10.15.7", "10.15", "10.16"}
    return Device(
        maker="Apple",
        platform=system.platform,
        platform_version=None if frozen else system.version,
        model_id=model.model_id if model else None,
        model=model.name if model else None,
        form_factor=(model.form_factor if model else None) or system.form_factor,
        app=ua_rules.program(text),
        reason=_reason(system, "; browsers froze the version" if frozen else ""),
    )


_HANDHELD: Final = re.compile(r"\b(?:CriOS|FxiOS|EdgiOS|OPiOS|OPT|GSA|Mobile)/\d")
"""Browsers as they are called on iPhones and iPads alone (their makers' documents), and what Apple's engine adds there."""


def _may_be_an_ipad(text: str) -> bool:
    """Whether it is Safari 13 or later with the frozen Mac version, which iPads send by default."""
    found = _SAFARI_ON_MAC.search(text)
    return found is not None and int(found[1]) >= _IPADS_FROM


_SAFARI_ON_MAC: Final = re.compile(r"Mac OS X 10[_.]15(?:[_.]\d+)?\)(?!.*(?:Chrom|Firefox|Edg|OPR)).*\bVersion/(\d{2,3})\b")

_ENGINE_ALONE: Final = re.compile(r"Mac OS X 10[_.]15[_.]7\) AppleWebKit/605\.1\.15 \(KHTML, like Gecko\)$")
"""What programs on Macs and, where they ask for the desktop's page, on iPads send, without a name of their own."""

_IPADS_FROM: Final = 13


def _android(text: str, system: System) -> Device:
    """An agent on Android or one of its kin."""
    model = agent_model(text)
    maker = maker_told_apart(model.maker, model.model_id, system.version, system.platform or "android", text)
    more = "" if model.model_id else "; it names no model"
    if maker is None and model.model_id and is_shared_code(model.model_id):
        more = f"; {model.model_id} is a code such as Huawei and Honor both give"
    return Device(
        maker=maker or system.maker or _ruled_maker(text, model),
        platform=system.platform,
        platform_version=None if "Android 10; K)" in text else system.version,
        model_id=model.model_id,
        form_factor=system.form_factor or (model.form_factor if system.why else agent_form(text, model, system.version)),
        app=ua_rules.program(text),
        reason=_reason(system, more),
    )


def _ruled_maker(text: str, model: AndroidModel) -> str | None:
    """The maker by the shared rules, where the tables have none and the model's name is not one that anybody gives."""
    if not model.model_id or is_common_name(model.model_id) or is_shared_code(model.model_id):
        return None
    hardware = ua_rules.device(text)
    return hardware.brand if hardware and hardware.brand and hardware.brand.casefold() not in _NO_MAKERS else None


def _other(text: str, system: System) -> Device:
    """Everything that is neither Apple's nor Android's."""
    shape = _shape(text, system)
    # Of a desktop whose system is known, nothing that the shared rules say of devices would count.
    hardware = None if shape == "desktop" and system.platform else ua_rules.device(text)
    if hardware and hardware.is_robot and not system.platform:
        return Device(app=ua_rules.program(text), reason="A crawler, by ua-parser's rules.")
    maker = system.maker or (_maker(text, hardware, system, shape) if shape in {"phone", "tablet", None} else None)
    return Device(
        maker=maker,
        platform=system.platform,
        platform_version=system.version,
        model_id=_whole_model(text, hardware.model) if hardware and hardware.brand and shape != "desktop" else None,
        form_factor=shape or ("phone" if hardware and hardware.brand and maker else None),
        app=ua_rules.program(text),
        reason=_reason(system),
    )


_NO_MAKERS: Final = frozenset(
    {"apple", "docomo", "sprint", "kddi", "softbank", "vodafone", "verizon", "t-mobile", "orange", "cutebrowser 3.0.0"}
)
"""Brands of the shared rules that sell devices and make none; and Apple, which our own rules read, while others only name it."""

_NAMED_MAKER: Final = re.compile(
    r"; *(NOKIA|Nokia|Microsoft|HTC|SAMSUNG|Samsung|LG|HUAWEI|ZTE|Acer|Alcatel|BLU|Micromax|PANTECH)\b(?= *;)"
)


_NAMED_MODEL: Final = re.compile(r" *; *([^;()]{1,40}?) *[;)]")


def _whole_model(text: str, model: str | None) -> str | None:
    """The model as the brackets name it behind the maker, where the shared rules take a part of it: ``Lumia 950 XL``."""
    named = _NAMED_MAKER.search(text) if model else None
    found = _NAMED_MODEL.match(text, named.end()) if named and model != named[1] else None
    return found[1] if found and f" {model} " in f" {found[1]} " else model


def _maker(text: str, hardware: ua_rules.RuledDevice | None, system: System, shape: str | None) -> str | None:
    """The maker: named in the agent's brackets, by the shared rules, or by the word that the agent opens with.

    That word is most often a program's name, unless the rest of the agent is a phone's.
    """
    named = _NAMED_MAKER.search(text)
    if named:
        return android_model(f"{named[1]} x").maker or named[1]
    if hardware and hardware.brand and hardware.brand.casefold() not in _NO_MAKERS:
        return hardware.brand
    opening = _OPENING.match(text)
    if not opening:
        return None
    is_phone = shape in {"phone", "tablet"} and (system.platform is not None or _OLD_PHONE.search(text) is not None)
    return android_model(opening[1]).maker if is_phone else spelt_maker(opening[1])


def _shape(text: str, system: System) -> str | None:
    """The shape that the agent's words tell."""
    low = text.lower()
    # Words first: to look for them costs a tenth of what the patterns do.
    if ("tv" in low or "netcast" in low or "web0s" in low or "roku" in low) and _TV.search(text):
        return "tv"
    if ("playstation" in low or "xbox" in low or "nintendo" in low or "psp" in low) and _CONSOLE.search(text):
        return "console"
    if "(Tablet;" in text:
        return "tablet"
    if system.form_factor:
        return system.form_factor
    if any(word in text for word in ("PlayBook", "RIM Tablet", "TouchPad", "hp-tablet")):
        return "tablet"
    return "phone" if system.platform == "blackberry" or _FEATURE_PHONE.search(text) else None


def _reason(system: System, more: str = "") -> str:
    """What the reading rests on."""
    if system.why:
        return f"{system.why}{more}."
    return (
        f"The agent's own words name {PLATFORM_NAMES[system.platform]}{more}."
        if system.platform
        else f"The agent names no system{more}."
    )
