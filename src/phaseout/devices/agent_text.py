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

    IIS writes blanks as ``+``, proxies percent-encode, Google's synchronisation appends ``,gzip(gfe)``, Exchange's own logs lose
    commas, and some pipelines fold the case.

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
    if text.islower():
        text = _SPELT.sub(lambda found: _SPELLING[found[0]], text)
    return text.replace("(KHTML  like Gecko)", "(KHTML, like Gecko)").strip()


_SPELLING: Final = {
    word.lower(): word
    for word in (
        "Mozilla", "AppleWebKit", "KHTML", "Gecko", "Version", "Mobile", "Safari", "Chrome", "CriOS", "FxiOS", "EdgiOS",
        "Firefox", "Macintosh", "Intel", "Mac OS X", "iPhone OS", "CPU OS", "CPU", "iPhone", "iPad", "iPod", "iOS", "iPadOS",
        "macOS", "Linux", "Android", "Windows NT", "Outlook", "Darwin", "CFNetwork", "X11",
    )
}  # fmt: skip
"""Words of agents that some proxies and pipelines write in small letters, by those."""

_SPELT: Final = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, _SPELLING), key=len, reverse=True))})\b")
