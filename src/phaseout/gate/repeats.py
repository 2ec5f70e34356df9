"""Requests that came before, by their very bytes: a phone asks the same all day, and is read twice."""

from __future__ import annotations

from typing import Final, Protocol

LONGEST: Final = 4096
"""Bytes of a request that is remembered at most."""

MOST: Final = 100_000
"""Requests that are remembered before all are forgotten."""

MOST_BYTES: Final = 64 << 20
"""Bytes of the requests that are remembered and of their answers: what strangers send must not make a gate grow."""

_END: Final = b"\r\n\r\n"


class Repeat(Protocol):
    """What answers the very same request again."""

    def learn(self, said: bytes) -> None:
        """Take note of the bytes that the request was answered with the first time, the connection kept open."""

    def again(self) -> bytes:
        """Answer once more: decide anew, as of now, and return the bytes."""


class Repeats:
    """The requests that are remembered.

    Between two requests of a connection the parser has no memory, so the same bytes are the same request. Only what came whole
    and alone, and is nothing but a head, is remembered: its end can then be seen in the bytes themselves. And only what came a
    second time: what is asked once, as most of a web client's requests are, leaves no more than a number.
    """

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: Final[dict[bytes, Repeat]] = {}
        self._seen: Final[set[int]] = set()
        self._bytes = 0
        self.get: Final = self._known.get
        """Returns what answers these bytes again, or None."""

    def keep(self, came: bytes, repeat: Repeat, said: bytes) -> None:
        """Remember a request, when it is one that can be, and came before.

        Args:
            came: what came at once while no request was begun, and was answered wholly.
            repeat: answers it again.
            said: the answer.
        """
        size = len(came)
        if size > LONGEST or came.find(_END) != size - len(_END):
            return
        number = hash(came)
        if number not in self._seen:
            if len(self._seen) >= MOST:
                self._seen.clear()
            self._seen.add(number)
            return
        if len(self._known) >= MOST or self._bytes > MOST_BYTES:
            self._known.clear()
            self._bytes = 0
        self._bytes += size + len(said)
        self._known[came] = repeat
        repeat.learn(said)
