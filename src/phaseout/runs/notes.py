"""What must be known about a log, in one line."""

from __future__ import annotations


def notes_joined(*notes: str) -> str:
    """Put notes together; empty ones are left out, and those that are sentences lose the full stop before the next.

    Example:
        >>> notes_joined("It is empty.", "", "a list", "cut off.")
        'It is empty; a list; cut off.'
    """
    told = [note for note in notes if note]
    return "; ".join([*(note.removesuffix(".") for note in told[:-1]), *told[-1:]])
