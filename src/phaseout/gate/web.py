"""What a web server asks for: the facts of a request to webmail, ActiveSync, calendars or address books."""

from __future__ import annotations

import re
from functools import lru_cache
from posixpath import normpath
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from phaseout.devices.activesync_query import ActiveSyncQuery, parse_query
from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, SERVICE_OF, SOGO, SOGO_DOORS, Asked
from phaseout.gate.caller import NoQuestionError
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer
from phaseout.gate.operation import Parameter, Reply
from phaseout.model.access import DOORS, Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.effect import Effect

PRESENCE: Final = frozenset({"Ping"})
"""ActiveSync commands that only keep a connection open."""

SET_UP: Final = frozenset({"FolderSync", "Provision", "Settings", "OPTIONS"})
"""Commands by which a device sets itself up; all others are use. The batch counts them the same way."""

_OWNER: Final = re.compile(r"/[^/]+/((?:(?:SOGo(?:\.woa)?|so|dav)/)*+)([^/]+)/", re.IGNORECASE)
"""SOGo's paths name whose mailbox is open, which its web client's requests (``so``) tell nowhere else. SOGo takes whatever stands
first for its own name, and its handlers' names in any number: ``so`` is meant where there is none."""

LONGEST_REASON: Final = 3_000
"""Bytes of the header with the reason: nginx takes 4,096 for a whole head unless it is told otherwise."""

_NOBODY: Final = frozenset({"", "-", "public"})

_NO_MAILBOX: Final = _NOBODY | {"WebServerResources"}


class WebFacts(NamedTuple):
    """What a web server's headers say of the request that it asks about, as they say it.

    Attributes:
        method: of the original request.
        target: its path and query.
        user: who signed in; empty when the server does not know.
        agent: the client's own word of itself.
        address: the client's.
        certificate: the subject of a client certificate that the server has checked; empty without one.
    """

    method: str
    target: str
    user: str
    agent: str
    address: str
    certificate: str = ""


class Door(NamedTuple):
    """What stands behind the place that is asked about.

    Attributes:
        protocol: the door.
        service: to which it leads.
        is_sogo: whether SOGo stands there, whose paths name the mailbox; with any other server a path names nobody.
    """

    protocol: str
    service: str
    is_sogo: bool = False


@lru_cache(maxsize=256)
def door_of(path: str) -> Door:
    """Return the door of a path such as ``/nginx/caldav``, ``/nginx/webmail/contacts`` or ``/nginx/webmail/sogo``.

    The operator's configuration says it: what a client asks for must not choose its door, nor what it names its owner.

    Raises:
        NoQuestionError: there is no such door, or it does not lead to that service.

    Example:
        >>> door_of("/nginx/webmail/contacts"), door_of("/nginx/caldav/sogo").is_sogo
        (Door(protocol='webmail', service='contacts', is_sogo=False), True)
    """
    protocol, *more = path.strip("/").split("/")[1:] or [""]
    is_sogo = more[-1:] == [SOGO] and protocol in SOGO_DOORS
    service, *rest = more[: len(more) - is_sogo] or [SERVICE_OF.get(protocol, "")]
    if rest or protocol not in DOORS.get(service, ()):
        message = "no such door"
        raise NoQuestionError(message, path.strip("/").partition("/")[2])
    return Door(protocol, service, is_sogo)


def web_asked(caller: str, path: str, facts: WebFacts) -> Asked:
    """Turn what a web server says into what is asked.

    Args:
        caller: the caller's id.
        path: at which the gate was asked; it names the door.
        facts: as the headers say them.

    Raises:
        NoQuestionError: the path names no door, or the original target is missing.
    """
    door = door_of(path)
    if not facts.target:
        message = "no original target"
        raise NoQuestionError(message)
    query = parse_query(facts.target.partition("?")[2]) if door.protocol == "activesync" else None
    clues: tuple[Clue, ...] = (Clue(ClueKind.USER_AGENT, facts.agent[:LONGEST_CLUE]),) if facts.agent else ()
    if query is not None and query.device_type:
        clues += (Clue(ClueKind.ACTIVESYNC, query.device_type[:LONGEST_CLUE]),)
    if facts.certificate:
        clues += (Clue(ClueKind.CERTIFICATE, facts.certificate[:LONGEST_CLUE]),)
    login = _login(facts, query, is_sogo=door.is_sogo)
    action = _action(facts.method, query, door.protocol)
    device_id = query.device_id[:LONGEST_CLUE] if query is not None and query.device_id else None
    login = login[:LONGEST_LOGIN]
    return Asked(caller, door.protocol, door.service, login, clues, action, facts.address or None, device_id)


def told_in_headers(decision: Decision) -> tuple[tuple[str, str], ...]:
    """Return a decision as headers; texts are percent-encoded."""
    outcome = decision.outcome
    if outcome.effect is Effect.ALLOW:
        return ("X-Gate-Decision", decision.id), ("X-Gate-Effect", "allow")
    return (
        ("X-Gate-Decision", decision.id),
        ("X-Gate-Effect", outcome.effect.value),
        ("X-Gate-Clause", _quoted(outcome.clause.id if outcome.clause else "")),
        ("X-Gate-Verdict", _quoted(outcome.verdict.word)),
        ("X-Gate-Reason", f"{_bounded(_quoted(decision.text))}%20%5B{decision.id}%5D"),
    )


ALWAYS_TOLD: Final = (
    Parameter("X-Gate-Decision", "The decision's id, for the help desk.", example="K7Q4MX-2F", is_required=True),
    Parameter("X-Gate-Effect", "What is to be done.", values=tuple(Effect), is_required=True),
)

TOLD: Final = (
    *ALWAYS_TOLD,
    Parameter("X-Gate-Clause", "The clause that decided, percent-encoded.", example="seat"),
    Parameter("X-Gate-Verdict", "What the order says, percent-encoded.", example="violation"),
    Parameter("X-Gate-Reason", "The sentence for people, percent-encoded UTF-8.", example="Apple%20phones"),
)
"""What ``told_in_headers`` gives, for the OpenAPI document."""


def said_to_proxy(decision: Decision) -> Answer:
    """Put a decision into a status, for proxies that take nothing but 200 for "let it pass", and into headers."""
    return Answer(403 if decision.refuses else 200, told_in_headers(decision))


PROXY_REPLIES: Final = (
    Reply(200, "It may; where it is warned of, the headers say so.", TOLD),
    Reply(
        403,
        "It may not. The body is for the client: the page in its language, at ActiveSync's door status 129 in the command's own "
        "words, or nothing where it has none.",
        ALWAYS_TOLD,
    ),
)
"""What ``said_to_proxy`` and ``shown`` give, for the OpenAPI document."""


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """Return a text as a header can carry it: percent-encoded."""
    return quote(text)


def _bounded(quoted: str) -> str:
    """Cut a percent-encoded text to what servers take in one header, at the end of a character."""
    if len(quoted) <= LONGEST_REASON:
        return quoted
    cut = quoted[:LONGEST_REASON]
    whole = cut[: cut.rindex("%")] if "%" in cut[-2:] else cut
    return quote(f"{unquote(whole, errors='ignore')}…")


def text_of(header: str) -> str:
    """Return a header's value, which is bytes, as the UTF-8 that people's names are in where it is such."""
    if header.isascii():
        return header
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return header


def _login(facts: WebFacts, query: ActiveSyncQuery | None, *, is_sogo: bool) -> str:
    """Return who asks: whom SOGo's web client has signed in, else who shows a password, else whom query or path names.

    SOGo opens a mailbox of its web client by a cookie, and looks at no password that is sent beside it: what that claims counts
    for nothing there.
    """
    kind, owner = _owner(facts.target) if is_sogo else ("", "")
    if kind == "so" and owner:
        return owner
    if facts.user not in _NOBODY:
        return facts.user
    return query.user if query is not None and query.user else owner


def _owner(target: str) -> tuple[str, str]:
    """Return by which of SOGo's ways a path opens a mailbox, and whose; empty where it opens nobody's."""
    path = unquote(target.partition("#")[0].partition("?")[0])  # servers end a target at a hash
    if "//" in path or "/." in path:  # as the mail server takes it, which is what counts
        path = f"/{normpath(path).lstrip('/')}/"
    found = _OWNER.match(path)
    if found is None or found[2] in _NO_MAILBOX:
        return "", ""
    handlers = found[1].lower().split("/")
    return "so" if "so" in handlers or "dav" not in handlers else "dav", found[2]


def _action(method: str, query: ActiveSyncQuery | None, door: str) -> Action:
    if method == "OPTIONS":
        return Action.SET_UP
    command = query.command if query is not None else None
    if command is None:
        return Action.SET_UP if door == "activesync" else Action.USE
    return _ACTIONS.get(command, Action.USE)


_ACTIONS: Final = dict.fromkeys(SET_UP, Action.SET_UP) | dict.fromkeys(PRESENCE, Action.PRESENCE)
