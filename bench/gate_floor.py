"""The floor under the gate: the same event loop and the same parser, and always the same answer. ``gate.py`` starts it."""

from __future__ import annotations

import asyncio
import sys

import httptools
import uvloop

ANSWER = b"HTTP/1.1 204 No Content\r\nX-Gate-Decision: K7Q4MX-2F\r\nX-Gate-Effect: allow\r\n\r\n"


class Constant(asyncio.Protocol):
    """Reads whole requests, headers too, and gives every one the same answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the wire."""
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Read."""
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.headers: dict[bytes, bytes] = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self.headers[name] = value

    def on_message_complete(self) -> None:
        """Answer."""
        self.transport.write(ANSWER)  # type: ignore[attr-defined]


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Constant, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


uvloop.run(main(int(sys.argv[1])))
