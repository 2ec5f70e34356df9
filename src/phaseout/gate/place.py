"""A place where the gate listens, as ``--listen`` names it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from msgspec import Struct

from phaseout.gate.address import address_of, port_of
from phaseout.gate.caller import CALLERS

_OWN: Final = re.compile(r"([a-z][a-z0-9_]*)=")
"""A protocol of its own before a place."""

_NAME: Final = re.compile(r"(?!.*\.[0-9]+\.?$)[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
"""A machine's name; what ends in a number is an address, or is meant for one."""


class Place(Struct, frozen=True):
    """Where to listen: a port of an address, in the clear or over TLS, or a Unix socket.

    Attributes:
        host: an address; empty for a Unix socket.
        port: of it.
        socket: the Unix socket's path, or None.
        is_secure: whether it is asked over TLS.
        caller: the id of the caller whose own protocol is spoken there; empty for HTTP.
    """

    host: str = ""
    port: int = 0
    socket: Path | None = None
    is_secure: bool = False
    caller: str = ""

    @classmethod
    def read(cls, text: str, *, is_named: bool = False) -> Place:
        """Read a place.

        It is ``127.0.0.1:14001``, ``[::1]:14001``, ``tls:192.0.2.10:14001`` or ``unix:/run/phaseout/gate.sock``, or ``postfix=``
        and one of these.

        Args:
            text: what stands on the command line.
            is_named: whether a machine's name may stand for its address, as where another is asked.

        Raises:
            ValueError: it is none of these, or there is no such protocol.

        Example:
            >>> Place.read("tls:[::1]:14001")
            Place(host='::1', port=14001, socket=None, is_secure=True, caller='')
        """
        own = _OWN.match(text)
        caller, text = (own[1], text[own.end() :]) if own else ("", text)
        if caller and caller not in wired():
            message = f"There is no protocol {caller}, only {', '.join(wired())}"
            raise ValueError(message)
        if text == "unix:":
            message = f'"{text}" has no path'
            raise ValueError(message)
        if text.startswith("unix:"):
            return cls(socket=Path(text.removeprefix("unix:")), caller=caller)
        host, colon, port = text.removeprefix("tls:").rpartition(":")
        if not host:
            message = f'"{text}" has {"no address before its port" if colon else "no port"}'
            raise ValueError(message)
        host = host.removeprefix("[").removesuffix("]")
        if not (is_named and _NAME.fullmatch(host)):
            host = str(ip_address(host))
        return cls(host, port_of(port), is_secure=text.startswith("tls:"), caller=caller)

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can reach it."""
        return self.socket is not None or address_of(self.host).is_loopback

    def __str__(self) -> str:
        """The place as it is read."""
        own = f"{self.caller}=" if self.caller else ""
        if self.socket is not None:
            return f"{own}unix:{self.socket}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{own}{'tls:' if self.is_secure else ''}{host}:{self.port}"


def wired() -> tuple[str, ...]:
    """Return the ids of the callers whose protocols are not HTTP."""
    return tuple(caller.id for caller in CALLERS if caller.wire is not None)
