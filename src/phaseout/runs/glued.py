"""Logins that are glued to other letters, as in ``iPhoneAnnalogin`` or ``annalogin2``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise


class Glued:
    """Logins, and what stands for each, to be found within longer words.

    A login is taken for one where a word begins or ends at one side of it at least: at the edge, at a sign, between a letter and
    a digit, or where a capital follows a small letter. Rather too much is replaced than too little.
    """

    def __init__(self) -> None:
        """Know none yet."""
        self._known: dict[bool, dict[str, str]] = {False: {}, True: {}}
        self._lengths: dict[bool, list[int]] = {False: [], True: []}

    def add(self, login: str, own: str) -> None:
        """Remember a login.

        Args:
            login: case-folded.
            own: stands for it.
        """
        kind = not login.isalnum()
        self._known[kind][login] = own
        if len(login) not in self._lengths[kind]:
            self._lengths[kind] = sorted([*self._lengths[kind], len(login)], reverse=True)

    def replaced(self, text: str, rest: Callable[[str], str], *, joined: bool) -> str:
        """Return a text with each login replaced, the longest first.

        Args:
            text: a word, or several without a blank.
            rest: replaces in what stands between the logins.
            joined: whether it is looked for logins that hold signs, or for those that are one word.

        Example:
            >>> glued = Glued()
            >>> glued.add("annalogin", "somebody")
            >>> glued.replaced("iPhoneAnnalogin2", str.upper, joined=False)
            'IPHONEsomebody2'
        """
        known, lengths = self._known[joined], self._lengths[joined]
        if not lengths or len(text) < lengths[-1]:
            return rest(text)
        folded = _folded(text)
        edges = frozenset(_edges(text))
        done, last, at = "", 0, 0
        while at <= len(text) - lengths[-1]:
            ends = (at + length for length in lengths if at in edges or at + length in edges)
            end = next((end for end in ends if folded[at:end] in known), None)
            if end is None:
                at += 1
                continue
            done += (rest(text[last:at]) if last < at else "") + known[folded[at:end]]
            last = at = end
        return done + (rest(text[last:]) if last < len(text) else "")


def parts_of(text: str) -> Iterator[str]:
    """Give the parts of words that are glued together.

    Example:
        >>> list(parts_of("iPhoneAnna2"))
        ['i', 'Phone', 'Anna', '2']
    """
    return (text[start:end] for start, end in pairwise(_edges(text)))


def _edges(text: str) -> list[int]:
    """Return where something begins or ends in a text."""
    return [0, *(at for at, (left, right) in enumerate(pairwise(text), 1) if _parts(left, right)), len(text)]


def _parts(left: str, right: str) -> bool:
    """Whether a word ends between two characters."""
    return (
        not (left.isalnum() and right.isalnum()) or left.isdecimal() != right.isdecimal() or (left.islower() and right.isupper())
    )


def _folded(text: str) -> str:
    """Return a text in lower case, character by character, so that each stays in its place."""
    folded = text.casefold()
    return (
        folded if len(folded) == len(text) else "".join(each.casefold() if len(each.casefold()) == 1 else each for each in text)
    )
