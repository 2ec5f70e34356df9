r"""PowerShell scripts: their templates, and how text is put into them so that it stays text.

What clients call themselves is anybody's to choose, so nothing of it may end a string or a line. PowerShell takes five
characters for a single quote, curly ones among them (about_Quoting_Rules), and Windows PowerShell 5.1 reads a file without a
byte order mark in the machine's own code page, where other letters' bytes become such quotes. So strings are written in ASCII,
all other characters by their numbers; comments hold no control characters; and the files begin with a byte order mark.
"""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Final

BYTE_ORDER_MARK: Final = "\ufeff"

_OTHERS: Final = re.compile(r"([^\x20-\x7e]+)")


def quoted(text: str) -> str:
    r"""Return an expression whose value is a text.

    Example:
        >>> print(quoted("it's"), quoted("Юля"))
        'it''s' ('' + [char]0x42E + [char]0x43B + [char]0x44F)
        >>> print(quoted("a\u2019b"))
        ('a' + [char]0x2019 + 'b')
    """
    parts = [part for part in _OTHERS.split(text) if part]
    told = [part for each in parts for part in ([*map(_numbered, each)] if _OTHERS.match(each) else [_ascii(each)])]
    if not told or not told[0].startswith("'"):
        told.insert(0, "''")  # a string to begin with: two characters alone do not add up to one
    return told[0] if len(told) == 1 else f"({' + '.join(told)})"


def _ascii(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _numbered(sign: str) -> str:
    number = ord(sign)
    return f"[char]0x{number:X}" if number <= 0xFFFF else f"[char]::ConvertFromUtf32(0x{number:X})"  # noqa: PLR2004 - UTF-16's


def comment(text: str) -> str:
    r"""Return a text as a comment of one line.

    Example:
        >>> comment("one\nRemove-Mailbox")
        '# one\\x0aRemove-Mailbox'
    """
    shown = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    return f"# {shown}".rstrip()


def filled(template: str, parts: dict[str, str]) -> str:
    """Return a template with its parts filled in; lines end as Windows ends them.

    Args:
        template: the file's name without its ending.
        parts: by the name that stands between two at signs.

    Raises:
        KeyError: the template has a part that is not given.
    """
    text = files(__package__).joinpath(f"{template}.ps1").read_text(encoding="utf-8")
    # One pass, so that nothing that is filled in is taken for a part.
    made = re.sub(r"@([A-Z]+)@", lambda found: parts[found[1]], text)
    return BYTE_ORDER_MARK + made.replace("\n", "\r\n")
