"""Dovecot's log, from syslog or its own file, of versions 2.2 to 2.4.

One login is one access, by the line of the login service: ``imap-login: Login: user=<anna>, method=PLAIN, rip=…, session=<S>``
(``Logged in:`` from 2.4 on). What the client says of itself stands in other lines, ``ID sent: name=iPhone Mail, …``: before the
login without a user, after it behind ``imap(anna)<pid><S>:``; both are joined to the login by the session. A sign-in that failed
is told by several lines; the one that counts is the login service's last one, ``Disconnected … (auth failed, 1 attempts …)``.

iOS often says its ID only on the first of several connections. A login without one takes over the ID of the same user at the same
address in the same file on the same day, when that is exactly one; it is then written ``carried: name=…`` and proves little.
Addresses of the mail server itself (webmail) take nothing over.

Stamps are the server's local time, except where they carry an offset. The name of a container, which ``docker compose logs``
writes before each line, is passed over.
"""

from __future__ import annotations

import re
from typing import Final

from phaseout.model.clue import CARRIED
from phaseout.reading.iso_time import ISO_STAMP
from phaseout.reading.leak import copied
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import Clock, Likeness, Reader, Setting
from phaseout.reading.source import PLACE_BITS
from phaseout.reading.syslog import SYSLOG_STAMP, all_without_container, no_instant, syslog_day, syslog_instant, without_container

_LEVEL: Final = r"(?:(?:Debug|Info|Warning|Error|Fatal|Panic): )?"
_STAMP: Final = rf"(?:{ISO_STAMP}|{SYSLOG_STAMP})"
_LATE_STAMP: Final = rf"^.{{1,100}}?\b{_STAMP}"
_LOGIN_SERVICE: Final = r"(?:imap|pop3|submission|managesieve)-login"
_HEAD: Final = (
    rf"^(?:<\d{{1,3}}>1? ?)?(?:dovecot: )?{_STAMP}:? (?:\S+ dovecot[\w.-]*(?:\[\d+\]:| \S+ \S+ \S+|:) )?{_LEVEL}"
    rf"(?:{_LOGIN_SERVICE}(?:\([^)]*\))?(?:<[^>]*>)*: {_LEVEL})?"
)
"""Priority, stamp, host, program, level; and the login service's name, where it speaks."""

_AFTER: Final = ("imap", "pop3", "submission", "managesieve", "service")
_DELIVERY: Final = ("lmtp", "lda", "deliver")
_CHECK: Final = ("auth", "auth-worker")
_OTHERS: Final = (
    "master", "anvil", "log", "stats", "config", "ssl-params", "indexer", "indexer-worker", "doveadm", "director", "replicator",
    "aggregator", "dict", "dict-async", "old-stats", "imap-hibernate", "imap-urlauth", "imap-urlauth-login",
    "imap-urlauth-worker", "health-check", "quota-status", "script", "ipc", "dns-client", "fts",
)  # fmt: skip
"""Processes by what they do: the sessions', the delivery's, those that check passwords, and the server's own."""

_REFUSED: Final = r"^(?:Disconnected|Aborted login|Login aborted|Maximum number of connections)"
_FORWARDED: Final = r"(?i)(?:^|, )x-(?:session|originating|connected|proxy|forward)-[\w-]+=[^,]*"
"""What webmail and proxies add of the connection behind them; it says nothing of the device."""

_OURS: Final = ("127.0.0.1", "::1")
_NEIGHBOURS: Final = re.compile(r"\b(?:postfix|opendkim|opendmarc|amavis|rspamd|spamd|clamd|postgrey|policyd)\b")
_PROCESS: Final = re.compile(
    rf"{_HEAD}(?:(?<=: )(?:Login|Logged in|ID sent|Disconnected|Aborted|Maximum)\b"
    rf"|(?i:{'|'.join((*_AFTER, *_DELIVERY, *_CHECK, *_OTHERS))})[(<:=])"
)


def detect(lines: tuple[str, ...]) -> Likeness:
    """Look for the names of Dovecot's processes; Postfix and its filters may stand between."""
    looked = [line for line in all_without_container(lines) if not _NEIGHBOURS.search(line)]
    fits = sum(bool(_PROCESS.match(line)) for line in looked)
    share = fits / len(looked) if looked else 0.0
    return Likeness(share, f"{fits} of {len(looked)} lines name a process of Dovecot's, those of Postfix and filters left out")


def rows(lines: ir.Table, setting: Setting) -> ir.Table:
    """Cut each line at its process's name, and join each login with its session's ID."""
    cut = _cut(lines, setting)
    return _carried(_joined(_fielded(cut)))


def _cut(lines: ir.Table, setting: Setting) -> ir.Table:
    """Give the stamp, the text after the head, and what the line is by its process."""
    cut = lines.mutate(bare=without_container(lines.line))
    cut = cut.mutate(head=cut.bare.re_extract(_HEAD, 0))
    head = cut["head"]
    cut = cut.mutate(
        stamp=ibis.ifelse(cut.bare.re_search(r"^\d"), head.re_extract(rf"^{ISO_STAMP}", 0), head.re_extract(_STAMP, 0)),
        said=cut.bare.substr(head.length()),
        process=ibis.ifelse(head.contains("-login"), head.re_extract(r"(\w+)-login", 1), ""),
    )
    name = ibis.ifelse(cut.process == "", cut.said.re_extract(r"^([A-Za-z0-9-]+)[(<:=]", 1).lower(), "")
    cut = cut.mutate(at=syslog_instant(cut.stamp, setting), timeless=no_instant(cut.stamp, setting), name=name)
    kind = ibis.cases(
        (cut["at"].isnull(), ibis.null("string")),
        (cut.process == "managesieve", "mail filters, no mail"),
        (cut.process != "", _kind_by_login_service(cut.said)),
        (cut.name.isin(_AFTER), ibis.ifelse(cut.said.contains(": ID sent: "), "id", "after the login")),
        (cut.name.isin(_CHECK), "the check of a password"),
        (cut.name.isin(_DELIVERY), "delivery"),
        (cut.name.isin(_OTHERS), "the server's own"),
        else_="another program",
    )
    return cut.mutate(kind=kind)


def _kind_by_login_service(said: ir.StringValue) -> ir.StringValue:
    """Say what a line of a login service is."""
    return ibis.cases(
        (said.startswith("Login: ") | said.startswith("Logged in: "), "login"),
        (said.startswith("ID sent: "), "id"),
        (said.re_search(_REFUSED), ibis.ifelse(said.re_search(r": user=<[^>]"), "refused", "left before signing in")),
        (said.contains("tarted proxying to") | said.startswith("proxy("), "passed on to another server"),
        else_="the login service's own",
    )


def _fielded(cut: ir.Table) -> ir.Table:
    """Give user, session, ID text, and the two keys of the joins."""
    none = ibis.null("string")
    signs = cut.kind.isin(("login", "refused"))
    user = ibis.ifelse(signs, cut.said.re_extract(r": user=<([^>]*)>", 1).nullif(""), none)
    # An ID holds what the client likes, so the session is what stands behind it, at the very end.
    session = ibis.cases(
        (signs, cut.said.re_extract(r", session=<([^>]*)>", 1)),
        (cut.process == "", cut.said.re_extract(r"^[^:]*<([^<>]+)>: (?:Info: )?ID sent: ", 1)),
        else_=cut.said.re_extract(r".*, session=<([^>]*)>", 1),
    )
    logged = ibis.ifelse(
        cut.process == "", cut.said.re_extract(r"ID sent: (.*)", 1), cut.said.re_extract(r"ID sent: (.*): user=<", 1)
    )
    own = logged.re_replace(_FORWARDED, "").re_replace("^, ", "").strip()
    address = cut.said.re_extract(r", rip=([^,\s]+)", 1)
    cut = cut.mutate(
        user=user,
        session=ibis.ifelse(signs | (cut.kind == "id"), session.nullif(""), none),
        own_id=ibis.ifelse(cut.kind == "id", own.nullif(""), none),
        address=ibis.ifelse(cut.kind == "login", address.nullif(""), none),
        day=syslog_day(cut.stamp),
    )
    fault = ibis.cases(
        (cut["at"].isnull() & (cut.stamp == "") & cut.bare.re_search(_LATE_STAMP), "something before the time stamp"),
        (cut["at"].isnull(), cut.timeless),
        ((cut.kind == "login") & cut.user.isnull() & ~cut.said.contains(": user=<>"), "a login without a user"),
        else_=none,
    )
    file = (cut.row >> PLACE_BITS).cast("string")
    by_session = ibis.ifelse(cut.session.isnull(), cut.row, (cut.session + " " + file).hash())
    place = cut.user + " " + cut.address + " " + cut.day + " " + file
    by_place = ibis.ifelse(place.isnull() | cut.address.isin(_OURS) | (cut.process != "imap"), cut.row, place.hash())
    # What the joins have to hold in memory is kept small: of lines that can be read, the text is not needed any more.
    return cut.select(
        "row", "at", "kind", "process", "user", "own_id", by_session=by_session, by_place=by_place,
        has_session=cut.session.notnull(), fault=fault, line=copied(cut.line, fault),
    )  # fmt: skip


def _joined(cut: ir.Table) -> ir.Table:
    """Put each session's ID to its login; of several the last by the alphabet, so that the order of lines plays no part."""
    session = ibis.window(group_by="by_session")
    return cut.mutate(
        session_id=ibis.ifelse(cut.user.notnull(), cut.own_id.max().over(session), ibis.null("string")),
        kind=ibis.cases(
            (cut.kind != "id", cut.kind),
            (~cut.has_session, "an ID that names no session"),
            (cut.user.notnull().any().over(session), "joined to its login"),
            else_="an ID whose login is not in this file",
        ),
    )


def _carried(joined: ir.Table) -> ir.Table:
    """Put to each login without an ID the only one that the same user sent from the same address on that day."""
    place = ibis.window(group_by="by_place")
    known = joined.session_id.max().over(place)
    only = ibis.ifelse(joined.session_id.min().over(place) == known, known, ibis.null("string"))
    is_bare = (joined.kind == "login") & (joined.process == "imap") & joined.session_id.isnull()
    return joined.select(
        "line", "row", "at", "fault", "kind", "process", "user",
        imap_id=ibis.ifelse(is_bare, ibis.literal(CARRIED) + only, joined.session_id),
    )  # fmt: skip


def meaning(found: ir.Table) -> ir.Table:
    """Say what each distinct line is."""
    is_access = found.kind.isin(("login", "refused"))
    own = ibis.ifelse(found.imap_id.startswith(CARRIED), ibis.null("string"), found.imap_id)
    return found.mutate(
        ignored=ibis.ifelse(is_access, ibis.null("string"), found.kind),
        login=found.user,
        service=ibis.literal("mail"),
        protocol=ibis.cases((found.process == "submission", "smtp"), else_=found.process),
        action=ibis.literal("use"),
        outcome=ibis.ifelse(found.kind == "refused", "failure", "success"),
        # Android's AGUID is a digest of the device's id and the account.
        device_id=own.re_extract(r"(?:^|, )AGUID=([^,]+)", 1).nullif(""),
    )


READER = Reader(
    id="dovecot",
    title="Dovecot log (syslog or own file)",
    clock=Clock.LOCAL,
    yearless=True,
    may_be_zoned=True,
    doors=("imap", "pop3", "smtp"),
    detect=detect,
    rows=rows,
    meaning=meaning,
    beside=("decisions",),
)
