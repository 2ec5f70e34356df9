"""How reports write numbers, days, units, devices and people."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from phaseout.directive.phrases import day_name
from phaseout.model.answer import Answer, Coverage, DoorCoverage, LogPlace, UnknownLogin
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Grade
from phaseout.model.person import AccountKind, Person

CLUE_NAMES: Final = {
    ClueKind.USER_AGENT: "user agent", ClueKind.ACTIVESYNC: "ActiveSync device type", ClueKind.IMAP_ID: "IMAP ID",
    ClueKind.X_MAILER: "X-Mailer", ClueKind.CLIENT_INFO: "client info", ClueKind.INVENTORY: "inventory",
    ClueKind.CERTIFICATE: "certificate", ClueKind.EHLO: "EHLO name",
}  # fmt: skip
"""How people call the kinds of evidence."""

MOST_SPELLINGS: Final = 3
"""Ways in which logs spell a login that are shown."""

GRADE_MEANINGS: Final = {
    Grade.PROVEN: "a certificate that a door has checked",
    Grade.MANAGED: "a device inventory knows the device",
    Grade.CLAIMED: "the client's own word",
    Grade.WEAK: "easily forged or carried along, or contradicted",
}
"""What each grade means, the strongest first."""

FIELD_NAMES: Final = {
    "maker": "maker", "platform": "system", "platform_version": "version of the system", "build": "build",
    "model_id": "model number", "model": "model", "form_factor": "form", "app": "program",
}  # fmt: skip
"""How people call the fields of a device."""

NOBODY: Final = "Not on the staff list"
"""Stands for the unit of a login that belongs to nobody."""

NO_UNIT: Final = "No unit"
"""Stands for the unit of a person whom the staff list puts in none."""

_ALL: Final = 100


def plain(text: str, keep: str = "") -> str:
    r"""Return text without characters that move a cursor, hide, or turn the direction of what follows.

    They are not dropped but written as escapes, for evidence must not change silently.

    Args:
        text: anything that a log or a staff list may hold.
        keep: characters to keep all the same.

    Example:
        >>> print(plain("Anna\x1b[2J"))
        Anna\x1b[2J
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode("ascii") for c in text)


def plain_lines(text: str) -> str:
    """Return text as ``plain`` does, with its line ends kept."""
    return plain(text, "\n")


def number(count: int) -> str:
    """Write a number with its thousands parted.

    Example:
        >>> number(1234567)
        '1,234,567'
    """
    return f"{count:,}"


def counted(count: int, one: str, many: str) -> str:
    """Write a number with its noun.

    Example:
        >>> counted(1, "person", "people"), counted(2000, "person", "people")
        ('1 person', '2,000 people')
    """
    return f"{number(count)} {one if count == 1 else many}"


def logs_show(whole: int, all_: int) -> str:
    """Say how many of some logs show every day, as the beginning of a sentence.

    Example:
        >>> logs_show(1, 1), logs_show(3, 3), logs_show(0, 2), logs_show(1, 2)
        ('The log shows every day', 'All 3 logs show every day', 'None of 2 logs shows every day', '1 of 2 logs shows every day')
    """
    if all_ == 1:
        return "The log shows every day" if whole else "The log does not show every day"
    if whole == all_:
        return f"All {number(all_)} logs show every day"
    return f"{number(whole) if whole else 'None'} of {number(all_)} logs {'shows' if whole <= 1 else 'show'} every day"


def lacks(place: LogPlace) -> str:
    """Say which days a log lacks: those that it does not reach, and those on which it is oddly silent.

    Example:
        >>> day = date(2023, 9, 4)
        >>> lacks(LogPlace("mail.log", "dovecot", 1, day, day, (day,), (date(2023, 9, 6),)))
        'nothing on 1 day: 4 Sep 2023; no line of 1 day: 6 Sep 2023 (is a part of it lost?)'
    """
    nothing = f"nothing on {days(len(place.missing_days))}: {day_ranges(place.missing_days)}" if place.missing_days else ""
    silent, asks = place.silent_days, "(is a part of it lost?)"
    quiet = f"no line of {days(len(silent))}: {day_ranges(silent)} {asks}" if silent else ""
    return "; ".join(part for part in (nothing, quiet) if part)


def people(count: int) -> str:
    """Write a number of people."""
    return counted(count, "person", "people")


def accesses(count: int) -> str:
    """Write a number of accesses."""
    return counted(count, "access", "accesses")


def days(count: int) -> str:
    """Write a number of days."""
    return counted(count, "day", "days")


def share(part: int, whole: int) -> str:
    """Write a share so that it never claims all or nothing where that is not so.

    Example:
        >>> share(1, 3), share(1, 1000), share(999, 1000), share(0, 5), share(0, 0)
        ('33%', 'under 1%', 'over 99%', '0%', 'none')
    """
    if whole == 0:
        return "none"
    rounded = round(100 * part / whole)
    if part and rounded == 0:
        return "under 1%"
    if part < whole and rounded == _ALL:
        return "over 99%"
    return f"{rounded}%"


def short_day(day: date) -> str:
    """Write a day for tables.

    Example:
        >>> short_day(date(2023, 9, 4))
        '4 Sep 2023'
    """
    number_of_day, month, year = day_name(day).split(" ")
    return f"{number_of_day} {month[:3]} {year}"


def day_and_time(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant for tables, in the directive's time zone.

    Example:
        >>> from datetime import UTC
        >>> day_and_time(datetime(2023, 9, 4, 7, 2, tzinfo=UTC), ZoneInfo("Europe/Moscow"))
        '4 Sep 2023, 10:02'
    """
    local = instant.astimezone(zone)
    return f"{short_day(local.date())}, {local:%H:%M}"


def long_day_and_time(instant: datetime, zone: ZoneInfo) -> str:
    """Write an instant for sentences, in the directive's time zone."""
    local = instant.astimezone(zone)
    return f"{day_name(local.date())} at {local:%H:%M}"


def iso(instant: datetime | None, zone: ZoneInfo | None = None) -> str | None:
    """Write an instant for machines: ISO 8601 in UTC, or in a zone with its offset.

    Example:
        >>> from datetime import UTC
        >>> iso(datetime(2023, 9, 4, 7, 2, tzinfo=UTC))
        '2023-09-04T07:02:00Z'
    """
    if instant is None:
        return None
    if zone is not None:
        return instant.astimezone(zone).isoformat()
    return instant.astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")


def path(unit: tuple[str, ...]) -> str:
    """Write a unit's path."""
    return " / ".join(unit) or NO_UNIT


def who(person: Person) -> str:
    """Write a person's name, with what stands behind the account where that is not a person."""
    name = person.name or person.id
    return name if person.kind in {AccountKind.PERSON, AccountKind.UNKNOWN} else f"{name} ({person.kind} account)"


def bounds(answer: Answer) -> tuple[str, ...]:
    """Say which part of the time that the answer ought to speak of no log shows."""
    coverage = answer.coverage
    if coverage.first_day is None or coverage.last_day is None:
        return ()
    said = []
    if coverage.asked_from is not None and coverage.asked_from < coverage.first_day:
        since = short_day(coverage.first_day)
        said.append(f"No log reaches back to {short_day(coverage.asked_from)}: of the time before {since} nothing is known.")
    if coverage.asked_to is not None and coverage.last_day < coverage.asked_to:
        end = min(answer.at, answer.until or answer.at)
        what = "the time asked for ends at" if end < answer.at else "the answer is as of"
        told = day_and_time(end, ZoneInfo(answer.directive.time_zone))
        said.append(f"No log shows anything after {short_day(coverage.last_day)}; {what} {told}.")
    return tuple(said)


def days_shown(answer: Answer) -> str:
    """Say how many logs show every day, of those that are asked for or else of those that any log shows; empty where none is."""
    coverage = answer.coverage
    since = answer.since and answer.since.astimezone(ZoneInfo(answer.directive.time_zone)).date()
    first, last = since or coverage.first_day, coverage.last_day if answer.until is None else coverage.asked_to
    if not coverage.places or first is None or last is None or first > last:
        return ""
    told = logs_show(sum(place.is_whole for place in coverage.places), len(coverage.places))
    return f"{told} from {short_day(first)} to {short_day(last)}, counted with what rotation has made of it."


def spelt(login: UnknownLogin) -> str:
    """Write a login as the logs spell it; where they do so in several ways, its normal form and some of those."""
    if len(login.spelt) <= 1:
        return next(iter(login.spelt), login.login)
    more = f" and {number(len(login.spelt) - MOST_SPELLINGS)} more" if len(login.spelt) > MOST_SPELLINGS else ""
    return f"{login.login} (in the logs {', '.join(login.spelt[:MOST_SPELLINGS])}{more})"


def used_with(login: UnknownLogin) -> str:
    """Say what a login that is nobody's was used with; empty where nothing got through."""
    if not login.devices:
        return ""
    if not login.banned:
        return f"Used with {'; '.join(login.devices[:MOST_DEVICES])}."
    return f"Used with {'; '.join(login.banned[:MOST_DEVICES])}; the order forbids such devices."


MOST_DEVICES: Final = 3
"""Devices of one login of nobody that are named."""


def not_counted(coverage: Coverage) -> tuple[str, ...]:
    """Say how many of the staff list are left out of what ought to be seen, and why; a sentence for each reason."""
    time = ""
    if coverage.asked_from and coverage.asked_to:
        time = f" from {short_day(min(coverage.asked_from, coverage.asked_to))} to {short_day(coverage.asked_to)}"
    one = coverage.not_there == 1
    reasons = (
        (coverage.not_reached, "on the staff list whom no clause reaches."),
        (coverage.not_there, f"who {'was' if one else 'were'} not in the organisation on any day{time}, nor seen."),
    )
    return tuple(f"Not counted: {people(count)} {reason}" for count, reason in reasons if count)


def without_names(door: DoorCoverage) -> str:
    """Say of how many requests by a door the logs name nobody; empty where there are none."""
    if not door.nameless:
        return ""
    requests = f"{number(door.nameless)}{' more' if door.formats else ''} {'request' if door.nameless == 1 else 'requests'}"
    return f"{requests} of which the logs don't say whose, and so not counted"


def unread(coverage: Coverage) -> str:
    """Name the staff list's columns that were not looked at; the rest of very many is counted."""
    names = [plain_lines(name) for name in coverage.unread_columns]
    more = f" and {number(len(names) - MOST_COLUMNS)} more" if len(names) > MOST_COLUMNS else ""
    return ", ".join(f'"{name}"' for name in names[:MOST_COLUMNS]) + more


MOST_COLUMNS: Final = 20
"""Columns that were not looked at and are named."""


def clue_text(clue: Clue) -> str:
    """Write a clue with its kind."""
    return f"{CLUE_NAMES[clue.kind]}: {clue.value}"


def clues_text(clues: tuple[Clue, ...]) -> str:
    """Write all clues of one access; a log line may have none."""
    return "; ".join(clue_text(clue) for clue in clues) or "no evidence of a device in the log line"


def settles_text(fields: tuple[str, ...]) -> str:
    """Write which fields of the device would settle a "cannot tell"."""
    return ", ".join(FIELD_NAMES.get(field, field) for field in fields)


def day_ranges(some: tuple[date, ...]) -> str:
    """Write days, those that follow each other as a range.

    Example:
        >>> day_ranges((date(2023, 9, 4), date(2023, 9, 5), date(2023, 9, 9)))
        '4 Sep 2023 to 5 Sep 2023, 9 Sep 2023'
    """
    ranges: list[list[date]] = []
    for day in sorted(some):
        if ranges and (day - ranges[-1][-1]).days == 1:
            ranges[-1][1:] = [day]
        else:
            ranges.append([day])
    return ", ".join(" to ".join(short_day(day) for day in ends) for ends in ranges)
