"""What clients said of themselves a short while ago: a phone says it after the login, and not on every connection."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from phaseout.gate.address import spelt
from phaseout.gate.asked import LONGEST_CLUE, Asked
from phaseout.model.clue import CARRIED, Clue, ClueKind

MOST_PLACES: Final = 100_000
"""Logins at addresses that are remembered at most; the oldest are forgotten first."""

DAY: Final = timedelta(days=1)
"""For how long it counts that a login has said a second thing at an address, where its clients can say nothing themselves."""

MOST_SAID: Final = 4
"""Different words of one login at one address that are remembered; from two on nothing is carried over anyway."""


class Carried:
    """The words of each login at each address.

    A login that says nothing takes over what the same login said at the same address, when that is exactly one thing, as the
    batch does with logs. Two devices behind one address therefore never speak for each other.

    Args:
        life: for how long words stand for others.
    """

    def __init__(self, life: timedelta) -> None:
        """Remember nothing yet."""
        self._life: Final = life
        self._said: Final[OrderedDict[tuple[str, str], dict[str, datetime]]] = OrderedDict()

    def hear(self, asked: Asked, at: datetime) -> None:
        """Remember what a client said.

        Args:
            asked: with an IMAP ID among its evidence, or without.
            at: the time now.
        """
        said = next((clue.value for clue in asked.clues if clue.kind is ClueKind.IMAP_ID), None)
        if said is None or not asked.address or not self._life:
            return
        place = _place(asked.login, asked.address)
        words = self._said.setdefault(place, {})
        self._said.move_to_end(place)
        words[said] = at
        if len(words) > MOST_SAID:
            del words[min(words, key=words.__getitem__)]
        if len(self._said) > MOST_PLACES:
            self._said.popitem(last=False)

    def completed(self, asked: Asked, at: datetime) -> Asked:
        """Return the facts with what was said before, when nothing is said now and one thing was.

        Args:
            asked: of a login.
            at: the time now.
        """
        if not asked.address or any(clue.kind is ClueKind.IMAP_ID for clue in asked.clues):
            return asked
        alive = self._words(asked, at - self._life)
        return _saying(asked, alive[0]) if len(alive) == 1 else asked

    def spoken_for(self, asked: Asked, at: datetime) -> Asked:
        """Return the facts with what was said before, where the protocol lets no client say anything, as SMTP does.

        There even a device that speaks in IMAP is silent. A computer that has been connected there for hours would be taken for
        the phone beside it that has just come in. So one thing must have been said just now, and no other within a day.

        Args:
            asked: of a login.
            at: the time now.
        """
        alive = self._words(asked, at - self._life)
        return _saying(asked, alive[0]) if alive and self._words(asked, at - DAY) == alive[:1] else asked

    def _words(self, asked: Asked, after: datetime) -> list[str]:
        """Return what the login said at its address after an instant."""
        if not asked.address:
            return []
        return [said for said, at in self._said.get(_place(asked.login, asked.address), {}).items() if at > after]


def _place(login: str, address: str) -> tuple[str, str]:
    """Return what is the same for one login at one address, however servers spell them."""
    return login.casefold(), spelt(address)


def _saying(asked: Asked, said: str) -> Asked:
    return asked._replace(clues=(Clue(ClueKind.IMAP_ID, (CARRIED + said)[:LONGEST_CLUE]), *asked.clues))
