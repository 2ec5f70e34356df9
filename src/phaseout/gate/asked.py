"""What a caller asks: the facts of one request, the same for every protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from phaseout.model.access import Action
from phaseout.model.clue import Clue

LONGEST_CLUE: Final = 1024
"""Characters of one piece of evidence that count; what is cut here is cut in the decision log too, so both decide alike."""

LONGEST_LOGIN: Final = 320
"""Characters of a login that count: 64 before and 255 behind the @, as mail addresses may have."""

SERVICE_OF: Final = {
    "activesync": "mail", "imap": "mail", "pop3": "mail", "smtp": "mail", "webmail": "mail", "ews": "mail", "mapi": "mail",
    "rest": "mail", "caldav": "calendar", "carddav": "contacts", "sign-in": "sign-in",
}  # fmt: skip
"""The work service behind each door, where the caller says no other."""

SOGO: Final = "sogo"
"""The word behind a door's name that says that SOGo stands there."""

SOGO_DOORS: Final = ("webmail", "caldav", "carddav")
"""Doors at which SOGo's paths name the mailbox."""


def length_of(clues: Iterable[Clue]) -> int:
    """Return the characters of some evidence."""
    length = 0
    for clue in clues:  # a third of the time that a sum of a generator takes
        length += len(clue.value)
    return length


class Asked(NamedTuple):
    """The facts of one request. A named tuple, for its parts are what outcomes are looked up by.

    Attributes:
        caller: the id of the caller's protocol.
        door: one of ``PROTOCOLS``.
        service: one of ``SERVICES``.
        login: who, as the caller wrote it; empty when nobody has signed in.
        clues: the evidence of the device.
        action: what is done; it is written down, and judged beside use.
        address: the client's address, or None.
        device_id: the device's own id, or None.
        others: further readings of the same evidence where it can be read in several ways; the hardest answer counts.
        is_asked_again: whether the mail server itself asks about the same use later, as Postfix does about a mail whose sender's
            password Dovecot checks for it; what another program said is then left to that question.
    """

    caller: str
    door: str
    service: str
    login: str
    clues: tuple[Clue, ...] = ()
    action: Action = Action.USE
    address: str | None = None
    device_id: str | None = None
    others: tuple[tuple[Clue, ...], ...] = ()
    is_asked_again: bool = False

    @property
    def length(self) -> int:
        """Characters of the texts by which outcomes are looked up."""
        return len(self.login) + length_of(self.clues) + (sum(map(length_of, self.others)) if self.others else 0)
