"""SOGo's log, its own file or from syslog: ActiveSync, CalDAV, CardDAV and the web client. It has no agents.

``Nov 22 04:15:20 sogod [7438]: 127.0.0.1 "POST /SOGo/… HTTP/1.1" 200 595/13 5.488 - - 3M - 15``; the address may be
``client, proxy``. Who it is stands in the query or in the path; sign-ins to the web client are told in sentences. Stamps are the
server's local time without a year, or carry an offset where syslog writes them so. Containers often write none: such lines can't
be placed in time, unless ``docker compose logs -t`` has written its own before them. The web server in front of SOGo shows the
same requests, with agents.
"""

from __future__ import annotations

import re
from typing import Final

from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.syslog import SYSLOG_STAMP, all_without_container, no_instant, syslog_instant, without_container
from phaseout.reading.web import method_of, packed_query, target_of, web_meaning

_LINE: Final = re.compile(rf"^(?:<\d{{1,3}}>)?(?:{SYSLOG_STAMP}|\d{{4}}-\d\d-\d\dT\S+)? ?(?:\S+ )?(?:sogod ?)?\[ *\d+\]: ")
_NAMED: Final = re.compile(r"\bsogod\b|/SOGo/|\bSOGo")
_STAMP: Final = rf"^(?:<\d{{1,3}}>)?({SYSLOG_STAMP}|\d{{4}}-\d\d-\d\dT\S+) "
_PROCESS: Final = r"\[ *\d+\]: "


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for lines of the process sogod, or for its requests where the process has no name."""
    fits = sum(bool(_LINE.match(line) and _NAMED.search(line)) for line in all_without_container(lines))
    return Likeness(fits / len(lines) if lines else 0.0, f"{fits} of {len(lines)} lines are sogod's")


def rows(lines: ir.Table, setting: Setting) -> ir.Table:
    """Cut each line at its quotes, and read the sentences about sign-ins."""
    cut = lines.mutate(
        stamp=without_container(lines.line).re_extract(_STAMP, 1),
        parts=lines.line.split('"'),
        sentence=ibis.ifelse(lines.line.contains("ogin from '"), lines.line, ibis.literal("")),
        is_ours=lines.line.re_search(_PROCESS),
    )
    cut = cut.mutate(at=syslog_instant(cut.stamp, setting), request=cut.parts[1], after=cut.parts[2])
    is_request = cut.request.re_search(r"^[A-Z]+ \S+ HTTP/") & cut.after.re_search(r"^ \d{3} ")
    return cut.select(
        "line",
        "row",
        at=cut["at"],
        fault=ibis.cases(
            (~cut.is_ours, "not a line of sogod's"),
            (cut.stamp == "", "no date in the line"),
            (cut["at"].isnull(), no_instant(cut.stamp, setting)),
        ),
        request=ibis.ifelse(is_request, cut.request, ibis.null("string")),
        status=ibis.ifelse(is_request, cut.after.substr(1, 3), ibis.null("string")),
        failed_sign_in=ibis.ifelse(cut.sentence != "", cut.sentence.contains("might not have worked"), ibis.null("boolean")),
        who=ibis.ifelse(cut.sentence != "", cut.sentence.re_extract(r"for user '([^']*)'", 1), ibis.null("string")),
    )


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct request or sign-in is."""
    said = web_meaning(
        found.mutate(
            user=ibis.null("string"),
            method=method_of(found.request),
            target=target_of(found.request),
            user_agent=ibis.null("string"),
            aside=ibis.ifelse(found.request.isnull(), "not a request", ibis.null("string")),
        )
    )
    signs_in = said.who.notnull() & (said.who != "")
    return said.mutate(
        ignored=ibis.ifelse(signs_in, ibis.null("string"), said.ignored),
        login=ibis.ifelse(signs_in, said.who, said.login),
        service=ibis.ifelse(signs_in, "mail", said.service),
        protocol=ibis.ifelse(signs_in, "webmail", said.protocol),
        action=ibis.ifelse(signs_in, "use", said.action),
        outcome=ibis.cases((signs_in & said.failed_sign_in, "failure"), (signs_in, "success"), else_=said.outcome),
    )


def packed(found: ir.Table) -> ir.StringValue:
    """Return the packed ActiveSync queries."""
    return packed_query(target_of(found.request))


READER = Reader(
    id="sogo",
    title="SOGo (own log or syslog)",
    clock=Clock.LOCAL,
    yearless=True,
    may_be_zoned=True,
    doors=("activesync", "webmail", "caldav", "carddav"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    packed=packed,
    behind=("combined",),
    beside=("decisions",),
)
