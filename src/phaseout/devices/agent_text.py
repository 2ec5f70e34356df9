"""A client string made plain: what servers and proxies did to it is undone before anybody reads it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")

_PLUS_FOR_BLANK: Final = re.compile(r"(?<=[\w;:,)])\+(?=[\w(])")

_GOOGLE_TAIL: Final = re.compile(r",\s*gzip\(gfe\)\s*$")


def plain(value: str) -> str:
    """Undo what logs do to a client string.

    IIS writes blanks as ``+``, proxies percent-encode, Google's synchronisation appends ``,gzip(gfe)``, and Exchange's own logs
    lose commas.

    Args:
        value: as it stood in the log.

    Returns:
        The string as the client sent it, as far as that can be known.

    Example:
        >>> plain("Mac+OS+X/10.10.1+(14B25)+CalendarAgent/315")
        'Mac OS X/10.10.1 (14B25) CalendarAgent/315'
    """
    text = value.strip().strip("\"'")
    if "+" in text:
        text = _PLUS_FOR_BLANK.sub(" ", text) if " " in text else text.replace("+", " ")
    if "%" in text and _ESCAPE.search(text):
        text = unquote(text, errors="replace")
    if "gfe)" in text:
        text = _GOOGLE_TAIL.sub("", text)
    if "##" in text:
        text = text.replace("## ", "; ")
    return text.replace("(KHTML  like Gecko)", "(KHTML, like Gecko)").strip()
