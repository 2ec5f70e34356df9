"""A device: what a clue says about the thing in a person's hand."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from msgspec import Struct

PLATFORMS: Final = (
    "ios", "ipados", "macos", "watchos", "tvos", "android", "harmonyos", "windows", "windows-phone", "linux", "chromeos",
    "aurora", "sailfish", "kaios", "tizen", "blackberry", "symbian", "other",
)  # fmt: skip
"""The operating systems that a device class may name."""

FORM_FACTORS: Final = ("phone", "tablet", "desktop", "tv", "watch", "console", "car", "reader", "server", "other")
"""The shapes that a device class may name; a notebook is a ``desktop``."""


SYSTEM_FORMS: Final = {
    "ios": frozenset({"phone", "tablet"}), "ipados": frozenset({"tablet"}), "macos": frozenset({"desktop", "server"}),
    "watchos": frozenset({"watch"}), "tvos": frozenset({"tv"}), "windows-phone": frozenset({"phone", "tablet"}),
    "kaios": frozenset({"phone", "other"}), "symbian": frozenset({"phone", "other"}),
}  # fmt: skip
"""The shapes that a system runs on, where that is sure; a tablet's iOS became iPadOS, and an iPod touch counts as a phone."""

APPLE_SYSTEMS: Final = frozenset({"ios", "ipados", "macos", "watchos", "tvos"})
"""What runs on devices that Apple makes, and on no others; under another system such a device says that system's name."""

APPLE_NAMES: Final = frozenset({"apple", "beats"})
"""Apple, and the brand of its own that orders name beside it; in lower case."""

APPLE_PRODUCTS: Final = ("iphone", "ipad", "ipod", "imac", "macbook", "macmini", "mac mini", "mac pro", "mac studio", "apple ")
"""How the names and identifiers of what Apple makes begin, and of nobody else's devices; in lower case."""

NEVER_APPLE: Final = frozenset(
    {"android", "harmonyos", "windows-phone", "aurora", "sailfish", "kaios", "tizen", "blackberry", "symbian"}
)
"""What runs on no device that Apple makes; Windows, Linux and ChromeOS can be put on a Mac."""


class Grade(IntEnum):
    """How much a clue proves; a higher grade proves more."""

    WEAK = 1
    """Easily forged or carried along: X-Mailer, an identity taken from another connection, a contradicted clue."""
    CLAIMED = 2
    """The client's own word, made in the protocol that it uses."""
    MANAGED = 3
    """A device inventory knows the device, or a password was made for it, which may be typed on another."""
    PROVEN = 4
    """A certificate that a door has checked."""

    @property
    def word(self) -> str:
        """The grade as a lower-case word for people and files."""
        return self.name.lower()


class Device(Struct, frozen=True):
    """What one clue, or several of one access, say. Every field may be None: "cannot tell".

    Attributes:
        maker: who made it, as the trade name: ``Apple``, ``Samsung``.
        platform: one of ``PLATFORMS``.
        platform_version: dotted version, as many parts as are known: ``17.4.1``.
        build: the maker's build number, such as ``21E236``.
        model_id: the maker's identifier, such as ``iPhone14,2`` or ``SM-G991B``.
        model: the trade name of the model, such as ``iPhone 13 Pro``.
        form_factor: one of ``FORM_FACTORS``.
        app: the program that spoke, such as ``Outlook`` or ``Safari``.
        grade: how much the evidence proves.
        reason: one sentence that says from what all this was read.
        contradictions: sentences that say what does not fit; marked, never resolved.
        version_is_whole: whether no part of the version is missing: ``17.4`` is then 17.4.0, and not any 17.4.
    """

    maker: str | None = None
    platform: str | None = None
    platform_version: str | None = None
    build: str | None = None
    model_id: str | None = None
    model: str | None = None
    form_factor: str | None = None
    app: str | None = None
    grade: Grade = Grade.CLAIMED
    reason: str = ""
    contradictions: tuple[str, ...] = ()
    version_is_whole: bool = False

    @property
    def told(self) -> bool:
        """Whether anything at all about the device itself is known; an app alone does not count."""
        return any((self.maker, self.platform, self.model_id, self.model, self.form_factor))

    @property
    def label(self) -> str:
        """A short name for people: ``iPhone 13 Pro, iOS 17.4.1``, or ``unknown device``.

        Example:
            >>> Device(maker="Apple", model="iPhone 13 Pro", platform="ios", platform_version="17.4.1").label
            'iPhone 13 Pro, iOS 17.4.1'
        """
        name = self.model or " ".join(part for part in (self.maker, self.model_id or self.form_factor) if part)
        system = " ".join(
            part for part in (PLATFORM_NAMES.get(self.platform or "", self.platform), self.platform_version) if part
        )
        return ", ".join(part for part in (name, system) if part) or "unknown device"


PLATFORM_NAMES: Final = {
    "ios": "iOS", "ipados": "iPadOS", "macos": "macOS", "watchos": "watchOS", "tvos": "tvOS", "android": "Android",
    "harmonyos": "HarmonyOS", "windows": "Windows", "windows-phone": "Windows Phone", "linux": "Linux", "chromeos": "ChromeOS",
    "aurora": "Aurora", "sailfish": "Sailfish OS", "kaios": "KaiOS", "tizen": "Tizen", "blackberry": "BlackBerry",
    "symbian": "Symbian", "other": "another system",
}  # fmt: skip
"""How people write the platforms."""

DEVICE_FIELDS: Final = (
    "maker", "platform", "platform_version", "build", "model_id", "model", "form_factor", "app",
)  # fmt: skip
"""The fields that a clue may tell."""
