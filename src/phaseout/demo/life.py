"""What people do with their devices, when, and by which door: the neutral events from which every log is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from msgspec import Struct

from phaseout.demo.calendar import is_weekend, midnight
from phaseout.demo.devices import Owned
from phaseout.demo.fleet import Holding
from phaseout.demo.staff import Member


class Habit(NamedTuple):
    """Something that is done again and again through one door.

    Attributes:
        command: what the log's writer calls it.
        action: use, presence, set-up, or attempt.
        rate: how often on a working day; 0 for once, at the beginning.
    """

    command: str
    action: str
    rate: float


_ACTIVESYNC: Final = (
    Habit("OPTIONS", "set-up", 0), Habit("Provision", "set-up", 0), Habit("FolderSync", "set-up", 0.15),
    Habit("Sync", "use", 2.0), Habit("SendMail", "use", 0.3), Habit("Ping", "presence", 1.2), Habit("refused", "attempt", 0.03),
)  # fmt: skip

HABITS: Final[Mapping[str, tuple[Habit, ...]]] = {
    "activesync": _ACTIVESYNC,
    "mapi": (Habit("open", "use", 2.0), Habit("autodiscover", "set-up", 0.1)),
    "ews": (Habit("open", "use", 1.6), Habit("autodiscover", "set-up", 0.1)),
    "webmail": (Habit("open", "use", 1.8), Habit("refused", "attempt", 0.02)),
    "imap": (Habit("open", "use", 2.2), Habit("refused", "attempt", 0.03)),
    "caldav": (Habit("account", "set-up", 0), Habit("open", "use", 0.8)),
    "carddav": (Habit("open", "use", 0.3),),
    "files": (Habit("open", "use", 0.4),),
    "cloud": (Habit("MailItemsAccessed", "use", 1.8), Habit("Send", "use", 0.3)),
    "sign-in": (Habit("open", "use", 0.7), Habit("refused", "attempt", 0.03)),
    "mobile-management": (Habit("account", "set-up", 0), Habit("open", "presence", 1.4)),
}
"""What is done by each door; ``files`` and ``cloud`` are the demo's own words for two faces of web doors."""

SERVICES: Final = {"caldav": "calendar", "carddav": "contacts", "files": "files", "sign-in": "sign-in"}
"""The work service of a door where it is not mail."""

WEEKEND: Final = 0.2
"""How much of a working day's use happens on a day off."""

PHONE_HOURS, DESK_HOURS = (7 * 3600, 23 * 3600), (9 * 3600, 18 * 3600 + 1800)
"""When phones and desks are used, in seconds of the local day."""


class Deed(Struct, frozen=True):
    """What one person did again and again with one device through one door.

    Attributes:
        member: who.
        device: with what.
        door: a key of ``HABITS``.
        command: what was done there.
        action: what that means.
        at: when, ascending, in seconds since 1970 UTC.
    """

    member: Member
    device: Owned
    door: str
    command: str
    action: str
    at: tuple[int, ...]

    @property
    def service(self) -> str:
        """The work service."""
        return SERVICES.get(self.door, "mail")


def lived(holdings: Sequence[Holding], chance: Random) -> tuple[Deed, ...]:
    """Let everybody use their devices."""
    return tuple(deed for holding in holdings if holding.days for deed in _deeds(holding, chance))


def _deeds(holding: Holding, chance: Random) -> Iterator[Deed]:
    """Give everything that is done with one device."""
    for door in doors_of(holding):
        for habit in HABITS[door]:
            at = _times(habit.rate, holding, chance)
            if at:
                yield Deed(holding.member, holding.device, door, habit.command, habit.action, at)


def _times(rate: float, holding: Holding, chance: Random) -> tuple[int, ...]:
    """Choose when something is done."""
    start, end = DESK_HOURS if holding.device.model.form in {"desktop", "other"} else PHONE_HOURS
    if not rate:
        return (midnight(holding.days[0]) + start - 600 + int(chance.random() * 500),)
    found: list[int] = []
    for day in holding.days:
        wanted = rate * WEEKEND if is_weekend(day) else rate
        times = int(wanted + chance.random())
        found.extend(midnight(day) + start + int(chance.random() * (end - start)) for _ in range(times))
    return tuple(sorted(found))


def doors_of(holding: Holding) -> tuple[str, ...]:
    """Return the doors by which a device reaches its owner's mailbox."""
    device, system = holding.device, holding.member.system
    if system == "google":
        return ("mobile-management",) if device.model.form in {"phone", "tablet"} else ("sign-in",)
    if system == "m365":
        return ("cloud", "sign-in", "files") if device.model.form == "desktop" else ("cloud", "sign-in")
    if device.model.platform in {"harmonyos", "aurora"}:
        return ("webmail",) if system in _HAS_WEBMAIL else ()
    return (
        _AT_DESKS[system].get(device.model.platform, ())
        if device.model.form in {"desktop", "other"}
        else _by_phone(device, system)
    )


_HAS_WEBMAIL: Final = frozenset({"iis", "httpproxy", "dovecot", "dovecot-syslog", "sogo", "zimbra"})

_EXCHANGE: Final = {"windows": ("mapi",), "macos": ("ews",), "linux": ("webmail",), "other": ("ews",)}
_OPEN: Final = {"windows": ("imap", "files"), "macos": ("imap", "caldav", "carddav"), "linux": ("imap", "files")}
_AT_DESKS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "iis": _EXCHANGE,
    "httpproxy": _EXCHANGE,
    "dovecot": _OPEN,
    "dovecot-syslog": {**_OPEN, "windows": ("webmail",), "linux": ("webmail",)},
    "sogo": {"windows": ("webmail",), "linux": ("webmail",), "macos": ("caldav", "carddav")},
    "zimbra": {"windows": ("webmail",), "macos": ("webmail",), "linux": ("webmail",)},
    "zpush": {"windows": ("activesync",)},
}


def _by_phone(device: Owned, system: str) -> tuple[str, ...]:
    """Return a phone's or a tablet's doors."""
    if system in {"dovecot", "dovecot-syslog"}:
        if device.app in {"outlook", "gmail"} or device.number % 5 == 0:
            return ("webmail",)
        return ("imap", "caldav", "carddav") if device.number % 2 else ("imap",)
    if system == "sogo" and device.number % 3 == 0:
        return ("activesync", "caldav")
    if system == "zimbra" and device.number % 3 == 0 and device.app == "native":
        return ("imap",)
    return ("activesync",)
