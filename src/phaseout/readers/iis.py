r"""IIS access logs in the W3C format: Exchange's ActiveSync, OWA, EWS, MAPI over HTTP and autodiscover.

The order of the columns stands in ``#Fields:``, which comes again after each restart and may then be another. Stamps are UTC by
the format's definition; without a ``date`` column the day is that of the latest ``#Date:`` line, or the next one past midnight.
Blanks inside values are written ``+``, nothing is written ``-``; two blanks before the user occur.
Exchange's back end repeats every request of its front end (port 444 or 81, ``/Proxy/``; where the port is not told, the second
site): those are set aside, but by a door and on a day of which no log of a front end shows anything. From Exchange 2013 on they
alone say that a device was held off by Exchange's own rules; on days on which they do, or on which no log in front shows the
device, they count themselves.
IIS's own older format (``ip, user, m/d/yyyy, …``, local time) and NCSA's are not read here; NCSA's is ``combined``.
"""

from __future__ import annotations

import re
from typing import Final

from phaseout.reading.cells import by_name
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import BACK_END, DATED, PASSED, REFUSED, REPEATED, Clock, Likeness, Reader, Setting
from phaseout.reading.time import parsed
from phaseout.reading.web import packed_query, signed_in_here, web_meaning

_HEAD: Final = "#Fields:"
_NAMES: Final = re.compile(r"#Fields: .*\bcs-(?:method|uri-stem)\b")
_LINE: Final = re.compile(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d \S+ |#(?:Software|Version|Date|Fields|Start-Date|Remark):")

_BACK_END_PORTS: Final = ("444", "81")
_BACK_END_SITE: Final = "W3SVC2"
"""The site that Exchange's setup makes second; elsewhere any site may be, so that the port counts first."""

_FORBIDDEN: Final = "403"
"""What a request had that Exchange's own rules refused: it answers with 200, and says it in ActiveSync's words alone. Its log has
``_As:BlockedG`` or ``_As:QuarantinedG`` then, the last letter for the rule's kind, and ``_As:AllowedG`` where none did."""

_REFUSALS: Final = ("1326", "1327", "1328", "1329", "1330", "1331", "1793", "1907", "1909")
"""Windows' codes of a password that was checked and refused: wrong, not allowed now or here, expired, disabled, locked
(winerror.h, from ERROR_LOGON_FAILURE on). IIS writes no user then; with other codes a 401 only asks to sign in."""


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for a head line that names IIS's columns, and for lines that begin with a date and a time."""
    if not any(_NAMES.match(line) for line in lines):
        return Likeness(0.0, "no #Fields line names IIS's columns")
    fits = sum(bool(_LINE.match(line)) for line in lines)
    return Likeness(fits / len(lines), f"{fits} of {len(lines)} lines begin with date and time, and #Fields names IIS's columns")


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Find each line's cells by the names in its head line."""
    text = lines.line.rstrip().replace("  ", " ")
    cut = lines.mutate(
        is_head=lines.line.startswith("#"),
        names=lines["head"].split(DATED)[0].replace(f"{_HEAD} ", "").rstrip().split(" "),
        dated=lines["head"].split(DATED)[1],
        cells=text.split(" "),
    )
    cell = by_name(cut.names, cut.cells)
    cut = cut.mutate(stem=cell("cs-uri-stem"), query=cell("cs-uri-query"), port=cell("s-port"))
    has_date = cut.names.contains("date")
    at = ibis.ifelse(has_date, parsed(cell("date").concat(" ", cell("time")), _STAMP), _behind(cut.dated, cell("time")))
    state = _state(cut.query)
    is_inner = ibis.coalesce(cut.port.isin(_BACK_END_PORTS), cell("s-sitename") == _BACK_END_SITE, False)
    is_behind = is_inner | cut.stem.contains("/Proxy/").fill_null(False)
    return cut.select(
        "line",
        "row",
        at=ibis.ifelse(cut.is_head, ibis.null("timestamp"), at),
        fault=ibis.cases(
            (cut.is_head, ibis.null("string")),
            (cut["head"].isnull(), "no #Fields line before it"),
            (~has_date & cut.dated.isnull(), "no date column, and no #Date line before it"),
            (cut.names.length() != cut.cells.length(), "not as many cells as #Fields names"),
            (at.isnull(), "no time stamp"),
        ),
        aside=ibis.cases(
            (cut.is_head, "header"),
            (cell("c-ip") == "::1", "health probe"),
        ),
        behind=ibis.ifelse(is_behind, ibis.coalesce(state, REPEATED), ibis.null("string")),
        user=cell("cs-username"),
        method=cell("cs-method"),
        target=ibis.ifelse(cut.stem.lower().contains("ync"), cut.stem.concat("?", _without_tail(cut.query)), cut.stem),
        status=ibis.ifelse(~is_behind & (state == REFUSED).fill_null(False), _FORBIDDEN, cell("sc-status")),
        refused=cell("sc-win32-status").isin(_REFUSALS),
        user_agent=cell("cs(User-Agent)"),
    )


def _behind(dated: ir.StringValue, time: ir.StringValue) -> ir.TimestampValue:
    """Give a time without a day that of the latest ``#Date:`` line, or the next one, where it has gone past midnight since."""
    begun = parsed(dated.re_extract(r"^#Date: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", 1), _STAMP)
    at = parsed(dated.re_extract(r"^#Date: (\d{4}-\d\d-\d\d) ", 1).concat(" ", time), _STAMP)
    return ibis.ifelse(at < begun - ibis.interval(hours=_BEFORE_ITS_DATE), at + ibis.interval(days=1), at)


_STAMP: Final = "%Y-%m-%d %H:%M:%S"

_BEFORE_ITS_DATE: Final = 1
"""Hours that lines may be older than the ``#Date:`` before them: IIS writes them from memory, a while after the requests."""


def _state(query: ir.StringValue) -> ir.StringValue:
    """Return whether Exchange says that its rules gave the device something (``PASSED``) or nothing (``REFUSED``), else null."""
    said = ibis.ifelse(query.contains("_As:"), query.re_extract("_As:(Allowed|Blocked|Quarantined)", 1), "")
    return ibis.cases((said == "Allowed", PASSED), (said.isin(("Blocked", "Quarantined")), REFUSED))


def _without_tail(query: ir.StringValue) -> ir.StringValue:
    """Cut off what Exchange adds to a query, for it differs from line to line, unless the device stands behind it."""
    cut = query.split("&CorrelationID=")[0].split("&Log=")[0].split("&cafeReqId=")[0]
    return ibis.ifelse(cut.contains("eviceId=") | ~query.contains("eviceId="), cut, query)


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct request is."""
    asked = web_meaning(found.mutate(user_agent=found.user_agent.replace("+", " ")))
    said = signed_in_here(asked.mutate(asked=asked.action))
    fits = (said.behind == REPEATED) | (said.protocol == "activesync").fill_null(False)
    tells = said.behind.notnull() & (said.outcome == "success") & fits
    return said.mutate(
        ignored=ibis.ifelse(said.behind.notnull() & ~tells, BACK_END, said.ignored),
        action=ibis.ifelse(tells, said.behind + said.asked, said.action),
    )


def packed(found: ir.Table) -> ir.StringValue:
    """Return the packed ActiveSync queries."""
    return packed_query(found.target)


READER = Reader(
    id="iis",
    title="IIS access log, W3C format (Exchange)",
    clock=Clock.UTC,
    doors=("activesync", "webmail", "ews", "mapi", "rest", "caldav", "carddav"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    head=(_HEAD,),
    dated="#Date:",
    packed=packed,
    behind=("combined",),
    beside=("decisions",),
    by_day=True,
)
