"""The devices that people of the demo use: what they are, and how far their programs tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from random import Random
from typing import Final

from msgspec import Struct

BASE32: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUV"
"""What Apple's newer ActiveSync ids are written with."""


class Tells(Enum):
    """How far a piece of evidence tells what the device is."""

    ALL = "all"
    """Maker or platform and, where the order asks for it, the version."""
    PLATFORM = "platform"
    """The platform, not its version."""
    MAKER = "maker"
    """That Apple made it, not which of Apple's devices it is."""
    NOTHING = "nothing"
    """Neither maker nor platform."""


@dataclass(frozen=True)
class Model:
    """A sort of device.

    Attributes:
        name: the trade name.
        maker: the trade name of its maker.
        platform: one of the platforms that a directive may name.
        form: its shape.
        model_id: the maker's identifier.
        version: of the platform.
        build: the maker's build number, or empty.
    """

    name: str
    maker: str
    platform: str
    form: str
    model_id: str
    version: str
    build: str = ""

    @cached_property
    def banned(self) -> bool:
        """Whether it is an Apple phone or tablet."""
        return self.platform in {"ios", "ipados"}

    @cached_property
    def old(self) -> bool:
        """Whether it runs Android below 13."""
        return self.platform == "android" and int(self.version.partition(".")[0]) < 13  # noqa: PLR2004 - the order's version

    @property
    def arithmetic(self) -> str:
        """The build as Apple's ActiveSync agents write it: digits, the letter as a number, a point, digits."""
        letter = next(place for place, sign in enumerate(self.build) if sign.isalpha())
        return f"{self.build[:letter]}{ord(self.build[letter]) - ord('A') + 1:02d}.{self.build[letter + 1 :]}"


def _iphone(name: str, model_id: str, version: str, build: str) -> Model:
    return Model(name, "Apple", "ios", "phone", model_id, version, build)


def _ipad(name: str, model_id: str, version: str, build: str) -> Model:
    return Model(name, "Apple", "ipados", "tablet", model_id, version, build)


def _android(name: str, maker: str, model_id: str, version: str, build: str, form: str = "phone") -> Model:
    return Model(name, maker, "android", form, model_id, version, build)


IPHONES: Final = (
    _iphone("iPhone 11", "iPhone12,1", "16.6", "20G75"), _iphone("iPhone 12", "iPhone13,2", "17.4.1", "21E236"),
    _iphone("iPhone 13", "iPhone14,5", "17.5.1", "21F90"), _iphone("iPhone 13 Pro", "iPhone14,2", "17.6.1", "21G93"),
    _iphone("iPhone 14 Pro", "iPhone15,2", "18.2.1", "22C161"), _iphone("iPhone 15", "iPhone15,4", "18.5", "22F76"),
    _iphone("iPhone 16 Pro", "iPhone17,1", "18.6", "22G86"),
)  # fmt: skip
FORGED: Final = _iphone("iPhone 13 Pro", "iPhone14,2", "", "17D10")
"""What a script says of itself: a build that was never published."""

IPADS: Final = (
    _ipad("iPad (9th generation)", "iPad12,1", "17.6.1", "21G93"), _ipad("iPad Pro", "iPad13,4", "18.5", "22F76"),
)  # fmt: skip
MACS: Final = (
    Model("MacBook Air", "Apple", "macos", "desktop", "MacBookAir10,1", "14.5", "23F79"),
    Model("MacBook Pro", "Apple", "macos", "desktop", "MacBookPro18,3", "13.4", "22F66"),
)
SAMSUNGS: Final = (
    _android("Galaxy S23", "Samsung", "SM-S911B", "14", "UP1A.231005.007"),
    _android("Galaxy A52", "Samsung", "SM-A525F", "13", "TP1A.220624.014"),
    _android("Galaxy S21", "Samsung", "SM-G991B", "14", "UP1A.231005.007"),
)
OTHER_ANDROIDS: Final = (
    _android("Pixel 8", "Google", "Pixel 8", "15", "AP4A.250105.002"),
    _android("Xperia 5 IV", "Sony", "XQ-CQ54", "14", "67.2.A.2.118"),
    _android("Redmi Note 13", "Xiaomi", "23129RAA4G", "13", "TKQ1.221114.001"),
)
OLD_ANDROIDS: Final = (
    _android("Galaxy S9", "Samsung", "SM-G960F", "10", "QP1A.190711.020"),
    _android("Xperia 5", "Sony", "J9210", "11", "55.2.A.4.332"),
    _android("Redmi Note 9", "Xiaomi", "M2003J15SC", "12", "SP1A.210812.016"),
)
HARMONY: Final = Model("Mate 40 Pro", "Huawei", "harmonyos", "phone", "NOH-AN00", "")
AURORA: Final = Model("Aurora phone", "", "aurora", "phone", "", "4.1")
WINDOWS: Final = Model("Windows PC", "", "windows", "desktop", "", "10")
SCANNER: Final = Model("scanner", "", "other", "other", "", "")
"""A program that nothing is known of."""
LINUX: Final = Model("Linux PC", "", "linux", "desktop", "", "")


class Owned(Struct, frozen=True):
    """One device of one person.

    Attributes:
        model: what it is.
        app: ``native`` (the maker's own programs), ``outlook``, ``gmail`` or ``thunderbird``.
        number: of the device in the demo.
        device_id: the id that it gives for itself in ActiveSync.
        packed: whether it packs its ActiveSync queries in base64.
        address: its usual network address.
    """

    model: Model
    app: str
    number: int
    device_id: str
    packed: bool
    address: str


def owned(model: Model, app: str, number: int, chance: Random) -> Owned:
    """Give somebody a device."""
    network = ("192.0.2", "198.51.100", "203.0.113")[number % 3]
    return Owned(
        model=model,
        app=app,
        number=number,
        device_id=_device_id(model, app, chance),
        packed=app == "native" and model.banned and number % 6 == 0,
        address=f"{network}.{number % 250 + 1}",
    )


def _device_id(model: Model, app: str, chance: Random) -> str:
    """Invent an ActiveSync id in the shape that the program gives."""
    if app == "outlook":
        return f"{chance.getrandbits(128):032X}"
    if model.banned:
        return "".join(chance.choices(BASE32, k=26))
    if model.platform == "windows":
        return f"{chance.getrandbits(128):032X}"
    if model.maker == "Samsung" and app == "native":
        return f"SEC{chance.getrandbits(64):016X}"
    return f"androidc{chance.randrange(10**9, 10**10)}"
