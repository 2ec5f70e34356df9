"""What the programs of the demo's devices say of themselves, door by door."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from phaseout.demo.devices import Model, Owned, Tells


class Client(Struct, frozen=True):
    """What a program says of itself.

    Attributes:
        agent: the user agent; empty when it sends none.
        device_type: the ActiveSync DeviceType, or empty.
        tells: how far that tells what the device is.
    """

    agent: str
    tells: Tells
    device_type: str = ""

    @property
    def clues(self) -> Mapping[str, str]:
        """The evidence by kind, as the program sent it."""
        told = {"user_agent": self.agent, "activesync": self.device_type}
        return {kind: value for kind, value in told.items() if value}


def activesync(device: Owned) -> Client:
    """Return what a device says in ActiveSync."""
    model = device.model
    if device.app == "outlook":
        return Client("Outlook-iOS-Android/1.0", Tells.NOTHING, "Outlook")
    if device.app == "gmail":
        return Client("Android-Mail/2026.07.19.784412530.Release", Tells.PLATFORM, "Android")
    if model.banned:
        kind = "iPad" if model.form == "tablet" else "iPhone"
        return Client(f"Apple-{model.model_id.replace(',', 'C')}/{model.arithmetic}", Tells.ALL, kind)
    if model.maker == "Samsung":
        return Client(f"SAMSUNG-{model.model_id}/101.{model.version}0000", Tells.ALL, "SamsungDevice")
    if model.platform == "android":
        return Client(f"{model.model_id.replace(' ', '')}/{model.version}-EAS-2.0", Tells.ALL, "Android")
    return Client("MSFT-WIN-4/10.0.19045", Tells.ALL, "WindowsMail")


def type_tells(kind: str) -> Tells:
    """Say how far a DeviceType alone tells what the device is; Android's names no version."""
    if kind in {"iPhone", "iPad", "WindowsMail"}:
        return Tells.ALL
    return Tells.NOTHING if kind == "Outlook" else Tells.PLATFORM


def browser(model: Model) -> Client:
    """Return the agent of a device's usual browser."""
    if model.banned:
        system = model.version.replace(".", "_")
        kind = "iPad; CPU OS" if model.form == "tablet" else "iPhone; CPU iPhone OS"
        engine = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
        short = ".".join(model.version.split(".")[:2])
        return Client(
            f"Mozilla/5.0 ({kind} {system} like Mac OS X) {engine} Version/{short} Mobile/15E148 Safari/604.1", Tells.ALL
        )
    if model.platform == "android":
        system = f"Linux; Android {model.version}; {model.model_id}"
        return Client(f"Mozilla/5.0 ({system}) {_WEBKIT} Chrome/109.0.0.0 Mobile Safari/537.36", Tells.ALL)
    return Client(_BROWSERS[model.platform], Tells.ALL)


_WEBKIT: Final = "AppleWebKit/537.36 (KHTML, like Gecko)"
_BROWSERS: Final = {
    "windows": f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0",
    "linux": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "macos": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/128.0.0.0 Safari/537.36",
    "harmonyos": f"Mozilla/5.0 (Linux; Android 12; HarmonyOS; NOH-AN00; HMSCore 6.13.0.302) {_WEBKIT} "
    "Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
    "aurora": "Mozilla/5.0 (Linux; U; Aurora OS 4.1.0; Mobile; rv:91.0) Gecko/91.0 Firefox/91.0 AuroraBrowser/2.2",
}

REDUCED: Final = Client(f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/128.0.0.0 Mobile Safari/537.36", Tells.PLATFORM)
"""What newer Chrome says on every Android: the version is frozen and means nothing."""


def web(device: Owned) -> Client:
    """Return the agent that a web mail server sees; every other Android says no more than it must."""
    if device.model.platform == "android" and device.number % 2:
        return REDUCED
    return browser(device.model)


def desktop(model: Model) -> Client:
    """Return the agent of a desktop mail program on Exchange: MAPI from Windows, web services from a Mac."""
    if model.form == "other":
        return Client("ScanToMail/2.1", Tells.NOTHING)
    if model.platform == "macos":
        return Client(f"macOS/{model.version} ({model.build}) Mail/3774.500.171", Tells.ALL)
    return Client("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)", Tells.ALL)


def dav(model: Model, *, account: bool = False) -> Client:
    """Return the agent of a device's calendar and contacts programs; while an account is set up, another part of it speaks."""
    if model.maker == "Apple":
        system = "macOS" if model.platform == "macos" else "iOS"
        return Client(f"{system}/{model.version} ({model.build}) {'accountsd' if account else 'dataaccessd'}/1.0", Tells.ALL)
    if model.platform == "android":
        return Client("DAVx5/4.4.2-ose (2026/06/11; dav4jvm; okhttp/4.12.0)", Tells.PLATFORM)
    return Client("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.3.1", Tells.ALL)


class ImapId(Struct, frozen=True):
    """What a program says in IMAP.

    Attributes:
        pairs: keys and values; empty when it sends no ID.
        before: whether it does so before it signs in.
        tells: how far that tells what the device is.
    """

    pairs: Mapping[str, str] = {}
    before: bool = False
    tells: Tells = Tells.NOTHING

    @property
    def text(self) -> str:
        """The list as Dovecot writes it."""
        return ", ".join(f"{key}={value}" for key, value in self.pairs.items())


def imap(device: Owned) -> ImapId:
    """Return what a device says in IMAP. Phones of Apple's say it after signing in, Android's own programs before."""
    model = device.model
    if device.app == "thunderbird":
        return ImapId({"name": "Thunderbird", "version": "128.3.1"})
    if model.banned:
        name = "iPad Mail" if model.form == "tablet" else "iPhone Mail"
        system = f"{model.version} ({model.build})"
        return ImapId({"name": name, "version": model.build, "os": "iOS", "os-version": system}, tells=Tells.ALL)
    if model.platform == "macos":
        pairs = {
            "name": "Mac OS X Mail",
            "version": "16.0 (3774.500.171)",
            "os": "Mac OS X",
            "os-version": f"{model.version} ({model.build})",
        }
        return ImapId({**pairs, "vendor": "Apple Inc."}, before=True, tells=Tells.ALL)
    if model.platform == "android":
        name = "com.samsung.android.email.provider" if model.maker == "Samsung" else "com.google.android.gm"
        pairs = {"name": name, "os": "android", "os-version": f"{model.version}; {model.build}", "vendor": model.maker.lower()}
        return ImapId({**pairs, "x-android-device-model": model.model_id}, before=True, tells=Tells.ALL)
    if model.platform == "windows":
        return ImapId({"name": "Microsoft Outlook", "version": "16.0", "os": "Windows", "vendor": "Microsoft"}, tells=Tells.ALL)
    return ImapId()


COMMANDS: Final = {"Sync": 0, "SendMail": 1, "FolderSync": 9, "Settings": 17, "Ping": 18, "Provision": 20}
"""ActiveSync's command codes in packed queries ([MS-ASHTTP] 2.2.1.1.1.1.2)."""


def packed_query(command: str, device_id: str, device_type: str) -> str:
    """Return an ActiveSync query packed in base64: version 14.1, command, language, id, policy key, type."""
    ids = device_id.encode()
    kind = device_type.encode()
    head = bytes((141, COMMANDS[command], 0x09, 0x04, len(ids)))
    return b64encode(head + ids + bytes((4, 1, 2, 3, 4, len(kind))) + kind).decode()
