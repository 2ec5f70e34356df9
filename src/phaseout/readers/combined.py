r"""Access logs of nginx and Apache in the combined or common format, with or without the virtual host in front.

``ip ident user [dd/Mon/yyyy:HH:MM:SS +zzzz] "request" status bytes "referer" "agent"``. nginx writes a quote inside a value
as ``\x22``, Apache as ``\"``; the second column may be missing; a user's name may contain blanks. Of what stands right behind
the agent, `` gate=block`` and `` gate=quarantine`` are read: so ``deploy/nginx`` writes down that the gate has refused a request,
for in ActiveSync a refusal has the status 200. In a format without the referer the agent is the second quoted text. HAProxy's
lines have no offset from UTC and no agent: they are rejected for want of a time stamp.
"""

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import Final

from phaseout.reading.functions import function
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.shape import Shape, Shortened
from phaseout.reading.syslog import all_without_head, without_container, without_head
from phaseout.reading.time import parsed
from phaseout.reading.web import method_of, packed_query, plain_value, target_of, web_meaning

_LINE: Final = re.compile(
    r'^(?:[^\s:]+:\d+ )?\S+ .*\[\d{2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)'
)
_STAMP: Final = "[%d/%b/%Y:%H:%M:%S %z] "
_STAMP_LENGTH: Final = 29  # of ``[20/Nov/2026:08:01:05 +0300] ``
_OFFSET: Final = r"^[+-](?:0\d|1[0-5])[0-5]\d\] $"
"""No zone is sixteen hours away from UTC; engines would take ``+9900`` as it stands."""
_OFFSET_LENGTH: Final = 7

_STATUS: Final = r"^ (?:\d{3}|-)(?:\s|$)"
"""What stands behind the request; Apache writes a hyphen where it gave no answer."""

_USER: Final = r"^(?:[^\s:]+:\d+ )?\S+ (?:\S+ )?(?:- )?(\S.*) \[[^\[]*$"
"""Virtual host, address, second column, user: the first and the third may be missing, the user may contain blanks. One word may
stand before the address, such as the stamp of ``docker logs -t``; then the second column is its hyphen."""

_COLUMN: Final = " - "
"""The second column, which is in nobody's name: something unknown stands before the line."""

_PROXIES: Final = r"^((?:[^\s:,]+:\d+ )?)(?:(?:\[?[0-9A-Fa-f.:]+\]?(?::\d+)?|unknown|-), )+"
"""Further addresses, where the first column is what proxies have told of it, behind the virtual host; the last one's is left."""

_SHIFTED: Final = r"^\S+ \S+ (?:\S+ )*?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f.:]*) "
"""An address where the second column or the name would be: something unknown stands before the line."""

_TELLING: Final = ("ync", "YNC", "_task=", "ending", "/&q")
"""Only queries of requests that hold one of these tell anything; all others differ from line to line for nothing: ActiveSync's
(in any spelling of it), Roundcube's part, what an open page asks, and where RainLoop's page is asked for all it has."""

_GATE: Final = " gate="
"""What deploy/nginx writes behind the agent, and then what the gate told it."""

_FORBIDDEN: Final = "403"
"""What a request had that the gate refused, whatever its protocol made of it."""

_PARTS: Final = 7  # of a combined line cut at its quotes: head, request, status, referer, blank, agent, rest
_PARTS_WITHOUT_REFERER: Final = 5  # head, request, status, agent, rest: a custom format that leaves the referer out


@function("substr", "string", "int64", gives="string")
def substr(text: ir.StringValue, start: int) -> ir.StringValue:
    """Return the end of a text from a place counted from behind; engines find it twice as fast as ``right``."""


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the bracketed stamp, the quoted request and the status."""
    fits = sum(bool(_LINE.match(line)) for line in all_without_head(lines))
    return Likeness(fits / len(lines) if lines else 0.0, f'{fits} of {len(lines)} lines read "[time] "request" status bytes"')


def rows(lines: ir.Table, _: Setting) -> ir.Table:
    """Cut each line at its quotes."""
    cut = lines.mutate(bare=without_container(lines.line))
    # What RFC 5424 lets servers tell of a message has quotes, too.
    cut = cut.mutate(bare=ibis.ifelse(cut.bare.startswith("<"), without_head(cut.bare), cut.bare))
    cut = cut.mutate(parts=cut.bare.split('"'))
    escaped = cut.bare.replace("\\\\", "\\x5c").replace('\\"', "\\x22")
    # Only a line with more quotes than its form has can have one that is escaped.
    again = (cut.parts.length() > _PARTS) & cut.bare.contains('\\"')
    cut = cut.mutate(parts=ibis.ifelse(again, escaped.split('"'), cut.parts))
    cut = cut.mutate(before=without_head(cut.parts[0]).re_replace(_PROXIES, r"\1"), asked=cut.parts[1])
    fits = substr(cut.before, -_OFFSET_LENGTH).re_search(_OFFSET)
    at = ibis.ifelse(fits, parsed(substr(cut.before, -_STAMP_LENGTH), _STAMP), ibis.null("timestamp"))
    cut = cut.mutate(words=cut.before.split(" "), at=at)
    user = ibis.cases(
        (cut.words[3].startswith("["), cut.words[2]),
        ((cut.words[2] == "-") & (cut.words[1] != "-") & cut.words[4].startswith("["), cut.words[3]),
        else_=cut.before.re_extract(_USER, 1),
    )
    cut = cut.mutate(user=user)
    tells = reduce(or_, (cut.asked.contains(mark) for mark in _TELLING))
    short = cut.parts.length() == _PARTS_WITHOUT_REFERER
    return cut.select(
        "line",
        "row",
        "at",
        fault=ibis.cases(
            (cut.parts.length() < 3, "no quoted request"),  # noqa: PLR2004 - head, request, rest
            (cut["at"].isnull(), "no time stamp"),
            (cut.before.re_search(_SHIFTED) | cut.user.contains(_COLUMN), "something before the address"),
            (~cut.parts[2].re_search(_STATUS), "no status"),
        ),
        user="user",
        request=ibis.ifelse(tells, cut.asked, cut.asked.split("?")[0]),
        status=ibis.ifelse(_refused(ibis.ifelse(short, cut.parts[4], cut.parts[6])), _FORBIDDEN, cut.parts[2].substr(1, 3)),
        user_agent=ibis.ifelse(short, cut.parts[3], cut.parts[5]),
    )


def _refused(behind: ir.StringValue) -> ir.BooleanValue:
    """Whether the gate has refused a request, as deploy/nginx writes it behind the agent; null where nothing stands there."""
    return behind.startswith(_GATE) & behind.re_search(rf"^{_GATE}(?:block|quarantine)(?:\s|$)")


def meaning(found: ir.Table) -> ir.Table:
    r"""Say what each distinct request is.

    What servers escape in a user's name is what it stands for: nginx writes ``CORP\x5Canna``, Apache ``CORP\\anna``.
    """
    encoded = found.user.replace("\\\\", "%5C").re_replace(r"\\x([0-9A-Fa-f]{2})", r"%\1")
    user = ibis.ifelse(found.user.contains("\\"), plain_value(encoded), found.user)
    return web_meaning(found.mutate(user=user, method=method_of(found.request), target=target_of(found.request)))


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
    beside=("iis", "httpproxy", "zimbra", "decisions"),
    shape=Shape(
        '{} {} {user} [{at:clf}] "{request}" {status:3} {} "{}" "{user_agent}"',
        never='"',
        shortened={"request": Shortened("?", unless=_TELLING)},
        beyond=_GATE,
    ),
)
