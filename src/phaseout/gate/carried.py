"""What clients said of themselves a short while ago: a phone says it after the login, and not on every connection."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from phaseout.gate.asked import LONGEST_CLUE, Asked
from phaseout.model.clue import CARRIED, Clue, ClueKind

MOST_PLACES: Final = 100_000
"""Logins at addresses that are remembered at most; the oldest are forgotten first."""

MOST_SAID: Final = 4
"""Different words of one login at one address that are remembered; from two on nothing is carried over anyway."""


class Carried:
    """The words of each login at each address.

    A login that says nothing takes over what the same login said at the same address, when that is exactly one thing, as the
    batch does with logs. Two devices behind one address therefore never speak for each other.

    Args:
        life: for how long words are remembered.
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
        place = (asked.login.casefold(), asked.address)
        words = self._said.setdefault(place, {})
        self._said.move_to_end(place)
        words[said] = at + self._life
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
        words = self._said.get((asked.login.casefold(), asked.address), {})
        alive = [said for said, until in words.items() if at < until]
        if len(alive) != 1:
            return asked
        return asked._replace(clues=(Clue(ClueKind.IMAP_ID, (CARRIED + alive[0])[:LONGEST_CLUE]), *asked.clues))
