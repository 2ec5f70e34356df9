"""How a message quotes what a list says: on one line, printable, and not without end."""

from __future__ import annotations

from typing import Final

LONGEST_QUOTE: Final = 80
"""Characters that a message quotes at most."""


def quoted(text: str) -> str:
    r"""Return a text in quotation marks, as it can stand in a message.

    Example:
        >>> quoted("anna@example.org\n")
        '"anna@example.org"'
    """
    line = " ".join(text.split())
    if len(line) > LONGEST_QUOTE:
        line = f"{line[: LONGEST_QUOTE - 1]}…"
    return '"' + "".join(sign if sign.isprintable() else "\ufffd" for sign in line) + '"'
