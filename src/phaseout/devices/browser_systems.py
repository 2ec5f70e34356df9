"""The operating system that an agent's own words name, by our rules first and ua-parser's then."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from phaseout.devices import ua_rules
from phaseout.devices.system_versions import is_of_the_system, of_the_system


class System(Struct, frozen=True):
    """A platform with what else its words settle.

    Attributes:
        platform: one of ``PLATFORMS``, or None.
        version: dotted, or None.
        form_factor: or None.
        maker: or None.
        why: what the reason adds, or empty.
    """

    platform: str | None
    version: str | None = None
    form_factor: str | None = None
    maker: str | None = None
    why: str = ""


_PLATFORMS: Final = {
    "iOS": "ios", "iPadOS": "ipados", "Mac OS X": "macos", "Mac OS": "macos", "macOS": "macos", "Android": "android",
    "Windows": "windows", "Windows Phone": "windows-phone", "Windows Mobile": "windows-phone", "Windows CE": "windows-phone",
    "Chrome OS": "chromeos", "BlackBerry OS": "blackberry", "BlackBerry Tablet OS": "blackberry", "Symbian OS": "symbian",
    "Symbian^3": "symbian", "Symbian^3 Anna": "symbian", "Symbian^3 Belle": "symbian", "Tizen": "tizen", "KaiOS": "kaios",
    "HarmonyOS": "harmonyos", "Sailfish": "sailfish", "WatchOS": "watchos", "watchOS": "watchos", "tvOS": "tvos",
    "ATV OS X": "tvos", "Linux": "linux", "Ubuntu": "linux", "Kubuntu": "linux", "Debian": "linux", "Fedora": "linux",
    "SUSE": "linux", "openSUSE": "linux", "CentOS": "linux", "Red Hat": "linux", "Mageia": "linux", "Mandriva": "linux",
    "Gentoo": "linux", "Slackware": "linux", "Linux Mint": "linux", "Arch Linux": "linux", "Lubuntu": "linux",
    "Xubuntu": "linux", "PCLinuxOS": "linux", "VectorLinux": "linux",
}  # fmt: skip
"""ua-parser's names of systems as ours; what is not here is "other"."""

_PHONES: Final = frozenset({"windows-phone", "symbian", "kaios", "blackberry"})

_DESKTOPS: Final = frozenset({"windows", "macos", "linux", "chromeos"})

_OTHER_PHONES: Final = frozenset({
    "Nokia Series 40", "Nokia Series 30 Plus", "Bada", "BREW", "Brew MP", "Firefox OS", "webOS", "MeeGo", "Maemo", "Windows CE",
})  # fmt: skip


def _rule(needles: str, pattern: str, system: System) -> tuple[tuple[str, ...], re.Pattern[str], System]:
    """One row of the table below: words of which one must stand in the agent; the pattern; its meaning. All in small letters."""
    return tuple(needles.split("|")), re.compile(pattern), system


_RULES: Final = (
    _rule(
        "puffin/",
        r"puffin/[\d.]+ap\b",
        System("android", form_factor="phone", why="Puffin's suffix AP is an Android phone"),
    ),
    _rule(
        "puffin/",
        r"puffin/[\d.]+at\b",
        System("android", form_factor="tablet", why="Puffin's suffix AT is an Android tablet"),
    ),
    _rule(
        "puffin/",
        r"puffin/[\d.]+ip\b",
        System("ios", form_factor="phone", maker="Apple", why="Puffin's suffix IP is an iPhone"),
    ),
    _rule(
        "puffin/",
        r"puffin/[\d.]+it\b",
        System("ipados", form_factor="tablet", maker="Apple", why="Puffin's suffix IT is an iPad"),
    ),
    _rule(
        "windows phone|windowsphone|wpdesktop|wds |wp7|wp8",
        r"windows phone(?: os)?[ /](?P<v>\d+(?:\.\d+)*)|\bwindowsphone\b|\bwpdesktop|windows phone|"
        r"\bwds (?P<x>[\d.]+)|\bwp[78]/(?P<w>[\d.]+)|xblwp7|zunewp7",
        System("windows-phone", form_factor="phone"),
    ),
    _rule(
        "windows ce|windows mobile|ppc;|iemobile|arm) ",
        r"windows ce|windows mobile|\bppc; *\d|iemobile|windows nt 10\.0; arm\).*edge/",
        System("windows-phone", form_factor="phone"),
    ),
    _rule(
        "harmony|arkweb/",
        r"harmonyos[ /]?(?P<v>\d+(?:\.\d+)*)?|openharmony[ /]?(?P<w>[\d.]+)?|arkweb/",
        System("harmonyos"),
    ),
    _rule(
        "sailfish|jolla",
        r"(?:sailfish|sailfishos|jolla)\b[ /]?(?P<v>\d+(?:\.\d+)*)?",
        System("sailfish"),
    ),
    _rule(
        "aurora",
        r"\baurora(?: ?os)?[ /](?P<v>\d+(?:\.\d+)*)",
        System("aurora"),
    ),
    _rule(
        "kaios/",
        r"kaios/(?P<v>[\d.]+)",
        System("kaios", form_factor="phone"),
    ),
    _rule(
        "bb|stv100",
        r"(?<![a-z\d-])android[ /;)-]?(?P<v>\d+(?:\.\d+)*)?(?=.*\b(?:bb[a-k]\d{3}-\d|stv100))",
        System("android", maker="BlackBerry"),
    ),
    _rule(
        "bb10|playbook|rim tablet|blackberry",
        r"bb10|playbook|rim tablet os (?P<v>[\d.]+)?|"
        r"blackberry(?![ -]?(?:hub\+|work|access|tasks|notes|connect|dynamics|uem|enterprise))",  # programs for any phone
        System("blackberry", maker="BlackBerry"),
    ),
    _rule(
        "maemo|meego|linux/slp|bada/|webos/|pre/1.",
        r"\bmaemo\b|\bmeego\b|linux/slp|\bbada/|webos/[12]\.|\bpre/1\.",
        System("other", form_factor="phone"),
    ),
    _rule(
        "cros ",
        r"\bcros\b",
        System("chromeos", form_factor="desktop"),
    ),
    _rule(
        "aphone|360(android",
        r"360 ?aphone|\b360\(android",
        System("android", form_factor="phone"),
    ),
    _rule(
        "j2me|opera mini",
        r"\(j2me|^opera/[^(]*\(windows[^)]*opera mini",
        System("other", form_factor="phone"),
    ),
    _rule(
        "linux z",
        r"\(x11; linux z[vb]",
        System("linux"),
    ),
    _rule(
        "macintosh|x11|samsungbrowser/",
        r"^[^()]{0,200}\((?:macintosh|x11)[^)]{0,200}\b(?:htc|samsung|padfone|gt-|sm-)|linux(?!.*\bandroid).*\bsamsungbrowser/",
        System("android", why="A phone or tablet that asks for desktop pages"),
    ),
    _rule(
        "ucbrowser/",
        r"(?:macintosh|windows nt).*\bucbrowser/",
        System(None, why="UC Browser for phones that asks for desktop pages"),
    ),
    _rule(
        "x11|wayland",
        r"^[^()]{0,200}\((?:x11|wayland)[; ] ?[^()]{0,200}linux(?!.*\b(?:android|tizen|mobile|webos|tv)\b)",
        System("linux", form_factor="desktop"),
    ),
    _rule(
        "symb|series|s60v",
        r"symbian|symbos|series ?60|s60v\d",
        System("symbian", form_factor="phone"),
    ),
    _rule(
        "wosbrowser|hpwos",
        r"\bwosbrowser|hpwos",
        System("other"),
    ),
    _rule(
        "android",
        r"(?<![a-z\d-])android[ /;)-]?(?P<v>\d+(?:\.\d+)*)?|android",  # behind a hyphen, the number is a program's
        System("android"),
    ),
    _rule(
        "adr |ucweb|juc|build/",
        r"\badr (?P<v>\d+(?:\.\d+)*)|^(?:ucweb|juc)[^()]*\(linux|"
        r"\(linux(?!.*\btizen)[^()]{0,300}\bbuild/|^[^()]*\([^()]*; [^()]* build/\w+",
        System("android"),
    ),
    _rule(
        "midp|cldc",
        r"^(?:nokia|samsung|sec-|sonyericsson|lg|mot-|alcatel|zte)[\w-]*/.*(?:midp|cldc)",
        System(None, form_factor="phone"),
    ),
    _rule(
        "macintosh|mac_powerpc|macos|mac os x|ppc mac|os/x",
        r"macintosh|mac_powerpc|\bmacos\b|^(?!.*\bx11\b).*(?<!like )\bmac os x\b|\bppc mac|os/x",
        System("macos", form_factor="desktop", maker="Apple"),
    ),
    _rule(
        "touch|tablet pc",
        r"windows nt .*(?:\btouch\b|tablet pc)",
        System("windows", why="Windows with a touch screen, on a tablet or a desktop"),
    ),
    _rule(
        "win",
        r"\bwin(?:dows)? ?(?:nt|xp|9[58x]|2000|me|3\.1|7|8|10|11|vista|32)\b|windows;|windows\)|microsoft windows",
        System("windows", form_factor="desktop"),
    ),
    _rule(
        "docomo|kddi|j-phone|softbank|vodafone|up.browser|jig browser|maui|mtk|foma",
        r"^(?:docomo|kddi|j-phone|softbank|vodafone)|\bjig browser|\bmaui\b|\bmtk\b|\bfoma\b|up\.browser",
        System("other", form_factor="phone"),
    ),
    _rule(
        "macppc",
        r"bsd.*macppc",
        System("other", form_factor="desktop", maker="Apple"),
    ),
    _rule(
        "bsd|dragonfly|sunos|solaris|irix|hp-ux|aix|beos|haiku|amiga|os/2|risc|osf1|vms|unix",
        r"freebsd|openbsd|netbsd|dragonfly|sunos|solaris|irix|hp-ux|\baix\b|beos|haiku|amiga|os/2|risc ?os|osf1|openvms|unix",
        System("other", form_factor="desktop"),
    ),
    _rule(
        "(x11",
        r"\(x11\b",
        System(None, form_factor="desktop"),
    ),
)
"""Our rules, tried in order; a named group is the version. The words are looked for first, as that is much cheaper."""

_APPLE_HARDWARE: Final = re.compile(
    r"\((?:iPhone|iPad|iPod)\b|\biPhone OS \d|CPU (?:iPhone )?OS \d+[._]\d|\b(?:iOS|iPadOS)[ /;]\d|"
    r"\bFBDV/i(?:Phone|Pad|Pod)|\bi(?:Phone|Pad|Pod)\d+[,C]\d+|; iPhone\b|; iPad\b|"
    r"(?<!like )(?<![\w-])(?:iOS|iPadOS) *(?:[;,)]|$)"  # a word that ends its part: what goes on may be about anything
)

_IPAD: Final = re.compile(r"\(iPad|FBDV/iPad|\biPad\d|; iPad|iPadOS")

_IPHONE: Final = re.compile(r"iPhone\b(?! OS)|iPod|iPhone\d")

_SAFARI: Final = re.compile(r"\bVersion/(\d+(?:\.\d+)*) .*Safari/")

_APPLE_VERSION: Final = re.compile(r"(?:iPhone OS|iPh OS|CPU OS|(?<![\w-])(?:iPadOS|iOS)|FBSV)[ /;]{0,2}(\d+(?:[._]\d+)*)")

_WINDOWS_VERSION: Final = re.compile(r"Windows NT (\d+\.\d+)")

_WINDOWS: Final = {"6.1": "7", "6.2": "8", "6.3": "8.1"}
"""Windows versions by the kernel's; 10.0 is Windows 10 and 11 alike, and those before 7 have names instead of numbers."""

_MAC_VERSION: Final = re.compile(r"Mac OS X (\d+(?:[._]\d+)*)")


def browser_system(text: str) -> System:
    """Say which system an agent names.

    Args:
        text: the agent, plain.

    Returns:
        The system; its platform is None when the agent names none.
    """
    low = text.lower()
    if ("iph" in low or "ipad" in low or "ipod" in low or "ios" in low) and _names_apple(text):
        return _apple_mobile(text)
    for needles, rule, system in _RULES:
        for needle in needles:
            if needle in low:
                found = rule.search(low)
                if found:
                    return _with_version(system, found, text)
                break
    return _by_shared_rules(text)


def _names_apple(text: str) -> bool:
    """Whether an agent is an iPhone's, iPad's or iPod's by its own words and claims no other system beside."""
    return _APPLE_HARDWARE.search(text) is not None and _CLAIMS_TO_BE.search(text) is None


_CLAIMS_TO_BE: Final = re.compile(
    r"Windows Phone|WPDesktop|Windows CE|Symbian|osmeta|wOSBrowser|hpwOS|\bAndroid \d|\(Android|like iOS"
)
"""Words of other systems whose browsers also name the iPhone, to be served its pages."""


def _apple_mobile(text: str) -> System:
    """An iPhone, iPad or iPod by its own words."""
    tablet = _IPAD.search(text) is not None
    found = next(of_the_system(_APPLE_VERSION, text), None)
    shape = "tablet" if tablet else "phone" if _IPHONE.search(text) else None
    return System("ipados" if tablet else "ios", _apple_version(found[1], text) if found else None, shape, "Apple")


def _apple_version(digits: str, text: str) -> str | None:
    """The version with its points; None when the browser dropped the marks, and Safari's own where Safari froze the system's."""
    if digits.isdigit() and len(digits) > _PLAIN_DIGITS:
        return None
    safari = _SAFARI.search(text)
    if safari and digits.startswith("18_") and int(safari[1].partition(".")[0]) >= _FROZEN_FROM:
        return safari[1]
    return digits.replace("_", ".")


_PLAIN_DIGITS: Final = 2

_FROZEN_FROM: Final = 26
"""Safari's version from which on it names iOS 18 for ever; Safari's own version is then that of iOS."""


def _with_version(system: System, found: re.Match[str], text: str) -> System:
    """A rule's system with the version that it caught or that the shared rules know."""
    caught = next((group for group in found.groupdict().values() if group), None)
    if caught and system.platform == "android" and not is_of_the_system(text, found.start()):
        own = next(of_the_system(_ANDROID_VERSION, text), None)
        caught = own[1] if own else None
    if caught is None and system.platform == "macos":
        version = _MAC_VERSION.search(text)
        caught = version[1].replace("_", ".") if version else None
    if caught is None and system.platform == "windows":
        version = _WINDOWS_VERSION.search(text)
        caught = _WINDOWS.get(version[1]) if version else None
    if caught is None:
        return system
    return System(system.platform, caught, system.form_factor, system.maker, system.why)


_ANDROID_VERSION: Final = re.compile(r"(?<![A-Za-z\d-])Android[ /](\d+(?:\.\d+)*)", re.IGNORECASE)

_NUMBERED_NAME: Final = re.compile(r"(?:iPhone|iPad|iPod|iOS|iPadOS|Android)/(\d+(?:\.\d+)*)")


def _by_shared_rules(text: str) -> System:
    """What ua-parser's rules find."""
    found = ua_rules.system(text)
    if not found:
        return System(None)
    platform = _PLATFORMS.get(found.family, "other")
    shape = "desktop" if platform in _DESKTOPS else "phone" if platform in _PHONES or found.family in _OTHER_PHONES else None
    programs = [one[1] for one in _NUMBERED_NAME.finditer(text) if not is_of_the_system(text, one.start())]
    version = None if any(f"{one}.".startswith(f"{found.version}.") for one in programs) else found.version
    return System(platform, version, shape, "BlackBerry" if platform == "blackberry" else None)
