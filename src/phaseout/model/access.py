"""An access: one use of a work service; and a sighting: accesses reduced."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from phaseout.model.clue import Clue

SERVICES: Final = ("mail", "calendar", "contacts", "files", "chat", "sign-in", "directory")
"""The work services that a clause may name."""

PROTOCOLS: Final = (
    "activesync", "imap", "pop3", "smtp", "webmail", "ews", "mapi", "rest", "caldav", "carddav", "sign-in", "mobile-management",
)  # fmt: skip
"""The ways in; each is a door that a stage may name."""


DOORS: Final = {
    "mail": ("activesync", "imap", "pop3", "smtp", "webmail", "ews", "mapi", "rest"),
    "calendar": ("activesync", "caldav", "webmail", "ews", "mapi", "rest"),
    "contacts": ("activesync", "carddav", "webmail", "ews", "mapi", "rest"),
    "files": ("webmail", "rest"),
    "chat": ("rest",),
    "sign-in": ("sign-in",),
    "directory": ("ews", "mapi", "rest"),
}  # fmt: skip
"""By which doors each service can be entered."""

WEB_DOORS: Final = ("activesync", "webmail", "ews", "mapi", "rest", "caldav", "carddav")
"""Doors that web servers keep."""


class Action(StrEnum):
    """What an access was."""

    USE = "use"
    """Content was read, written or synchronised."""
    PRESENCE = "presence"
    """A connection was kept open, such as an ActiveSync Ping: the device is there, nobody need have read anything."""
    SET_UP = "set-up"
    """A device found, announced or provisioned itself: autodiscover, OPTIONS, Provision, a device registered."""
    ATTEMPT = "attempt"
    """A sign-in that did not succeed, or a request that got nothing."""
    CLAIM = "claim"
    """A request in somebody's name that nothing proves: it was answered, or written down, before anybody had signed in."""


COUNTABLE: Final = (Action.USE, Action.PRESENCE, Action.SET_UP, Action.ATTEMPT)
"""What a clause may count as use. What was only claimed never counts as more than what can't be told."""


class Outcome(StrEnum):
    """How an access ended."""

    SUCCESS = "success"
    FAILURE = "failure"


class Place(Struct, frozen=True):
    """Where a line stands: the file's name as it was given, and the line's number from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        """The place as editors and compilers write it."""
        return f"{self.file}:{self.line}"


class Access(Struct, frozen=True):
    """One use of a work service.

    Attributes:
        at: when, in UTC.
        login: who, as the log writes it.
        service: one of ``SERVICES``.
        protocol: one of ``PROTOCOLS``.
        action: what it was.
        outcome: how it ended.
        clues: the evidence of the device; empty when the log has none.
        device_id: the device's own id (an ActiveSync DeviceId), or None.
        address: the client's address, or None.
    """

    at: datetime
    login: str
    service: str
    protocol: str
    action: Action
    outcome: Outcome
    clues: tuple[Clue, ...] = ()
    device_id: str | None = None
    address: str | None = None
