"""A clue: one raw piece of device evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

CARRIED: Final = "carried: "
"""Stands before evidence that another connection of the same login and address gave; it proves little."""


class ClueKind(StrEnum):
    """What sort of evidence a clue is; one file each in ``devices/clues`` knows how to read it."""

    USER_AGENT = "user_agent"
    """A client's own word in HTTP: browsers, ActiveSync, CalDAV, EWS agents."""
    ACTIVESYNC = "activesync"
    """An ActiveSync DeviceType, such as ``iPhone`` or ``SamsungDevice``."""
    IMAP_ID = "imap_id"
    """An IMAP ID list: the raw list text, or Dovecot's ``k=v, k=v`` rendering."""
    X_MAILER = "x_mailer"
    """The X-Mailer (or User-Agent) header of a message that was sent."""
    CLIENT_INFO = "client_info"
    """Exchange's ClientInfoString."""
    INVENTORY = "inventory"
    """What a device inventory or sign-in service says: ``key=value; key=value`` (maker, model, os, os_version)."""
    CERTIFICATE = "certificate"
    """The subject of a client certificate that a door has checked."""
    EHLO = "ehlo"
    """The name with which an SMTP client greets."""


class Clue(NamedTuple):
    """One piece of evidence, as it stood in the log. A named tuple, for millions are made, compared and looked up by.

    Attributes:
        kind: which sort of evidence.
        value: the raw text; never a credential.
    """

    kind: ClueKind
    value: str
