"""Letters with marks on them: a text may hold each as one character or as two, and readers see no difference."""

from __future__ import annotations

from unicodedata import normalize


def composed(text: str) -> str:
    r"""Return a text with each letter and its marks as one character where there is one (Unicode's form NFC), as texts compare.

    Example:
        >>> composed("mu\u0308ller") == "m\u00fcller"
        True
    """
    return text if text.isascii() else normalize("NFC", text)
