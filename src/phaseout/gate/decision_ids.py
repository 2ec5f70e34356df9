"""Names of decisions, for the help desk: short, never twice in a gate's life, easy to say on the phone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import count
from typing import Final

LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Douglas Crockford's base 32: without I, L, O and U, which people mishear and misread."""

_OWN: Final = 6
"""Letters that a gate draws by lot when it starts: two gates, or one started again, share them once in a billion."""

_MISREAD: Final = str.maketrans("OIL\u2010\u2011\u2012\u2013\u2014", "011-----")
"""What stands for another letter; of dashes, those that programs make of the one that was typed."""


def decision_ids() -> Iterator[str]:
    """Give names without end, such as ``K7Q4MX-2F``: what the gate drew by lot, and a number in base 16.

    Example:
        >>> names = decision_ids()
        >>> next(names)[7:], next(names)[7:]
        ('1', '2')
    """
    own = "".join(secrets.choice(LETTERS) for _ in range(_OWN))
    return (f"{own}-{number:X}" for number in count(1))


def as_written(text: str) -> str:
    """Return a name as it is written down: people type small letters, O for 0, I and L for 1, and leave the dash out.

    The brackets in which it stands in alerts and mail servers' answers, and a sentence's end, are copied with it.

    Example:
        >>> as_written(" k7q4mx-2o "), as_written("k7q4mx2o"), as_written("K7Q4MX 20"), as_written("[K7Q4MX-20].")
        ('K7Q4MX-20', 'K7Q4MX-20', 'K7Q4MX-20', 'K7Q4MX-20')
    """
    name = "".join(text.split()).upper().translate(_MISREAD).strip("[].,")
    return name if "-" in name or len(name) <= _OWN else f"{name[:_OWN]}-{name[_OWN:]}"
