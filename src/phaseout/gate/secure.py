"""A place where the gate is asked over TLS: handshakes count as connections, and have a time of their own."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Final

from phaseout.gate.connections import OpenConnections

LOG: Final = logging.getLogger("phaseout.gate")

FAREWELL: Final = 1.0
"""Seconds that a caller has to say that it heard the end of a connection."""

REST: Final = 0.5
"""Seconds without a further connection when the system has no room for one."""

_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class SecureListener:
    """Takes connections, and hands those on whose handshake succeeds.

    The event loop's own server would tell nobody of a handshake that goes on or fails: a stranger could have any number of them.

    Args:
        listening: the socket, bound and listening.
        connections: all that are open.
        context: gives what the next connection is secured with.
    """

    def __init__(self, listening: socket.socket, connections: OpenConnections, context: Callable[[], ssl.SSLContext]) -> None:
        """Take none yet."""
        self._listening: Final = listening
        self._connections: Final = connections
        self._context: Final = context
        self._handshakes: Final[set[asyncio.Task[None]]] = set()

    async def serve(self) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        self._listening.setblocking(False)
        while True:
            try:
                wire, _ = await loop.sock_accept(self._listening)
            except OSError as error:  # who hung up before it was taken, among others
                if error.errno in _NO_ROOM:
                    LOG.error("No connection is taken for a moment: %s.", error.strerror)  # noqa: TRY400 - says it all
                    await asyncio.sleep(REST)
                continue
            self._take(wire)
            await asyncio.sleep(0)  # a flood of connections must not keep requests waiting

    def close(self) -> None:
        """Take no further connection; handshakes end."""
        self._listening.close()
        for handshake in self._handshakes:
            handshake.cancel()

    def _take(self, wire: socket.socket) -> None:
        self._connections.make_room()
        if self._connections.has_pending_enough:
            self._connections.refused("too many connections")
            wire.close()
            return
        handshake = asyncio.get_running_loop().create_task(self._handshake(wire))
        self._handshakes.add(handshake)
        handshake.add_done_callback(self._handshakes.discard)

    async def _handshake(self, wire: socket.socket) -> None:
        connections = self._connections
        connection = connections.connection()
        connections.pending.add(connection)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                wire,
                ssl=self._context(),
                ssl_handshake_timeout=connections.limits.seconds,
                ssl_shutdown_timeout=FAREWELL,
            )
        except OSError as error:
            connections.refused(_why(error))
            wire.close()
        finally:
            connections.pending.discard(connection)


def _why(error: OSError) -> str:
    """Say why a handshake failed, in a few fixed words: they become a label of the metrics."""
    if isinstance(error, ConnectionAbortedError):
        return "too slow"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "client certificate not trusted"
    return "no client certificate" if getattr(error, "reason", "") == "PEER_DID_NOT_RETURN_A_CERTIFICATE" else "no TLS"
