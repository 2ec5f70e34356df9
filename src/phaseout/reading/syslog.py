"""Lines that came by syslog or from a container: what stands before them, and their time stamps."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import Final

from phaseout.reading.iso_time import ISO_STAMP, ZONED_STAMP, has_offset, instant, wall_clock
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Setting
from phaseout.reading.time import parsed, utc_from_local, with_year

SYSLOG_STAMP: Final = r"[A-Z][a-z]{2} [ \d]\d (?:20\d\d )?\d\d:\d\d:\d\d"
"""The shape of syslog's classic stamp, for patterns of whole lines; some servers write the year behind the day."""

_WITHOUT_YEAR: Final = 15  # characters of ``Mar 10 12:00:00``
_TO_YEAR: Final = 11  # characters of ``Mar 10 2026``
_TO_DAY: Final = 6
_ISO_DAY: Final = 10

_MARKS: Final = (" | ", " stdout ", " stderr ", "[pod/", "Z ")
_OWN_STAMP: Final = rf"({SYSLOG_STAMP}|20\d\d-\d\d-\d\d \d\d:\d\d:\d\d)"
_CONTAINER: Final = (
    rf"^(?:(?:[\w.-]+ +\| |\[pod/[\w./-]+\] )(?:{ISO_STAMP} {_OWN_STAMP})?"
    rf"|{ZONED_STAMP} (?:std(?:out|err) [FP] |{_OWN_STAMP}))"
)
"""``dovecot-mailcow-1  | `` or ``[pod/mail-0/dovecot] ``, and the stamp that is added where the line has one of its own; what
containerd writes; or what ``docker logs -t`` adds to such a line."""

_LINE_S_OWN: Final = r"\1\2"
"""What is left of it: the line's stamp."""


def without_container(line: ir.StringValue) -> ir.StringValue:
    """Return a line without what Docker, kubectl or a runtime under Kubernetes writes before each."""
    is_marked = reduce(or_, (line.contains(mark) for mark in _MARKS))
    return ibis.ifelse(is_marked, line.re_replace(_CONTAINER, _LINE_S_OWN), line)


def all_without_container(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return lines without what is written of their containers, for looking at a file's beginning.

    Example:
        >>> all_without_container(("sogo-1  | 2026-03-10T12:00:00.5Z Mar 10 12:00:00 x", "2026-03-10T12:00:00.5Z stdout F x"))
        ('Mar 10 12:00:00 x', 'x')
    """
    return tuple(re.sub(_CONTAINER, _LINE_S_OWN, line) if any(mark in line for mark in _MARKS) else line for line in lines)


_HEAD: Final = (
    rf"^(?:<\d{{1,3}}>)?(?:(?:{SYSLOG_STAMP}|{ISO_STAMP}) (?:\S+ )?[\w./-]+(?:\[\d+\])?: "
    rf"|1 {ISO_STAMP} \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+) (?:\x{{feff}})?)"
)
"""What syslog writes before a message, in its classic form and in that of RFC 5424."""


def without_head(line: ir.StringValue) -> ir.StringValue:
    """Return a message without what syslog writes before it: priority, stamp, host, program."""
    return line.re_replace(_HEAD, "")


def all_without_head(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return messages without what stands before them, for looking at a file's beginning.

    Example:
        >>> all_without_head(("<190>Mar 10 12:00:00 web nginx: x", "<190>1 2026-03-10T12:00:00Z web nginx - - - x"))
        ('x', 'x')
    """
    return tuple(re.sub(_HEAD.replace(r"\x{feff}", "\ufeff"), "", line) for line in all_without_container(lines))


def all_zoned(lines: tuple[str, ...]) -> bool:
    """Whether each line's stamp says how far its clock is from UTC, as syslog writes it where it is told to.

    Example:
        >>> all_zoned(("2026-03-10T12:00:00+03:00 mx dovecot: x",)), all_zoned(("Mar 10 12:00:00 mx dovecot: x",))
        (True, False)
    """
    return all(map(_ZONED_LINE.match, all_without_container(lines)))


_ZONED_LINE: Final = re.compile(rf"(?:<\d{{1,3}}>1? ?)?(?:dovecot: )?{ZONED_STAMP}[: ]")


def syslog_instant(stamp: ir.StringValue, setting: Setting) -> ir.TimestampValue:
    """Return the instant of a stamp in UTC; null when it is none, or carries no offset where each is to.

    Args:
        stamp: classic, with or without a year, or as ISO 8601 writes it; without an offset it is the server's local time.
        setting: says of which zone.
    """
    own = ibis.ifelse(has_offset(stamp), instant(stamp), ibis.null("timestamp"))
    if setting.is_zoned:
        return own
    classic = ibis.ifelse(
        stamp.length() > _WITHOUT_YEAR, parsed(stamp, "%b %d %Y %H:%M:%S"), with_year(stamp.nullif(""), "%b %d %H:%M:%S")
    )
    local = ibis.ifelse(stamp.re_search(r"^\d"), wall_clock(stamp), classic)
    return ibis.ifelse(has_offset(stamp), own, utc_from_local(local, setting.needed_zone, setting.last_year))


def no_instant(stamp: ir.StringValue, setting: Setting) -> ir.StringValue:
    """Say why a stamp, which may be empty, is no instant."""
    is_local = ibis.literal(setting.is_zoned) & (stamp != "") & ~has_offset(stamp)
    return ibis.ifelse(is_local, "a time stamp without its zone", "no time stamp")


def syslog_day(stamp: ir.StringValue) -> ir.StringValue:
    """Return the part of a stamp that says the day."""
    classic = ibis.ifelse(stamp.length() > _WITHOUT_YEAR, stamp.substr(0, _TO_YEAR), stamp.substr(0, _TO_DAY))
    return ibis.ifelse(stamp.re_search(r"^\d"), stamp.substr(0, _ISO_DAY), classic)
