"""ActiveSync request queries, in plain text and in the packed base64 form of [MS-ASHTTP] 2.2.1.1.1.1."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple
from urllib.parse import unquote

MAX_QUERY: Final = 8192
"""Characters of a query that are read."""

COMMANDS: Final = (
    "Sync", "SendMail", "SmartForward", "SmartReply", "GetAttachment", "GetHierarchy", "CreateCollection", "DeleteCollection",
    "MoveCollection", "FolderSync", "FolderCreate", "FolderDelete", "FolderUpdate", "MoveItems", "GetItemEstimate",
    "MeetingResponse", "Search", "Settings", "Ping", "ItemOperations", "Provision", "ResolveRecipients", "ValidateCert",
    "Find",
)  # fmt: skip
"""The packed form's command codes, from 0 ([MS-ASHTTP] 2.2.1.1.1.1.2; GetHierarchy and the collections are of older versions)."""

_USER_TAG: Final = 8
"""The packed parameter that carries the user; seldom sent."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")

_SPELT: Final = {command.casefold(): command for command in reversed(COMMANDS)}

_PLAIN_KEYS: Final = {"cmd": 0, "user": 1, "deviceid": 2, "devicetype": 3}
"""The fields of the plain form, by where they stand in ``ActiveSyncQuery``."""

_USUAL_KEYS: Final = _PLAIN_KEYS | {"Cmd": 0, "User": 1, "DeviceId": 2, "DeviceType": 3}
"""With the spelling of nearly every client, which is looked up sooner than folded."""


class ActiveSyncQuery(NamedTuple):
    """What an ActiveSync request says in its query; None is "not said".

    Attributes:
        command: such as ``Sync``, as the protocol spells it.
        user: the login as the client wrote it, percent-decoded.
        device_id: the device's own id; in hexadecimal when the packed form carries bytes that are no text.
        device_type: such as ``iPhone``.
        packed: whether it was the base64 form.
    """

    command: str | None
    user: str | None
    device_id: str | None
    device_type: str | None
    packed: bool


def parse_query(query: str) -> ActiveSyncQuery | None:
    """Read a query in either form.

    Args:
        query: what stands after the question mark, with or without the mark; keys in any order and case.

    Returns:
        What it says, or None when it is no ActiveSync query. Never raises.

    Example:
        >>> parse_query("jQAJBBBOaW5lNDM4M0FGMzQ2ODYwBAAAAAAHQW5kcm9pZAcBAA==").device_id
        'Nine4383AF346860'
    """
    text = query[:MAX_QUERY].strip().removeprefix("?")
    return _plain(text) or _packed(text)


def _plain(text: str) -> ActiveSyncQuery | None:
    """Read ``User=…&DeviceId=…&DeviceType=…&Cmd=…``; the first of a repeated key counts."""
    told: list[str | None] = [None, None, None, None]
    for part in text.split("&"):
        key, _, value = part.partition("=")
        place = _USUAL_KEYS.get(key)
        if place is None:
            place = _PLAIN_KEYS.get(key.strip().casefold())
        if place is not None and value and told[place] is None:
            told[place] = unquote(value, errors="replace") if "%" in value else value
    command, user, device_id, device_type = told
    if command is None and user is None and device_id is None and device_type is None:
        return None
    if command is not None:
        command = _SPELT.get(command.casefold(), command)
    return ActiveSyncQuery(command, user, device_id, device_type, packed=False)


def _packed(text: str) -> ActiveSyncQuery | None:
    """Read the base64 form: version, command, locale, device id, policy key, device type, then tagged parameters."""
    text = unquote(text, errors="replace").partition("&")[0].replace(" ", "+")
    if not _BASE64.fullmatch(text):
        return None
    try:
        body = base64.b64decode(
            text.replace("-", "+").replace("_", "/").rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        return None
    fields = _fields(body)
    if fields is None:
        return None
    command, device_id, device_type, rest = fields
    return ActiveSyncQuery(command, _packed_user(rest), device_id, device_type, packed=True)


_VERSIONS: Final = frozenset({20, 25, 120, 121, 140, 141, 160, 161})
"""Protocol versions times ten; the packed form exists from 12.1 on, older numbers are seen from faulty clients."""


def _fields(body: bytes) -> tuple[str | None, str | None, str | None, bytes] | None:
    """Cut the fixed head of the packed form; None when the lengths do not fit or the version is unknown."""
    if len(body) < 7 or body[0] not in _VERSIONS or body[1] >= len(COMMANDS):  # noqa: PLR2004 - the head's length
        return None
    device_id, rest = _counted(body[4:])
    if rest is None:
        return None
    policy_key, rest = _counted(rest)
    if rest is None or len(policy_key) not in (0, 4):
        return None
    device_type, rest = _counted(rest)
    if rest is None or not device_type:
        return None
    return COMMANDS[body[1]], _words(device_id) or None, _words(device_type), rest


def _counted(body: bytes) -> tuple[bytes, bytes | None]:
    """Take one length-counted field; the rest is None when the count runs over the end."""
    if not body or len(body) < body[0] + 1:
        return b"", None
    return body[1 : body[0] + 1], body[body[0] + 1 :]


def _words(field: bytes) -> str:
    """A field as text, or in hexadecimal when its bytes are no printable ASCII."""
    return field.decode("ascii") if all(0x20 <= byte < 0x7F for byte in field) else field.hex()  # noqa: PLR2004 - printable ASCII


def _packed_user(rest: bytes) -> str | None:
    """Find the user among the tagged parameters (tag, length, value)."""
    while len(rest) > 1:
        tag = rest[0]
        value, after = _counted(rest[1:])
        if after is None:
            return None
        if tag == _USER_TAG and value:
            return value.decode("utf-8", errors="replace")
        rest = after
    return None
