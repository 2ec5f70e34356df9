"""The sentences in which a ruling gives its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
"""Written here, for a report must not change its words with the machine's locale."""

FIELD_WORDS: Final = {
    "maker": "maker", "platform": "system", "platform_version": "system's version", "build": "build", "model_id": "model number",
    "model": "model", "form_factor": "form (phone, tablet, desktop)", "app": "program",
}  # fmt: skip
"""How people call the device's fields."""

ACTION_WORDS: Final = {
    "use": "work data was read, written or synchronised",
    "presence": "a connection was kept open",
    "set-up": "a device announced itself or was set up",
    "attempt": "a request was refused, or a sign-in failed",
    "claim": "something was asked for in this name before anybody had signed in",
}
"""What each action was, as the beginning of a sentence."""


def listed(words: tuple[str, ...], joint: str) -> str:
    """Join words as a sentence does.

    Example:
        >>> listed(("maker", "model", "program"), "and")
        'maker, model and program'
    """
    return f" {joint} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def date_words(instant: datetime, time_zone: ZoneInfo) -> str:
    """Write an instant as a date of the directive, with the time of day only when it is not midnight.

    Example:
        >>> from datetime import UTC
        >>> date_words(datetime(2023, 7, 16, 21, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
        '17 July 2023'
    """
    local = instant.astimezone(time_zone)
    day = f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return day if not (local.hour or local.minute or local.second) else f"{day}, {local:%H:%M}"


def doubt() -> str:
    """Return what must be added to a sentence about a device on which the evidence contradicts itself."""
    return " The evidence of the device contradicts itself."


def forbidden(title: str, service: str, since: str) -> str:
    """Say that the deadline has passed."""
    return f"{title}: forbidden for {service} since {since}."


def grace(title: str, service: str, until: str) -> str:
    """Say that the deadline has not come yet."""
    return f"{title}: advised against for {service} until {until}, forbidden from then on."


def advised(title: str, service: str, since: str) -> str:
    """Say that a recommendation speaks against it."""
    return f"{title}: advised against for {service} since {since}."


def permitted(title: str, service: str, since: str) -> str:
    """Say that a clause expressly permits it."""
    return f"{title}: expressly permitted for {service} since {since}."


def only_permits() -> str:
    """Say that a clause that permits speaks against no device."""
    return "The clause only permits; it speaks against no device."


def not_meant(titles: tuple[str, ...]) -> str:
    """Say that the device is of none of the clause's classes."""
    return f"The device is none of these: {listed(titles, 'or')}."


def not_counted(action: str) -> str:
    """Say that the clause does not count such an access."""
    return f"Not counted as use by the clause: {ACTION_WORDS.get(action, action)}."


def claimed(title: str) -> str:
    """Say that the device is meant, and that nothing shows whose request it was."""
    return f"{title}: whose it was is not proven, for such a request is answered or written down before anybody signs in."


def cannot_tell(titles: tuple[str, ...], settles: tuple[str, ...]) -> str:
    """Say what would settle whether the device is of the clause's classes."""
    unknown = listed(tuple(FIELD_WORDS[name] for name in settles), "and")
    verb = "is" if len(settles) == 1 else "are"
    return f"Whether the device is one of these can't be told: {listed(titles, 'or')}. Its {unknown} {verb} not known."
