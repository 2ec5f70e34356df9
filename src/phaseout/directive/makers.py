"""Makers, models and programs that orders name, as the trade writes them: to find a misspelt one, not to forbid another."""

from __future__ import annotations

from typing import Final

WELL_KNOWN: Final = (
    "Acer", "Alcatel", "Amazon", "Apple", "Asus", "BlackBerry", "Dahua", "Dell", "Fairphone", "Fujitsu", "Google", "Hikvision",
    "Honor", "HTC", "Huawei", "Hytera", "Infinix", "INOI", "Kyocera", "Lenovo", "Meizu", "Microsoft", "Motorola", "Nokia",
    "OnePlus", "OPPO", "Panasonic", "Philips", "Realme", "Samsung", "Sharp", "Sony", "TCL", "Tecno", "Toshiba", "Xiaomi", "ZTE",
)  # fmt: skip
"""Names of four letters and fewer are like too many others to be compared with; they are here so that they count as known."""

COMPANIES: Final = frozenset(
    {
        "inc", "incorporated", "corp", "corporation", "ltd", "limited", "co", "co., ltd", "co ltd", "gmbh", "ag", "llc", "plc",
        "electronics", "electronics co., ltd", "technologies", "technologies co., ltd", "mobile", "mobility", "computer",
        "communications", "group", "device", "devices",
    }
)  # fmt: skip
"""What stands behind a maker's name in a company's; devices never say it."""

MODELS: Final = (
    "iPhone", "iPad", "iPod", "MacBook", "iMac", "Galaxy", "Pixel", "Redmi", "Xperia", "Lumia", "Surface", "ThinkPad", "Moto",
)  # fmt: skip
"""What the names of well-known models begin with."""

PROGRAMS: Final = (
    "Mail", "Outlook", "Gmail", "Thunderbird", "Apple Mail", "Samsung Mail", "Android Mail", "K-9 Mail", "FairEmail", "DAVx5",
    "Evolution", "Chrome", "Safari", "Firefox", "Edge", "Opera", "Nine", "eM Client", "Zimbra webmail", "Telegram", "WhatsApp",
    "Signal", "Discord", "Viber", "WeChat", "TikTok", "Zoom", "Skype", "Slack",
)  # fmt: skip
"""Programs that orders name, as phaseout and the trade write them."""

SHORTEST_MEANT: Final = 5
"""Letters of a name that is compared with."""

SHORTEST_COMPARED: Final = 4
"""Letters of a name that is compared."""
