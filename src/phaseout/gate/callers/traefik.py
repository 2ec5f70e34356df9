"""Traefik's ``forwardAuth``: headers in, 200 or the refusal itself out, which Traefik hands on to the client; see deploy/traefik.

``X-Forwarded-Method``, ``-Uri`` and ``-For`` are Traefik's own as long as ``trustForwardHeader`` is off. Who signed in is read
from no header but the one that the operator names in the address, ``person=X-Auth-User``, and that a middleware before sets.
"""

from __future__ import annotations

from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.caller import Caller, NoQuestionError, key_in_query, query_part
from phaseout.gate.http import Request
from phaseout.gate.operation import Parameter, Where, at_doors
from phaseout.gate.web import PROXY_REPLIES, WebFacts, said_to_proxy, text_of, web_asked

_OWN_AGENT: Final = "Go-http-client/1.1"
"""What Traefik says where the client says nothing of itself; it must not be written down as the client's word."""

_CREDENTIALS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
"""Headers that must not be taken for a name, for a name is written down."""


def read(request: Request) -> Asked:
    """Take the facts from the headers."""
    headers = request.headers
    person = query_part(request, "person").lower()
    agent = headers.get("user-agent", "")
    if person in _CREDENTIALS:
        message = "a credential names nobody"
        raise NoQuestionError(message)
    return web_asked(
        "traefik",
        request.path,
        WebFacts(
            method=headers.get("x-forwarded-method", ""),
            target=_target(request),
            user=text_of(headers.get(person, "")) if person else "",
            agent="" if agent == _OWN_AGENT else agent,
            # Of several addresses the last is the one that Traefik saw; those before it are hearsay.
            address=headers.get("x-forwarded-for", "").rpartition(",")[2].strip(),
        ),
    )


def _target(request: Request) -> str:
    return request.headers.get("x-forwarded-uri", "")


_READ: Final = (
    Parameter("X-Forwarded-Uri", "The path and query that the client asked for.", example="/mail/", is_required=True),
    Parameter("X-Forwarded-Method", "The client's method.", example="GET"),
    Parameter("X-Forwarded-For", "The client's address, as the last of several.", example="192.0.2.7"),
    Parameter("person", "The header that says who signed in; empty without one.", Where.QUERY, example="X-Auth-User"),
    Parameter("X-Auth-User", "Who signed in, in whatever header person names.", example="anna"),
    Parameter("User-Agent", "The client's own word of itself.", example="Apple-iPhone14C2/2001.362"),
    Parameter("Accept-Language", "The client's, to choose the page's language by.", example="ru, en;q=0.5"),
)

CALLER: Final = Caller(
    "traefik",
    "Traefik forwardAuth",
    read,
    said_to_proxy,
    key_of=key_in_query,
    target_of=_target,
    operations=at_doors("May this person's device be used for this now?", _READ, PROXY_REPLIES),
    door_at="the door in forwardAuth's address",
)
