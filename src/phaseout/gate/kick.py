"""Throw a person's sessions at an address out, through Dovecot's HTTP interface of doveadm."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections import Counter
from typing import Final

import msgspec

LOG: Final = logging.getLogger("phaseout.gate")

SECONDS: Final = 2.0
"""That a kick may take."""

TRIES: Final = (1.0, 5.0, 20.0)
"""Seconds after which one that failed is tried again: a doveadm that is started anew is there by then."""

LARGEST_ANSWER: Final = 65_536
"""Bytes of doveadm's answer that are read."""


_FAILED: Final = (
    "Sessions of %s at %s were not ended: doveadm at %s:%d: %s. %s Look whether Dovecot's service doveadm listens there for HTTP "
    "and has the key of [doveadm]."
)
_GOES_ON: Final = "It is tried again."
_GIVES_UP: Final = "They go on until they end by themselves."


class Kicker:
    """Asks doveadm to end sessions; one question at a time for each person and address.

    Dovecot 2.3 can't end one session alone: all of that person's at that address end, and programs that may be used come back
    by themselves.

    Args:
        host: of doveadm's HTTP interface.
        port: of it.
        key: its API key.
        outcomes: counts ``kicked``, ``nobody there``, ``failed``.
    """

    def __init__(self, host: str, port: int, key: bytes, outcomes: Counter[tuple[str, ...]]) -> None:
        """Ask nothing yet."""
        self._place: Final = (host, port)
        self._key: Final = base64.b64encode(key).decode()
        self._outcomes: Final = outcomes
        self._running: Final[dict[tuple[str, str], asyncio.Task[None]]] = {}
        self._again: Final[set[tuple[str, str]]] = set()

    def kick(self, login: str, address: str) -> None:
        """End the sessions of a login at an address, soon; nothing is waited for."""
        who = (login, address)
        if who in self._running:
            self._again.add(who)
            return
        self._running[who] = asyncio.get_running_loop().create_task(self._kick(who))

    async def _kick(self, who: tuple[str, str]) -> None:
        try:
            outcome = await self._ended(who)
        finally:
            del self._running[who]
        self._outcomes[(outcome,)] += 1
        if who in self._again:
            self._again.discard(who)
            self.kick(*who)

    async def _ended(self, who: tuple[str, str]) -> str:
        """Ask doveadm, several times where need be; return what came of it."""
        for rest in (*TRIES, None):
            try:
                return await self._asked(who)
            except (OSError, TimeoutError, ValueError) as error:
                if rest in {TRIES[0], None}:
                    LOG.error(_FAILED, *who, *self._place, error or "no answer in time", _GIVES_UP if rest is None else _GOES_ON)  # noqa: TRY400 - says it all
            if rest is not None:
                await asyncio.sleep(rest)
        return "failed"

    async def _asked(self, who: tuple[str, str]) -> str:
        """Ask doveadm.

        Raises:
            OSError: it can't be reached.
            TimeoutError: it does not answer in time.
            ValueError: it answers something else.
        """
        body = msgspec.json.encode([["kick", {"mask": list(who)}, "gate"]])
        head = (
            f"POST /doveadm/v1 HTTP/1.1\r\nHost: doveadm\r\nAuthorization: X-Dovecot-API {self._key}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(*self._place)
            try:
                writer.write(head.encode() + body)
                said = await reader.read(LARGEST_ANSWER)
                while chunk := await reader.read(LARGEST_ANSWER):
                    said = (said + chunk)[:LARGEST_ANSWER]
            finally:
                writer.close()
        return outcome_of(said)


def outcome_of(said: bytes) -> str:
    r"""Return what doveadm's answer means.

    Args:
        said: all of the answer, its head too.

    Raises:
        ValueError: it means something else.

    Example:
        >>> outcome_of(b'HTTP/1.1 200 OK\r\n\r\n[["doveadmResponse",[{"entries":"1"}],"gate"]]')
        'kicked'
    """
    if b"doveadmResponse" in said:
        return "kicked"
    if b'"exitCode":68' in said:  # EX_NOHOST, by which doveadm says that no session was there any more
        return "nobody there"
    message = said.partition(b"\r\n")[0][:100].decode("latin-1") or "it hung up"
    raise ValueError(message)
