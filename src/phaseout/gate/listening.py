"""To listen at a place in the clear: a port or a Unix socket."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from phaseout.gate.place import Place
from phaseout.model.fault import Fault, FaultsError

BACKLOG: Final = 1024
"""Connections that wait until they are taken."""


async def listen(place: Place, connection: Callable[[], asyncio.BaseProtocol], *, reuse_port: bool = False) -> asyncio.Server:
    """Listen.

    Args:
        place: where.
        connection: makes one.
        reuse_port: whether another process may listen there, too.

    Raises:
        FaultsError: PO530 it can't be listened there.
    """
    loop = asyncio.get_running_loop()
    try:
        if place.socket is not None:
            _refuse_taken(place.socket)
            server = await loop.create_unix_server(connection, place.socket)
            place.socket.chmod(0o660)
            return server
        return await loop.create_server(connection, place.host, place.port, reuse_port=reuse_port, backlog=BACKLOG)
    except OSError as error:
        raise not_listening(place, error) from None


def not_listening(place: Place, error: OSError) -> FaultsError:
    """Return what is raised where a place can't be listened at."""
    message = f"It can't be listened at: {error.strerror or error}."
    return FaultsError((Fault(str(place), 0, 0, "PO530", message, "Choose another place, or end who listens there."),))


def _refuse_taken(path: Path) -> None:
    """Refuse a socket that somebody listens at; what a process left behind that was killed is taken over.

    Raises:
        OSError: somebody does, or it is no socket.
    """
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            probe.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        return
    raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
