"""Exchange's HttpProxy logs: one row a request of ActiveSync, OWA, EWS, MAPI or autodiscover, with user, agent and real client.

Comma-separated values, some seventy columns, whose names stand in ``#Fields:`` or in a first line of their own; they differ
between versions of Exchange. Stamps are UTC. Commas inside values are blanks where Exchange replaces them, and stand in quotes
where it doesn't. What each row shows also stands in IIS's log of the same server.
"""

from __future__ import annotations

import re
from typing import Final

from phaseout.reading.cells import by_name, comma_cells, unquoted
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.time import parsed
from phaseout.reading.web import packed_query, signed_in_here, web_meaning

_HEADS: Final = ("#Fields:", "DateTime,")
_NAMES: Final = re.compile(r"(?:#Fields: ?)?DateTime,.*\bUrlStem,")
_LINE: Final = re.compile(
    r'"?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"?,[^,]*,\d+,|(?:#Fields: ?)?DateTime,|#(?:Software|Version|Log-type|Date):'
)


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the names of HttpProxy's columns, and for rows that begin with a stamp in UTC."""
    if not any(_NAMES.match(line) for line in lines):
        return Likeness(0.0, "no line names HttpProxy's columns")
    fits = sum(bool(_LINE.match(line)) for line in lines)
    return Likeness(fits / len(lines), f"{fits} of {len(lines)} lines begin with a UTC stamp, and HttpProxy's columns are named")


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Find each line's cells by the names in its head line."""
    cut = lines.mutate(
        is_head=lines.line.startswith("#") | lines.line.startswith("DateTime,"),
        names=lines["head"].re_replace("^#Fields: ?", "").rstrip().split(","),
        cells=comma_cells(lines.line.rstrip()),
    )
    cell = by_name(cut.names, cut.cells)
    stem, stamp = cell("UrlStem"), unquoted(cell("DateTime")).substr(0, 19)
    at = parsed(stamp, "%Y-%m-%dT%H:%M:%S")
    return cut.select(
        "line",
        "row",
        at=ibis.ifelse(cut.is_head, ibis.null("timestamp"), at),
        fault=ibis.cases(
            (cut.is_head, ibis.null("string")),
            (cut["head"].isnull(), "no line before it names the columns"),
            (at.isnull(), "no time stamp"),
            (cut.cells.length() < cut.names.length(), "fewer cells than the head line names"),
        ),
        aside=ibis.cases((cut.is_head, "header"), (cell("ClientIpAddress") == "::1", "health probe")),
        user=cell("AuthenticatedUser"),
        method=cell("Method"),
        stem=stem,
        query=ibis.ifelse(stem.lower().contains("ync"), cell("UrlQuery"), ""),
        status=cell("HttpStatus"),
        agent=cell("UserAgent"),
    )


def _target(found: ir.Table) -> ir.StringValue:
    query = unquoted(found["query"])
    return unquoted(found.stem).concat(ibis.ifelse((query == "") | query.startswith("?"), query, ibis.literal("?").concat(query)))


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct request is."""
    said = web_meaning(
        found.mutate(
            user=unquoted(found.user),
            target=_target(found),
            user_agent=unquoted(found.agent).replace("(KHTML  like Gecko)", "(KHTML, like Gecko)"),
        )
    )
    return signed_in_here(said)


def packed(found: ir.Table) -> ir.StringValue:
    """Return the packed ActiveSync queries."""
    return packed_query(_target(found))


READER = Reader(
    id="httpproxy",
    title="Exchange HttpProxy log (CSV)",
    clock=Clock.UTC,
    doors=("activesync", "webmail", "ews", "mapi", "rest"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    head=_HEADS,
    packed=packed,
    behind=("combined", "iis"),
    beside=("decisions",),
)
