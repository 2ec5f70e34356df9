"""HTTP at both ends of the relay, read by the same parser that the gate has."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Final

import httptools

from phaseout.gate.caller import NoQuestionError
from phaseout.gate.http import Answer, Request
from phaseout.gate.relay.tongue import LARGEST_ANSWER, Hearing, Inquiry, NoAnswerError, Said, Tongue
from phaseout.gate.settings import Limits

_OF_THE_WAY: Final = frozenset({b"connection", b"content-length", b"transfer-encoding", b"keep-alive", b"expect", b"upgrade"})
"""Headers that are about one connection, and not about what is asked."""


class HttpTongue(Tongue):
    """HTTP/1.1."""

    refusal = Answer(HTTPStatus.BAD_REQUEST.value).encoded(keep_alive=False)

    async def inquiries(self, stream: asyncio.StreamReader) -> AsyncGenerator[Inquiry]:
        """Give the questions of a connection."""
        heard, begun = _Heard(self.limits), None
        while data := await self.more(stream, begun):
            heard.feed(data)
            while heard.whole:
                begun = None
                yield heard.whole.popleft()
            if not heard.is_within:
                begun = None
            elif begun is None:
                begun = asyncio.get_running_loop().time()

    def hearing(self) -> Hearing:
        """Return what hears an answer."""
        return _Answered()

    def told(self, inquiry: Inquiry, answer: Answer, *, is_last: bool) -> bytes:
        """Return the answer's bytes."""
        return answer.encoded(keep_alive=not is_last, head_only=inquiry.request.method == "HEAD")


class _Heard:
    """What a door has said: whole questions, and the beginning of one."""

    def __init__(self, limits: Limits) -> None:
        self.whole: Final[deque[Inquiry]] = deque()
        self.is_within = False
        self._parser: Final = httptools.HttpRequestParser(self)
        self._longest: Final = limits.head + limits.body
        self._size = 0
        self._in_body = False
        self._url = b""
        self._pairs: list[tuple[bytes, bytes]] = []
        self._body = b""

    def feed(self, data: bytes) -> None:
        """Take what came.

        Raises:
            NoQuestionError: it is no HTTP, or too large.
        """
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            message = "no HTTP"
            raise NoQuestionError(message) from error
        if self._size > self._longest:
            message = "too large"
            raise NoQuestionError(message)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a question."""
        self.is_within, self._in_body = True, False
        self._url, self._pairs, self._body = b"", [], b""

    def on_url(self, url: bytes) -> None:
        """Take the target, which may come in parts."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header; what trails a body in chunks is none."""
        if not self._in_body:
            self._pairs.append((name, value))

    def on_headers_complete(self) -> None:
        """Take no further header."""
        self._in_body = True

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """End a question."""
        self.is_within, self._size = False, 0
        path, _, query = self._url.decode("latin-1").partition("?")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._pairs}
        method = self._parser.get_method()
        request = Request(method.decode("latin-1"), path, query, headers, self._body)
        self.whole.append(Inquiry(request, self._words(method), not self._parser.should_keep_alive()))

    def _words(self, method: bytes) -> bytes:
        """Return the question for a gate."""
        # An answer to HEAD says how long a body is, and has none: it could not be told where it ends. A gate decides both alike.
        words = (b"GET" if method == b"HEAD" else method) + b" " + self._url + b" HTTP/1.1\r\n"
        for name, value in self._pairs:
            if name.lower() not in _OF_THE_WAY:
                words += name + b": " + value + b"\r\n"
        if self._body:
            words += b"Content-Length: %d\r\n" % len(self._body)
        return words + b"\r\n" + self._body


class _Answered(Hearing):
    """What a gate has said."""

    def __init__(self) -> None:
        self._parser: Final = httptools.HttpResponseParser(self)
        self._size = 0
        self._pairs: list[tuple[bytes, bytes]] = []
        self._body = b""

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            message = "it speaks no HTTP"
            raise NoAnswerError(message) from error
        if self._size > LARGEST_ANSWER:
            message = "its answer is too large"
            raise NoAnswerError(message)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin an answer, which must be the only one: a second would be taken for what somebody else asks next."""
        if self.said is not None:
            message = "something behind the answer"
            raise NoAnswerError(message)
        self._pairs, self._body = [], b""

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._pairs.append((name, value))

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """End the answer, unless it says that the answer is yet to come (1xx)."""
        status = HTTPStatus(self._parser.get_status_code())
        if status < HTTPStatus.OK:
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._pairs]
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        others = tuple(each for each in headers if each[0].lower().encode() not in _OF_THE_WAY | {b"content-type"})
        self.said = Said(Answer(status.value, others, self._body, kind), not self._parser.should_keep_alive())
