"""Makers whose names orders write, as the trade writes them; to find a misspelt one, not to forbid another."""

from __future__ import annotations

from typing import Final

WELL_KNOWN: Final = (
    "Acer", "Alcatel", "Amazon", "Apple", "Asus", "BlackBerry", "Dahua", "Dell", "Fairphone", "Fujitsu", "Google", "Hikvision",
    "Honor", "HTC", "Huawei", "Hytera", "Infinix", "INOI", "Kyocera", "Lenovo", "Meizu", "Microsoft", "Motorola", "Nokia",
    "OnePlus", "OPPO", "Panasonic", "Philips", "Realme", "Samsung", "Sharp", "Sony", "TCL", "Tecno", "Toshiba", "Xiaomi", "ZTE",
)  # fmt: skip
"""Names of four letters and fewer are like too many others to be compared with; they are here so that they count as known."""

SHORTEST_MEANT: Final = 5
"""Letters of a name that is compared with."""

SHORTEST_COMPARED: Final = 4
"""Letters of a name that is compared."""
