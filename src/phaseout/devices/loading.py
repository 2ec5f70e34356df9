"""Loading the tables of devices ahead, by reading evidence that needs them."""

from __future__ import annotations

from typing import Final

from phaseout.devices.identify import identify
from phaseout.model.clue import Clue, ClueKind

_OF_MAIL: Final = (
    Clue(ClueKind.ACTIVESYNC, "iPhone"),
    Clue(ClueKind.USER_AGENT, "Apple-iPhone14C2/2001.362"),
    Clue(ClueKind.USER_AGENT, "Android-SAMSUNG-SM-S901B/101.13"),
)
"""Evidence of which nearly every log of a mail door has some. What only browsers need takes far longer to load."""

_OF_OTHERS: Final = (
    Clue(ClueKind.IMAP_ID, '"name" "Thunderbird"'),
    Clue(ClueKind.USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    Clue(
        ClueKind.USER_AGENT, "Mozilla/5.0 (Linux; Android 13; SM-S901B) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36"
    ),
    Clue(ClueKind.INVENTORY, "os=android"),
    Clue(ClueKind.CERTIFICATE, "CN=x"),
    # What only the largest of the tables tells: neither Apple's, nor Android's, nor a desktop's.
    Clue(ClueKind.USER_AGENT, "Nokia6300/2.0 (05.00) Profile/MIDP-2.0 Configuration/CLDC-1.1"),
)


def load_mail() -> None:
    """Load what most devices at a mail door are told by."""
    for clue in _OF_MAIL:
        identify(clue)


def load_all() -> None:
    """Load every table."""
    load_mail()
    for clue in _OF_OTHERS:
        identify(clue)
