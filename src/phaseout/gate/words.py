"""What the refused person reads: the short text of a mail program's alert, and the words of the page, in their language.

English is the language of the source; the others stand in ``locale`` as gettext keeps them. ``make messages`` compiles them.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from phaseout.model.directive import Clause, Directive, Strength
from phaseout.model.verdict import Verdict

LOCALES: Final = Path(__file__).parent / "locale"

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_SERVICES: Final = {
    "mail": "work mail", "calendar": "work calendar", "contacts": "work contacts", "files": "work files", "chat": "work chat",
    "sign-in": "work sign-in", "directory": "staff directory",
}  # fmt: skip

Say = Callable[[str], str]


@cache
def languages() -> tuple[str, ...]:
    """Return the languages that there are; the source's own first."""
    return ("en", *sorted(path.name for path in LOCALES.iterdir() if path.is_dir()))


@cache
def speaker(language: str) -> Say:
    """Return what turns the source's words into those of a language; a language that there isn't gives the source's."""
    return gettext.translation("gate", LOCALES, [language], fallback=True).gettext


def language_for(accepted: str, otherwise: str) -> str:
    """Choose a language for a browser.

    Args:
        accepted: the ``Accept-Language`` header; what it weighs at zero is not wanted.
        otherwise: when it asks for none that there is.

    Example:
        >>> language_for("de;q=0.9, ru-RU, en;q=0.8", "en")
        'ru'
    """
    wanted = []
    for place, part in enumerate(accepted[:256].split(",")):
        name, _, weight = part.casefold().partition(";")  # blanks may stand around each of its marks (RFC 9110, 12.4.2)
        try:
            share = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        language = name.strip().partition("-")[0]
        if language in languages() and share > 0:
            wanted.append((-share, place, language))
    return min(wanted)[2] if wanted else otherwise


def date_in(instant: datetime, zone: ZoneInfo, say: Say) -> str:
    """Write an instant as a date of the order."""
    local = instant.astimezone(zone)
    # Translators: how a date is written; the month comes in the case that a date needs.
    return say("{day} {month} {year}").format(day=local.day, month=say(_MONTHS[local.month - 1]), year=local.year)


def devices_of(directive: Directive, clause: Clause) -> str:
    """Name the devices that a clause is about, in the order's own words."""
    return ", ".join(directive.classes[name].title for name in clause.devices)


def service_in(service: str, say: Say) -> str:
    """Name a work service."""
    return say(_SERVICES[service])


def sentence(directive: Directive, clause: Clause, service: str, verdict: Verdict, say: Say) -> str:
    """Say in one sentence what holds for the person's device.

    Args:
        directive: the order.
        clause: the clause that decided.
        service: that was asked for.
        verdict: the order's.
        say: of the language.
    """
    if verdict is Verdict.CANNOT_TELL:
        text = say("The device was not recognised. Service: {service}.")
    elif verdict is Verdict.ADVISED and clause.strength is Strength.SHOULD:
        text = say("{devices}: advised against since {date}. Service: {service}.")
    elif verdict is Verdict.ADVISED:
        text = say("{devices}: not allowed from {date} on. Service: {service}.")
    else:
        text = say("{devices}: not allowed since {date}. Service: {service}.")
    since = clause.starts if clause.strength is Strength.SHOULD else clause.deadline
    date = date_in(since, ZoneInfo(directive.time_zone), say)
    devices = devices_of(directive, clause)
    return text.format(devices=devices[:1].upper() + devices[1:], date=date, service=service_in(service, say))


def source_of(directive: Directive, clause: Clause, say: Say) -> str:
    """Name the order and the clause."""
    return say("{order}, clause {clause}.").format(order=directive.id, clause=clause.id)


def short_text(directive: Directive, clause: Clause, service: str, verdict: Verdict, contact: str, language: str) -> str:
    """Return the one line for IMAP, SMTP and headers, but for the decision's id, which stands behind it.

    Args:
        directive: the order.
        clause: the clause that decided.
        service: that was asked for.
        verdict: the order's.
        contact: whom to ask; may be empty.
        language: one of ``languages()``.
    """
    say = speaker(language)
    parts = (sentence(directive, clause, service, verdict, say), source_of(directive, clause, say), contact)
    return one_line(" ".join(part for part in parts if part))


def one_line(text: str) -> str:
    """Return a text without line ends and other characters that a protocol's line can't carry."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
