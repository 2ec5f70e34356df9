"""The refusal in ActiveSync's own words: a command's status 129, "the device is blocked for this user" ([MS-ASCMD] 2.2.2)."""

from __future__ import annotations

from typing import Final

from phaseout.devices.activesync_query import parse_query
from phaseout.gate.http import Answer, Request

BLOCKED: Final = "129"

_TOKENS: Final = {
    "Sync": (0, 0x05, 0x0E),
    "FolderSync": (7, 0x16, 0x0C),
    "Ping": (13, 0x05, 0x07),
    "Provision": (14, 0x05, 0x0B),
}
"""By command: the code page, the command's element, its status element ([MS-ASWBXML] 2.1.2.1)."""

_HAS_CONTENT: Final = 0x40


def refusal(request: Request) -> Answer:
    """Return the answer to a refused ActiveSync request; without a form of its own, a bare 403.

    Args:
        request: of the web server, with the original target in ``X-Original-URI``.
    """
    return refusal_of(request.headers.get("x-original-uri", ""))


def refusal_of(target: str) -> Answer:
    """Return the answer to a refused ActiveSync request by its own path and query."""
    query = parse_query(target.partition("?")[2])
    tokens = _TOKENS.get(query.command or "") if query else None
    if tokens is None:
        return Answer(403)
    return Answer(200, body=wbxml(*tokens, BLOCKED), content_type="application/vnd.ms-sync.wbxml")


def wbxml(page: int, command: int, status: int, text: str) -> bytes:
    """Return a command with nothing but a status in it, as WBXML 1.3 without a public id, in UTF-8.

    Args:
        page: the code page.
        command: the element's token.
        status: the inner element's token.
        text: of the status.

    Example:
        >>> wbxml(7, 0x16, 0x0C, "129").hex(" ")
        '03 01 6a 00 00 07 56 4c 03 31 32 39 00 01 01'
    """
    switch = bytes((0x00, page)) if page else b""
    inside = bytes((0x03,)) + text.encode() + b"\0"
    return bytes.fromhex("03016a00") + switch + bytes((command | _HAS_CONTENT, status | _HAS_CONTENT)) + inside + b"\x01\x01"
