r"""Access logs of nginx and Apache in the combined or common format, with or without the virtual host in front.

``ip ident user [dd/Mon/yyyy:HH:MM:SS +zzzz] "request" status bytes "referer" "agent"``. nginx writes a quote inside a value
as ``\x22``, Apache as ``\"``; the second column may be missing; a user's name may contain blanks.
"""

from __future__ import annotations

import re

import ibis
import ibis.expr.types as ir

from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.time import parsed
from phaseout.reading.web import method_of, packed_query, target_of, web_meaning

_LINE = re.compile(
    r'^(?:\S+:\d+ )?\S+ .*\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)'
)
_PARTS_WITHOUT_REFERER = 5  # head, request, status, agent, rest: a custom format that leaves the referer out
_PARTS = 7  # of a combined line cut at its quotes: head, request, status, referer, blank, agent, rest


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the bracketed stamp, the quoted request and the status."""
    fits = sum(bool(_LINE.match(line)) for line in lines)
    return Likeness(fits / len(lines) if lines else 0.0, f'{fits} of {len(lines)} lines read "[time] "request" status bytes"')


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Cut each line at its quotes."""
    cut = lines.mutate(parts=lines.line.split('"'))
    escaped = (cut.parts.length() > _PARTS) & cut.line.contains('\\"')
    cut = cut.mutate(parts=ibis.ifelse(escaped, cut.line.replace('\\"', "\\x22").split('"'), cut.parts))
    cut = cut.mutate(before=cut.parts[0])
    cut = cut.mutate(words=cut.before.split(" "))
    at = parsed(cut.before.split("[")[1], "%d/%b/%Y:%H:%M:%S %z] ")
    return cut.select(
        "line",
        "row",
        at=at,
        fault=ibis.cases(
            (cut.parts.length() < 3, "no quoted request"),  # noqa: PLR2004 - head, request, rest
            (at.isnull(), "no time stamp"),
            else_=ibis.null("string"),
        ),
        user=ibis.ifelse(
            cut.words[3].startswith("["),
            cut.words[2],
            cut.before.re_extract(r"^(?:\S+:\d+ )?\S+ (?:\S+ )??(\S.*) \[[^\[]*$", 1),
        ),
        request=cut.parts[1],
        status=cut.parts[2].split(" ")[1],
        user_agent=ibis.ifelse(cut.parts.length() == _PARTS_WITHOUT_REFERER, cut.parts[3], cut.parts[5]),
    )


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct request is."""
    return web_meaning(found.mutate(method=method_of(found.request), target=target_of(found.request)))


def packed(found: ir.Table) -> ir.StringValue:
    """Return the packed ActiveSync queries."""
    return packed_query(target_of(found.request))


READER = Reader(
    id="combined",
    title="nginx and Apache access log (combined, common, with virtual host)",
    clock=Clock.OFFSET,
    doors=("activesync", "webmail", "ews", "mapi", "caldav", "carddav", "rest"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    packed=packed,
)
