"""What clients said of themselves a short while ago: a phone says it after the login, and not on every connection."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from phaseout.gate.address import spelt
from phaseout.gate.asked import LONGEST_CLUE, Asked
from phaseout.model.clue import CARRIED, Clue, ClueKind

MOST_PLACES: Final = 100_000
"""People at addresses that are remembered at most; the oldest are forgotten first."""

MOST_LENGTH: Final = 32 << 20
"""Characters of all that is remembered."""

DAY: Final = timedelta(days=1)
"""For how long it counts that somebody's client has said another thing at an address, where clients can say nothing."""

MOST_SAID: Final = 4
"""Different words of one person at one address that are remembered."""

_KNOWN: Final = "\0"
"""Stands before what an inventory knows, which no client can say."""


class Carried:
    """The words of each person at each address.

    A login that shows nothing of its device takes over what the same person's clients said at the same address, when that is
    exactly one thing, as the batch does with logs; of several things each may be true. A device that is known by more than its
    word, such as a password of its own, is remembered too, and speaks for no other.

    Args:
        life: for how long words stand for others.
    """

    def __init__(self, life: timedelta) -> None:
        """Remember nothing yet."""
        self._life: Final = life
        self._said: Final[OrderedDict[tuple[str, str], dict[str, datetime]]] = OrderedDict()
        self._length = 0

    def hear(self, asked: Asked, whose: str, at: datetime) -> None:
        """Remember what a client showed of itself.

        Args:
            asked: with evidence of a device, or without.
            whose: the same for all logins of a person.
            at: the time now.
        """
        said = _shown(asked)
        if said is None or not asked.address or not self._life:
            return
        place = (whose, spelt(asked.address))
        words = self._said.setdefault(place, {})
        self._said.move_to_end(place)
        if said not in words:
            self._length += len(said)
        words[said] = at
        if len(words) > MOST_SAID:
            oldest = min(words, key=words.__getitem__)
            del words[oldest]
            self._length -= len(oldest)
        while len(self._said) > MOST_PLACES or self._length > MOST_LENGTH:
            _, forgotten = self._said.popitem(last=False)
            self._length -= sum(map(len, forgotten))

    def completed(self, asked: Asked, whose: str, at: datetime) -> tuple[Asked, ...]:
        """Return what a login that shows nothing may be, by what was said before; none where that can't be told.

        Args:
            asked: of a login.
            whose: the same for all logins of a person.
            at: the time now.
        """
        if not asked.address or _shown(asked) is not None:
            return ()
        return _saying(asked, self._words(asked, whose, at - self._life))

    def spoken_for(self, asked: Asked, whose: str, at: datetime) -> tuple[Asked, ...]:
        """Return what a login may be where the protocol lets no client say anything; none where that can't be told.

        In SMTP and POP3 even a device that speaks in IMAP is silent. A computer that has been connected there for hours would be
        taken for the phone beside it that has just come in. So something must have been said just now; what was within a day may
        be it.

        Args:
            asked: of a login.
            whose: the same for all logins of a person.
            at: the time now.
        """
        if not asked.address or _shown(asked) is not None or not self._words(asked, whose, at - self._life):
            return ()
        return _saying(asked, self._words(asked, whose, at - DAY))

    def _words(self, asked: Asked, whose: str, after: datetime) -> list[str]:
        """Return what a person's clients showed at an address after an instant."""
        place = (whose, spelt(asked.address or ""))
        return [said for said, at in self._said.get(place, {}).items() if at > after]


def _shown(asked: Asked) -> str | None:
    """Return what a request shows of its device: what is known of it counts before its word."""
    by_kind = {clue.kind: clue.value for clue in asked.clues}
    known = by_kind.get(ClueKind.INVENTORY)
    return by_kind.get(ClueKind.IMAP_ID) if known is None else _KNOWN + known


def _saying(asked: Asked, words: list[str]) -> tuple[Asked, ...]:
    """Return the request with each word as evidence; none where a device is there that speaks for no other."""
    if any(said.startswith(_KNOWN) for said in words):
        return ()
    carried = (Clue(ClueKind.IMAP_ID, (CARRIED + said)[:LONGEST_CLUE]) for said in words)
    return tuple(asked._replace(clues=(clue, *asked.clues)) for clue in carried)
