"""Z-Push's log (ActiveSync for groupware servers), versions 2.2 to 2.7.

``05/08/2026 11:13:31 [13624] [ INFO] [anna] cmd='Sync' … devType='iPhone' devId='…' getUser='anna' … httpcode='200'``; the
order of the keys changed between 2.2 (``Version='…' method='…' from='…' cmd='…'``) and 2.6. From 2.3 on each request is told
twice, when it begins and when it ends, with its ``httpcode``: the end counts. 2.2 tells only the beginning, before a password is
checked: whom it names is a claim. Stamps are the server's local time. Headers stand only in the debug lines, and with them the
passwords; those lines are never read further.
"""

from __future__ import annotations

import re
from typing import Final

from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.time import parsed, utc_from_local
from phaseout.reading.web import activesync_action, failed

_LINE: Final = re.compile(r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \[ *\d+\] \[ *[A-Z]+ *\] ")
_STAMP_LENGTH: Final = 19  # of ``05/08/2026 11:13:31``
_SHAPE: Final = r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \[ *\d+\] \[ *[A-Z]+ *\] "
_REST: Final = r"^(?:[\s()]|Array|\[[\w-]+\] =>|$)"
"""What begins the second and further lines of a message that a debug line prints."""
_GOES_ON: Final = re.compile(_REST).match


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the stamp with slashes, the process and the level."""
    looked = [line for line in lines if not _GOES_ON(line)]
    fits = sum(bool(_LINE.match(line)) for line in looked)
    share = fits / len(looked) if looked else 0.0
    return Likeness(share, f"{fits} of {len(looked)} lines that begin a message read dd/mm/yyyy time [process] [level]")


def rows(lines: ir.Table, setting: Setting) -> ir.Table:
    """Take the keys out of the lines that tell of requests."""
    zone, year = setting.needed_zone, setting.last_year
    local = parsed(lines.line.substr(0, _STAMP_LENGTH), "%d/%m/%Y %H:%M:%S")
    cut = lines.mutate(
        local=local,
        is_ours=lines.line.re_search(_SHAPE),
        request=ibis.ifelse(
            lines.line.contains(" cmd='") & lines.line.contains(" devType='") | lines.line.contains("] cmd='"),
            lines.line,
            ibis.null("string"),
        ),
    )
    told = {name: cut.request.re_extract(rf"[ \]]{key}='([^']*)'", 1).nullif("") for name, key in _KEYS.items()}
    return cut.select(
        "line",
        "row",
        at=utc_from_local(cut.local, zone, year),
        fault=ibis.cases(
            (cut.is_ours & cut.local.isnull(), "no time stamp"),
            (~cut.is_ours & ~cut.line.re_search(_REST), "not a line of Z-Push's"),
        ),
        aside=ibis.cases(
            (~cut.is_ours, "continued message"),
            (cut.request.isnull(), "not a request"),
            (cut.request.re_search(r" version='") & ~cut.request.contains(" httpcode='"), "start of a request"),
        ),
        user=cut.request.re_extract(rf"{_SHAPE}\[([^\]]*)\] ", 1).nullif(""),
        **told,
    )


_KEYS: Final = {"command": "cmd", "activesync": "devType", "device_id": "devId", "named": "getUser", "status": "httpcode"}
"""Which column each key becomes. Not kept: ``from``, ``time``, ``memory``, ``idle``."""


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct request is."""
    login = ibis.coalesce(found.user, found.named)
    asked = activesync_action(found.command)
    return found.mutate(
        login=login,
        ignored=ibis.cases((found.aside.notnull(), found.aside), (login.isnull(), "nobody signed in")),
        service=ibis.literal("mail"),
        protocol=ibis.literal("activesync"),
        action=ibis.ifelse(found.status.isnull() & (asked == "use"), "claim", asked),
        outcome=ibis.ifelse(found.status.notnull() & failed(found.status), "failure", "success"),
    )


READER = Reader(
    id="zpush",
    title="Z-Push",
    clock=Clock.LOCAL,
    doors=("activesync",),
    detect=detect,
    rows=rows,
    meaning=meaning,
    behind=("combined",),
    beside=("decisions",),
    beforehand=True,
)
