"""Apple's hardware identifiers (``iPhone14,2``): the trade name and the shape behind them."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

from msgspec import Struct

_IDENTIFIER: Final = re.compile(
    r"(iPhone|iPad|iPod|Watch|AppleTV|AudioAccessory|RealityDevice|MacBookPro|MacBookAir|MacBook|Macmini|MacPro|iMacPro|iMac|Mac|Xserve)"
    r"(\d{1,2})(?:,|C|_|%2C)(\d{1,2})",
    re.IGNORECASE,
)

_FAMILIES: Final = {
    "iphone": ("iPhone", "ios", "phone"),
    "ipod": ("iPod", "ios", "phone"),
    "ipad": ("iPad", "ipados", "tablet"),
    "watch": ("Watch", "watchos", "watch"),
    "appletv": ("AppleTV", "tvos", "tv"),
    "audioaccessory": ("AudioAccessory", "other", "other"),
    "realitydevice": ("RealityDevice", "other", "other"),
    "macbookpro": ("MacBookPro", "macos", "desktop"),
    "macbookair": ("MacBookAir", "macos", "desktop"),
    "macbook": ("MacBook", "macos", "desktop"),
    "macmini": ("Macmini", "macos", "desktop"),
    "macpro": ("MacPro", "macos", "desktop"),
    "imacpro": ("iMacPro", "macos", "desktop"),
    "imac": ("iMac", "macos", "desktop"),
    "mac": ("Mac", "macos", "desktop"),
    "xserve": ("Xserve", "macos", "server"),
}
"""Each family as Apple spells it, with its platform and shape. An iPod touch counts as a phone, as the field's tables do."""


class AppleModel(Struct, frozen=True):
    """What a hardware identifier or a family name says.

    Attributes:
        model_id: with a comma, or None when only the family is known.
        name: the trade name, or None when the identifier is newer than the table.
        platform: one of ``PLATFORMS``.
        form_factor: one of ``FORM_FACTORS``.
    """

    model_id: str | None
    name: str | None
    platform: str
    form_factor: str


def model_from_identifier(text: str) -> AppleModel | None:
    """Read a hardware identifier in any of its spellings.

    Args:
        text: ``iPhone14,2``, ``iPhone14C2``, ``iPhone14_2`` or ``iPhone14%2C2``, in any case.

    Returns:
        The model, or None when the text is no identifier of Apple's.

    Example:
        >>> model_from_identifier("iPhone14C2").name
        'iPhone 13 Pro'
    """
    found = _IDENTIFIER.fullmatch(text)
    if not found:
        return None
    spelt, platform, form = _FAMILIES[found[1].casefold()]
    model_id = f"{spelt}{int(found[2])},{int(found[3])}"
    return AppleModel(model_id, _names().get(model_id), platform, form)


def find_model(text: str) -> AppleModel | None:
    """Find the first hardware identifier anywhere in a text; None when it has none."""
    found = _IDENTIFIER.search(text)
    return model_from_identifier(found[0]) if found else None


def family(name: str) -> AppleModel | None:
    """Say what the name of a family alone tells: ``iPhone``, ``iPod touch``, ``MacBook Pro``; None when it is none of Apple's."""
    known = _FAMILIES.get(name.casefold().replace(" ", "").removesuffix("touch"))
    return AppleModel(None, None, known[1], known[2]) if known else None


@cache
def _names() -> dict[str, str]:
    """Identifier to trade name."""
    with (files("phaseout.devices") / "tables" / "apple_models.csv").open(encoding="utf-8") as table:
        return {row["model_id"]: row["name"] for row in csv.DictReader(table)}
