r"""What a client sent, from what a log wrote: rules compare with the former.

Web servers write bytes that could confuse a log's reader as escapes: nginx ``\x22``, Apache ``\"``. IIS writes blanks as ``+``,
which its reader has undone already; whether a blank was a plus sign nobody can tell any more.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

ESCAPING: Final = frozenset({"combined", "sogo"})
"""Log formats that web servers write."""

LONGEST: Final = 1000
"""Characters of a string that a rule may name; no device sends such, and doors have limits of their own."""

_ESCAPE: Final = re.compile(rb"\\x([0-9A-Fa-f]{2})|\\([\\\"nrtvbf])")
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"b": b"\b", b"f": b"\f"}

_CLIENT_AGENT: Final = re.compile(r"(?i)(?:^|;)UserAgent=([^;]*)")
_CLIENT_TYPE: Final = re.compile(r"(?i)[?&]DeviceType=([^&;\s]*)")


def as_sent(text: str, log_format: str) -> str:
    r"""Return a header's value as the client sent it.

    Bytes that are no UTF-8 become U+FFFD, and ``usable`` then says no.

    Example:
        >>> as_sent(r"Mail \x22for\x22 work", "combined"), as_sent(r"a\b", "iis")
        ('Mail "for" work', 'a\\b')
    """
    if log_format not in ESCAPING or "\\" not in text:
        return text
    raw = _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()) if found[1] else _named(found[2]), text.encode())
    return raw.decode("utf-8", "replace")


def _named(sign: bytes) -> bytes:
    return _NAMED.get(sign, sign)


def of_client_info(text: str) -> tuple[str, str]:
    """Return the agent and the DeviceType that an Exchange ClientInfoString holds, each empty when it holds none.

    Example:
        >>> of_client_info("Client=ActiveSync;UserAgent=Apple-iPhone9C1/1402.100;Action=/x?User=a&DeviceType=iPhone&Cmd=Sync")
        ('Apple-iPhone9C1/1402.100', 'iPhone')
    """
    agent, kind = _CLIENT_AGENT.search(text), _CLIENT_TYPE.search(text)
    return (agent[1].strip() if agent else "", unquote(kind[1], errors="replace") if kind else "")


def usable(text: str) -> bool:
    r"""Whether a rule can name a string: there is one, it isn't endless, and every character of it is a visible one or a blank.

    Example:
        >>> usable("Apple-iPhone14C2/2001.362"), usable("a\nb"), usable("")
        (True, False, False)
    """
    return 0 < len(text) <= LONGEST and text.isprintable() and "\ufffd" not in text
