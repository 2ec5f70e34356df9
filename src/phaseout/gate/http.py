"""HTTP/1.1, as much of it as a gate needs: questions in, answers out, those of one turn of the event loop in one write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from time import monotonic
from types import MappingProxyType
from typing import Final, NamedTuple

import httptools

from phaseout.gate.connections import OpenConnection, OpenConnections, Soon, at_once, nothing
from phaseout.gate.repeats import Repeat, Repeats
from phaseout.gate.settings import Limits


class Request(NamedTuple):
    """One HTTP request.

    Attributes:
        method: in capitals.
        path: as it was sent, without the query.
        query: what stands behind the question mark, as it was sent.
        headers: by their names in small letters; of a repeated one the last.
        body: all of it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""


class Answer(NamedTuple):
    """One HTTP answer.

    Attributes:
        status: the number.
        headers: names and values; values without line ends.
        body: all of it.
        content_type: of the body.
        repeat: answers the same request when it comes again; None where that must be read anew each time.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = ""
    repeat: Repeat | None = None

    def encoded(self, *, keep_alive: bool, head_only: bool = False) -> bytes:
        """Return the bytes of the answer; to a HEAD request the head alone, which says how long the body would be."""
        head = _STATUS_LINES[self.status]
        for name, value in self.headers:
            head += f"{name}: {value}\r\n"
        if self.content_type:
            head += f"Content-Type: {self.content_type}\r\n"
        if self.status != _NO_CONTENT:
            head += f"Content-Length: {len(self.body)}\r\n"
        head += "\r\n" if keep_alive else "Connection: close\r\n\r\n"
        return head.encode("latin-1", "replace") + (b"" if head_only else self.body)


_NO_CONTENT: Final = HTTPStatus.NO_CONTENT.value

LAST_WORDS: Final = frozenset({HTTPStatus.BAD_REQUEST.value, HTTPStatus.INTERNAL_SERVER_ERROR.value})
"""After these a connection ends: what was no question, or had no key, may be a half of one, and what follows the other half."""

_STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}

Handler = Callable[[Request], Answer]


def _refusal(status: HTTPStatus) -> bytes:
    """Return the last words on a connection."""
    return Answer(status).encoded(keep_alive=False)


class Connections(OpenConnections):
    """The open connections on which HTTP is spoken.

    Args:
        limits: what a caller may take.
        handler: answers a request, at once.
        refused: is told why a request was none.
        soon: calls what it is given at the end of this turn of the event loop, as its ``call_soon`` does.
        settle: is called before the answers of a turn are written, once for all of them, and says whether they may be.
    """

    def __init__(
        self,
        limits: Limits,
        handler: Handler,
        refused: Callable[[str], None],
        soon: Soon = at_once,
        settle: Callable[[], bool] = nothing,
    ) -> None:
        """Begin without any."""
        super().__init__(limits, refused, soon, settle)
        self.repeats: Final = Repeats()
        self.handler: Final = handler

    def connection(self) -> Connection:
        """Make one; for the event loop."""
        return Connection(self)


class Connection(OpenConnection):
    """One connection of a caller."""

    too_many = _refusal(HTTPStatus.SERVICE_UNAVAILABLE)
    too_slow = _refusal(HTTPStatus.REQUEST_TIMEOUT)

    def __init__(self, all_: Connections) -> None:
        """Wait for the first request."""
        super().__init__(all_)
        self._handler = all_.handler
        self._repeats = all_.repeats
        self._began = False
        self._since_message = 0
        self._learnt: tuple[Repeat, bytes] | None = None
        self._url = b""
        self._pairs: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._trailing = 0
        self._in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it in; one whose handshake fails never comes here, and must leave no circle as below either."""
        self._parser = httptools.HttpRequestParser(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        super().connection_lost(exc)
        del self._parser  # it knows this connection, and such a circle would wait for the garbage collector

    def take(self, data: bytes) -> None:
        """Read some of what came; each whole request is answered on the spot."""
        if self._is_last or self._transport is None:
            return
        between = not self._busy and not self._since_message
        repeat = self._repeats.get(data) if between else None
        if repeat is not None and not self._all.closing:
            self.ends_at = monotonic() + self._all.limits.idle
            self._say(repeat.again())
            return
        self._began = False
        learnt = self._read(data)
        if not self._busy:
            self.ends_at = monotonic() + self._all.limits.idle
            if between and learnt and not self._is_last:
                self._repeats.keep(data, *learnt)
        elif self._began:
            self.ends_at = monotonic() + self._all.limits.seconds

    def _read(self, data: bytes) -> tuple[Repeat, bytes] | None:
        """Give the parser what came; return what answers the last request of it again, and the answer."""
        self._learnt = None
        self._since_message += len(data)
        try:
            self._parser.feed_data(data)
        except _RefusedError as error:
            self._refuse(error.why, _refusal(error.status))
        except httptools.HttpParserUpgrade:
            self._refuse("an upgrade", _refusal(HTTPStatus.BAD_REQUEST))
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, _RefusedError):
                self._abort()
                raise
            self._refuse(error.__context__.why, _refusal(error.__context__.status))
        except httptools.HttpParserError:
            self._refuse("no HTTP", _refusal(HTTPStatus.BAD_REQUEST))
        else:
            # A part of a header that never ends is kept by the parser, and seen by none of its calls.
            if self._since_message > self._all.limits.head + self._all.limits.body:
                self._refuse("too large", _refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE))
        return self._learnt

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._busy = self._began = True
        self._in_body = False
        self._url = b""
        self._pairs = []
        if self._body or self._trailing:
            self._body, self._trailing = bytearray(), 0

    def on_url(self, url: bytes) -> None:
        """Take the target, which may come in parts."""
        self._url += url

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large, and what would be no HTTP any more; whatever follows is no head."""
        self._in_body = True
        if self._parser.should_upgrade():
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "an upgrade")
        longest = self._all.limits.head
        # All that came since the last request is mostly less than a head may be: then nothing need be added up.
        if self._since_message > longest and len(self._url) + sum(len(n) + len(v) for n, v in self._pairs) > longest:
            raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too large")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header; what trails a body in chunks is no header, and must not pass for one."""
        if self._in_body:
            self._trailing += len(name) + len(value)
            if self._trailing > self._all.limits.head:
                raise _RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "too large")
            return
        self._pairs.append((name, value))

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body += body
        if len(self._body) > self._all.limits.body:
            raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")

    def on_message_complete(self) -> None:
        """Answer."""
        self._busy = False
        self._since_message = 0
        if self._is_last or self._transport is None:
            return
        path, _, query = self._url.decode("latin-1").partition("?")
        headers = {_name(name): value.decode("latin-1") for name, value in self._pairs}
        method = self._parser.get_method().decode("latin-1")
        answer = self._handler(Request(method, path, query, headers, bytes(self._body)))
        keep = self._parser.should_keep_alive() and not self._all.closing and answer.status not in LAST_WORDS
        said = answer.encoded(keep_alive=keep, head_only=method == "HEAD")
        if answer.repeat and keep and method != "HEAD":
            self._learnt = answer.repeat, said
        self._say(said, is_last=not keep)


@lru_cache(maxsize=1024)
def _name(name: bytes) -> str:
    """Return a header's name in small letters."""
    return name.decode("latin-1").lower()


class _RefusedError(Exception):
    """A request that goes beyond a limit; raised out of the parser's calls."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
