"""Envoy's ``ext_authz`` over HTTP: the request itself in, 200 or the refusal itself out; see deploy/envoy.

Envoy asks with the client's own method, path and query, behind the prefix ``/envoy``, and without its body. All headers but the
agent and the languages are set by the template, also where the client sent such; the door stands in one of them, for the path is
the client's.
"""

from __future__ import annotations

from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.caller import Caller
from phaseout.gate.http import Request
from phaseout.gate.operation import Operation, Parameter, Where, door_names
from phaseout.gate.web import PROXY_REPLIES, WebFacts, said_to_proxy, text_of, web_asked

_PREFIX: Final = "/envoy"


def read(request: Request) -> Asked:
    """Take the facts from the request and its headers."""
    headers = request.headers
    return web_asked(
        "envoy",
        f"{_PREFIX}/{headers.get('x-phaseout-door', '')}",
        WebFacts(
            method=request.method,
            target=_target(request),
            user=text_of(headers.get("x-user", "")),
            agent=headers.get("user-agent", ""),
            address=headers.get("x-real-ip", ""),
        ),
    )


def _target(request: Request) -> str:
    path = request.path.removeprefix(_PREFIX)
    return f"{path}?{request.query}" if request.query else path


OPERATION: Final = Operation(
    "/{path}",
    "May this person's device be used for this now? Asked with the client's own method, path and query.",
    (
        Parameter("path", "The client's own, of any number of parts.", Where.PATH, example="mail", is_required=True),
        Parameter("X-Phaseout-Door", "The door.", values=door_names(), example="webmail", is_required=True),
        Parameter("X-User", "Who signed in; may be empty or missing when nobody has.", example="anna"),
        Parameter("User-Agent", "The client's own word of itself.", example="Apple-iPhone14C2/2001.362"),
        Parameter("X-Real-IP", "The client's address.", example="192.0.2.7"),
        Parameter("Accept-Language", "The client's, to choose the page's language by.", example="ru, en;q=0.5"),
    ),
    PROXY_REPLIES,
)

CALLER: Final = Caller(
    "envoy",
    "Envoy ext_authz",
    read,
    said_to_proxy,
    target_of=_target,
    operations=(OPERATION,),
    door_at="the route's metadata (phaseout: door)",
)
