"""The records of a JSON list, one a line: what sign-in services and audit logs give as one download.

``[{…}, {…}]``, or an object that holds such a list, as the pages of an API are: ``{"@odata.context": "…", "value": [{…}]}``.
Several behind each other are read one after the other. Where a record stands is told by its number.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Final, Protocol

LOOKED_AT: Final = 1 << 16
"""Bytes that are read at a time. A list has to begin in the first of them: what stands before it in an object is short."""

NOTE: Final = "a JSON list: its records are counted as lines"

_TEXT: Final = rb'"(?:[^"\\]++|\\.)*+"'
_MEMBER: Final = rb"\s*+" + _TEXT + rb"\s*+:\s*+(?:" + _TEXT + rb'|[^\s"{}\[\],]++)\s*+'
_HELD: Final = rb"\{(?:" + _MEMBER + rb',)*+\s*+"(?:value|items|records|mobiledevices)"\s*+:\s*+'
_BEGIN: Final = re.compile(rb"(?:\xef\xbb\xbf)?+\s*+(?:" + _HELD + rb")?+\[(?=\s*+[{\]])", re.DOTALL)
"""Of a list, with the byte order mark and what stands before it in the object that holds it."""

_END: Final = re.compile(rb"(?:\s*+(?:," + _MEMBER + rb")*+\})?+\s*+", re.DOTALL)
"""What may stand behind a list: the rest of the object that holds it."""

_SIGN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+("?+)|[{}\[\]]', re.DOTALL)
"""A bracket, or a text, which need not end in the bytes that are looked at."""

_REST_OF_TEXT: Final = re.compile(rb'(?:[^"\\]++|\\.)*+("?+)', re.DOTALL)

_BETWEEN: Final = b" \t\r\n,"
"""What stands between the records of a list."""

_IN_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")
"""JSON has line ends between its signs alone, never within a text."""


class Plain(Protocol):
    """Bytes that are read one after the other."""

    def read(self, size: int, /) -> bytes:
        """Return at most about this many bytes; none at the end."""


def begins_list(start: bytes) -> bool:
    """Whether a file is a JSON list.

    Args:
        start: its first ``LOOKED_AT`` bytes.

    Example:
        >>> begins_list(b'{"value": [{"id": 1}, {"id": 2}]}'), begins_list(b'{"id": 1}')
        (True, False)
    """
    return _BEGIN.match(start) is not None


class Records:
    """A JSON list as lines, a record each.

    What stands in it beside its records is a line, too, which a reader rejects. So is all that follows a list and is none: it is
    given as it stands.

    Args:
        plain: the file, of which nothing has been read; it ``begins_list``.
        size: bytes that are read at a time; a list has to begin within so many.
    """

    def __init__(self, plain: Plain, size: int = LOOKED_AT) -> None:
        """Begin before the first record."""
        self._plain, self._size, self._lines = plain, size, self._cut()

    def read(self, _: int, /) -> bytes:
        """Return the next lines, of about as many bytes as are read from the file at a time; none at the end."""
        return next(self._lines, b"")

    def _more(self, begun: bytes) -> bytes:
        """Return as many bytes as are looked at, or those up to the end."""
        while len(begun) < self._size and (block := self._plain.read(self._size)):
            begun += block
        return begun

    def _cut(self) -> Iterator[bytes]:
        """Give lines; never nothing, which would be the end."""
        rest = self._more(b"")
        while (begin := _BEGIN.match(rest)) is not None:
            rest = self._more((yield from self._of_list(rest[begin.end() :])))
            end = _END.match(rest)
            rest = self._more(rest[end.end() :] if end is not None else rest)
        while rest:
            yield rest
            rest = self._plain.read(self._size)

    def _of_list(self, block: bytes) -> Generator[bytes, None, bytes]:
        """Give the records of one list, from behind its bracket; return the bytes that have been read behind its end."""
        state = _List()
        while block:
            found, used = state.cut(block)
            if found:
                yield found
            if state.has_ended:
                return block[used:]
            more = self._plain.read(self._size)
            if not more and (rest := block[used:].strip(_BETWEEN)):  # a list without an end
                yield rest
            block = block[used:] + more if more else b""
        return b""


class _List:
    """How far a list has been cut.

    Attributes:
        has_ended: whether it is all cut.
    """

    def __init__(self) -> None:
        """Begin behind the list's bracket."""
        self.has_ended = False
        self._depth, self._in_text, self._in_line = 0, False, False

    def cut(self, block: bytes) -> tuple[bytes, int]:
        """Return the lines of some bytes, the last of which may go on in the next, and how many bytes those are.

        What is left is half of an escaped sign, or stands between two records.
        """
        found, since, at = list[bytes](), 0, 0
        if self._in_text:
            at = self._rest_of_text(block)
        for sign in () if self._in_text else _SIGN.finditer(block, at):
            at = sign.end()
            if sign[0][:1] == b'"':
                self._in_text = not sign[1]
                continue
            self._depth += 1 if sign[0] in b"{[" else -1
            if self._depth < 0:
                self.has_ended = True
                return b"".join([*found, self._between(block[since : sign.start()])]), at
            if self._depth == 1 and sign[0] in b"{[":
                found.append(self._between(block[since : sign.start()]))
                since = sign.start()
            elif self._depth == 0:
                found += block[since:at].translate(_IN_ONE_LINE), b"\n"
                since, self._in_line = at, False
        if not (self._depth or self._in_line):
            since = len(block) - len(block[since:].lstrip(_BETWEEN))
            if len(block) - since < LOOKED_AT:  # whether it is a whole record, the next bytes tell
                self._in_text = False
                return b"".join(found), since
        used = at if self._in_text else len(block)
        self._in_line = True
        return b"".join([*found, block[since:used].translate(_IN_ONE_LINE)]), used

    def _rest_of_text(self, block: bytes) -> int:
        """Return where a text ends that began before."""
        rest = _REST_OF_TEXT.match(block)
        if rest is None:
            return 0
        self._in_text = not rest[1]
        return rest.end()

    def _between(self, text: bytes) -> bytes:
        """Return what stands between two records as a line, where it is more than a comma."""
        text, was_in_line, self._in_line = text.strip(_BETWEEN), self._in_line, False
        return text + b"\n" if text or was_in_line else b""
