"""Model codes that Huawei and Honor both give (``VOG-L29``, ``REA-NX9``): whose a code is that no table lists.

Honor was a name of Huawei's until November 2020 and has been a maker of its own since; both went on with the same codes.
"""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"[A-Z]{3}(?:-(?:L|AL|TL|UL|CL|LX|AN|TN|NX|DL|N)\w?\d+\w*|\d?-(?:AL|TL|W)\d\d\w*)")

_NO_MAKERS_NAME: Final = re.compile(r"[A-Z]{3}-(?:[ACDTU][LN]\d\d|[LN]X\d)\w*")
"""Codes that are none even where they open with the letters of another maker: ``LGE-NX9`` is Honor's."""

_TABLET: Final = re.compile(r"[A-Z]{3}\d?-W\d")

_SOLD_ABROAD: Final = re.compile(r"[A-Z]{3}\d?-[LN]X\d")

_BUILD: Final = re.compile(r"\bBuild/(HUAWEI|HONOR)", re.IGNORECASE)

_ALONE_IN_CHINA: Final = 10
_ALONE_ABROAD: Final = 11
"""The first Android on new devices of Honor's since it is a maker of its own: V40 in China, Honor 50 elsewhere."""


def is_shared_code(name: str) -> bool:
    """Whether a model's name is a code of the form that Huawei and Honor share."""
    return _CODE.fullmatch(name) is not None


def opens_with_code(name: str) -> bool:
    """Whether a name is such a code although its first three letters may be another maker's name."""
    return _NO_MAKERS_NAME.fullmatch(name) is not None


def form_of_code(name: str) -> str:
    """The shape that a shared code tells."""
    return "tablet" if _TABLET.match(name) else "phone"


def maker_told_apart(maker: str | None, name: str | None, version: str | None, platform: str, text: str = "") -> str | None:
    """Say whether a device of either is Huawei's or Honor's.

    Args:
        maker: what the tables say, or None.
        name: the model's, or None.
        version: of Android, or None.
        platform: one of ``PLATFORMS``.
        text: the whole agent, where there is one; it may name the maker with its build.

    Returns:
        The maker: Huawei for whatever came before Honor was one; None for a shared code of which nothing tells it.
    """
    major = int(version.partition(".")[0]) if version else None
    if maker == "Honor" and major is not None and major < _ALONE_IN_CHINA:
        return "Huawei"
    if maker or not name or not is_shared_code(name):
        return maker
    built = _BUILD.search(text)
    if platform == "harmonyos" or (built and built[1].upper() == "HUAWEI"):
        return "Huawei"
    if major is None:
        return None
    if major < (_ALONE_ABROAD if _SOLD_ABROAD.match(name) else _ALONE_IN_CHINA):
        return "Huawei"
    return "Honor" if built and major >= _ALONE_ABROAD else None
