"""The agents of mail, calendar and contacts programs that are not Apple's: ActiveSync, DAV, Exchange's own, desktop programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.devices.android_models import AndroidModel, android_model
from phaseout.devices.apple_agents import system_agent
from phaseout.devices.huawei_codes import maker_told_apart, opens_with_code
from phaseout.devices.system_versions import of_the_system
from phaseout.model.device import Device


class _Program(Struct, frozen=True):
    """What the opening of an agent says for sure.

    Attributes:
        opening: a pattern at the start of the agent, matched in any case.
        app: the program.
        platform: its system, or None when it runs on several.
        form_factor: its shape, or None.
        maker: of the device, or None.
        why: what is said beside, or empty.
    """

    opening: str
    app: str
    platform: str | None = None
    form_factor: str | None = None
    maker: str | None = None
    why: str = ""


def _program(opening: str, app: str, platform: str | None = None, form_factor: str | None = None, **more: str) -> _Program:
    """One row of the table below."""
    return _Program(opening, app, platform, form_factor, **more)


_HANDHELD: Final = r"\b(?:iOS|iPadOS|iPhone|iPad|Android)\b"
"""What an agent of a phone or a tablet says of itself."""

_BOTH: Final = "the same on iPhones and Androids"

_PROGRAMS: Final = (
    _program(r"Outlook-iOS-Android/", "Outlook", why=f"it is {_BOTH}"),
    _program(r"Outlook-iOS/[\w.]*iphone", "Outlook", "ios", "phone", maker="Apple"),
    _program(r"Outlook-iOS/[\w.]*ipad", "Outlook", "ipados", "tablet", maker="Apple"),
    _program(r"Outlook-iOS/", "Outlook", "ios", maker="Apple", why="neither the model nor the version is in it"),
    _program(r"Outlook-Android/", "Outlook", "android", why="neither the model nor the version is in it"),
    _program(r"Outlook for iOS and Android|OutlookMobile", "Outlook", why=f"it is {_BOTH}"),
    _program(r"Acompli/", "Outlook", why=f"it is {_BOTH}"),
    _program(r"(?:iPhone|iPod) Mail\b", "Apple Mail", "ios", "phone", maker="Apple"),
    _program(r"iPad Mail\b", "Apple Mail", "ipados", "tablet", maker="Apple"),
    _program(r"ZimbraWebClient .*\(Mac\)", "Zimbra webmail", maker="Apple", why="it says Mac, and iPads say so too"),
    _program(r"ZimbraWebClient .*\(Win\)", "Zimbra webmail", "windows"),
    _program(r"Android-Mail/", "Gmail", "android", why="it never names the model"),
    _program(r"(?:Android-GmailProvider|Android-Gmail|com\.google\.android\.gm)\b", "Gmail", "android"),
    _program(r"MSFT-WP/", "Windows Phone Mail", "windows-phone", "phone"),
    _program(r"MSFT-(?:PPC|SPhone|SmartPhone)\b", "Windows Mobile Mail", "windows-phone", "phone"),
    _program(r"MSFT-WIN-\d|WindowsMail/|microsoft\.windowscommunicationsapps|HxMail|HxOutlook", "Windows Mail", "windows"),
    _program(r"Outlook/1\d\.\d.*(?:MSI|C2R|x86|x64)", "Outlook", "windows", "desktop"),
    _program(r"(?:Microsoft-)?MacOutlook/|Microsoft Outlook\b.*\bMac\b", "Outlook", "macos", "desktop", maker="Apple"),
    _program(r"Microsoft Office/[\d.]+ \((?!.*Mac)", "Microsoft Office", "windows", "desktop"),
    _program(r"Microsoft Office Outlook .*Windows|Outlook-Express/", "Outlook", "windows", "desktop"),
    _program(
        r"Microsoft (?:Office|Outlook)\b(?!.*\b(?:Mobile|Mac|iOS|iPhone|iPad|Android)\b)", "Microsoft Office", None, "desktop"
    ),
    _program(r"AppleExchangeWebServices/|ExchangeWebServices/", "Apple Mail", "macos", "desktop", maker="Apple"),
    _program(r"CFNetworkAgent\b", "CFNetworkAgent", "macos", "desktop", maker="Apple"),
    _program(r"BlackBerry[ -]?Hub[+ ]", "BlackBerry Hub+", "android", why="it runs on Androids of any maker"),
    _program(r"BlackBerry[ -]?Work\b", "BlackBerry Work", why=f"it is {_BOTH}"),
    _program(r"NINE[-/ ]|Ninefolders", "Nine"),
    _program(r"TouchDown", "TouchDown"),
    _program(r"Edison ?Mail\b(?!.*\b(?:iOS|iPadOS|iPhone|iPad|Android|Mac)\b)", "Edison Mail", why=f"it is {_BOTH}"),
    _program(r"(?:mobmail|com\.my\.mail).*\bandroid|mobmail android", "myMail", "android"),
    _program(r"(?:mobmail|com\.my\.mail).*\b(?:ios|iphone)", "myMail", "ios", maker="Apple"),
    _program(r"DAVx5/|DAVdroid/", "DAVx5", "android"),
    _program(r"Ca(?:rd|l)DAV-Sync", "CardDAV-Sync", "android", why="it only says that it behaves like iOS"),
    _program(r"Thunderbird for Android", "Thunderbird", "android"),
    _program(r"K-9 Mail|k9mail|K-9/", "K-9 Mail", "android"),
    _program(r"Aqua ?Mail", "Aqua Mail", "android"),
    _program(r"FairEmail", "FairEmail", "android"),
    _program(r"(?:CamelHttpStream/[\d.]+ )?Evolution/", "Evolution", "linux", "desktop"),
    _program(r"(?:Geary|KMail|Kontact|Akonadi|DAV ?KIO|gnome-online-accounts|GOA)\b", "desktop mail", "linux", "desktop"),
    _program(
        r"Pocomail|The ?Bat!|Becky!|Windows-?Live-?Mail|Windows Mail|Mailbird|Foxmail|Pegasus|IncrediMail",
        "desktop mail",
        "windows",
        "desktop",
    ),
    _program(r"eM ?Client|eMClient", "eM Client", why="it runs on computers and on phones"),
    _program(r"Mozilla/4\.0 \(compatible; Lotus-Notes.*Windows", "Lotus Notes", "windows", "desktop"),
    _program(r"(?:Hub/|RIM[- ])(?!.*\bMozilla)", "BlackBerry Mail", "blackberry", maker="BlackBerry"),
    _program(r"Palm/|webOS/", "Palm Mail", "other", "phone", maker="Palm"),
    _program(r"(?:Aurora|AuroraOS)[/ -]", "Aurora Mail", "aurora"),
    _program(r"(?:Sailfish|SailfishOS|Jolla|sailfish-eas)[/ -]", "Sailfish Mail", "sailfish"),
    _program(r"(?:Nokia)(?:[A-Z]\w+|[A-Z]?\d+)/.*ActiveSync", "Mail for Exchange", None, "phone", maker="Nokia"),
    _program(r"MailforExchange|NokiaMail", "Mail for Exchange", None, "phone", maker="Nokia"),
)
"""Programs by the opening of their agents; the first that fits counts. From vendors' documents and public logs."""


@cache
def _openings() -> re.Pattern[str]:
    """All openings in one pattern; the group that matched is the row. Made for the first agent that is not Samsung's."""
    return re.compile("|".join(f"(?P<p{row}>{program.opening})" for row, program in enumerate(_PROGRAMS)), re.IGNORECASE)


_SAMSUNG: Final = re.compile(
    r"(?:Android-)?SAMSUNG-?([A-Za-z]{2,4}-?[\w-]+)/(?:101\.(\d{5,6})|(\d+(?:\.\d+)+)-EAS-[\d.]+|[\d.]*)", re.IGNORECASE
)
"""Samsung's own mail: ``101.`` and the version as M mm pp (``101.40402`` is 4.4.2, ``101.130000`` is 13.0.0), or the EAS form."""

_EAS: Final = re.compile(r"([^/]{1,80})/(\d+(?:\.\d+)*)[-_]?(?:[A-Z]{3}\d\w+)?-EAS-(\d[\d.]*)", re.IGNORECASE)
"""AOSP's mail and its heirs: model, Android version, protocol: ``SonyD6603/6.0.1-EAS-2.0``."""

_ANDROID_MAKER: Final = re.compile(
    r"(Motorola|HTC|LGE?|Huawei|Honor|Xiaomi|Sony|ZTE|Lenovo|OnePlus|OPPO|vivo|Meizu|Asus)"
    r"[- ]?[\w-]*(?: (?:\d\w*|[IVX]+))*/[\d.]+",
    re.IGNORECASE,
)
"""A maker's name, a model, with numbers behind it or without: ``Sony-Xperia 1 V/13``."""

_YAHOO: Final = re.compile(r"YahooMobileMail/[\d.]+ \(Android [^)]*\) \(([^;)]*);([^;)]*);([^;)]*);(\d[\d.]*)")


def mail_agent(text: str) -> Device | None:
    """Read the agent of a mail, calendar or contacts program; None when it is none that this room knows."""
    if text.startswith(("Mozilla/5", "Opera/", "Dalvik/")):
        return None
    for reading in _READINGS:
        device = reading(text)
        if device:
            return device
    return None


def _samsung(text: str) -> Device | None:
    """Samsung's own mail."""
    found = _SAMSUNG.fullmatch(text)
    if not found:
        return None
    model = android_model(found[1])
    version = _packed_version(found[2]) if found[2] else found[3]
    return Device(
        maker="Samsung",
        platform="android" if version else None,
        platform_version=version,
        model_id=found[1],
        form_factor=model.form_factor,
        app="Samsung Mail",
        reason=f"ActiveSync agent of Samsung's own mail on {found[1]}{f', Android {version}' if version else ''}.",
    )


def _packed_version(digits: str) -> str:
    """``40402`` is 4.4.2: two digits each from the right."""
    return ".".join(str(int(part)) for part in (digits[:-4], digits[-4:-2], digits[-2:]))


def _eas(text: str) -> Device | None:
    """The mail program of AOSP and its heirs."""
    found = _EAS.fullmatch(text) or _EAS.match(text)
    if not found:
        return None
    name, version, protocol = found.groups()
    generic = name.casefold() in {"android", "ksandroid", "aosp", "androidmail"}
    model = AndroidModel() if generic else android_model(name)
    return Device(
        maker=maker_told_apart(model.maker, model.model_id, version, "android"),
        platform="android",
        platform_version=version,
        model_id=model.model_id,
        form_factor=model.form_factor,
        app="Android Mail",
        reason=f"Android's own mail program, Android {version}, ActiveSync {protocol}"
        f"{'; it names no model' if generic else f', on {name}'}.",
    )


def _yahoo(text: str) -> Device | None:
    """Yahoo's Android mail names the maker and the model in brackets."""
    found = _YAHOO.match(text)
    if not found:
        return None
    model = android_model(f"{found[2]} {found[3]}")
    return Device(
        maker=model.maker,
        platform="android",
        platform_version=found[4],
        model_id=found[3],
        form_factor=model.form_factor or "phone",
        app="Yahoo Mail",
        reason=f"Yahoo's Android mail names {found[2]} {found[3]}, Android {found[4]}.",
    )


_COMPUTERS: Final = frozenset({None, "windows", "linux", "macos"})


_ANDROID_AT_END: Final = re.compile(r"(?<=[ (;])Android[ /](\d+(?:\.\d+)*)\)?$")
"""Where programs on Android say its version: ``DAVx5/4.3.12-ose (…; okhttp/4.12.0) Android/14``."""


def _by_opening(text: str) -> Device | None:
    """A program that its opening tells."""
    found = _openings().match(text)
    if not found or not found.lastgroup:
        return None
    program = _PROGRAMS[int(found.lastgroup[1:])]
    if program.platform in _COMPUTERS and re.search(_HANDHELD, text[len(found[0]) :]):
        return None  # the program came to phones, too
    system = system_agent(text) if program.platform == "macos" else None
    if system is not None and system.platform == "macos":
        return replace(system, app=program.app)
    version = next(of_the_system(_ANDROID_AT_END, text), None) if program.platform == "android" else None
    return Device(
        maker=program.maker,
        platform=program.platform,
        platform_version=version[1] if version else None,
        form_factor=program.form_factor,
        app=program.app,
        reason=f"The agent of {program.app}{f'; {program.why}' if program.why else ''}.",
    )


def _android_maker(text: str) -> Device | None:
    """ActiveSync agents that open with a maker's name: ``motorola-DROIDRAZR/1.0``."""
    found = _ANDROID_MAKER.fullmatch(text)
    if not found:
        return None
    name = text.partition("/")[0]
    model = android_model(name)
    if not model.maker and not opens_with_code(name):
        return None
    return Device(
        maker=model.maker,
        model_id=model.model_id,
        form_factor=model.form_factor,
        reason=f"The agent opens with {f'a code, {name}' if opens_with_code(name) else f'the maker, {found[1]}'}.",
    )


_READINGS: Final[tuple[Callable[[str], Device | None], ...]] = (_samsung, _eas, _yahoo, _by_opening, _android_maker)
