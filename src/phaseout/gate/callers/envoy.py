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
from phaseout.gate.web import WebFacts, said_to_proxy, text_of, web_asked

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


CALLER: Final = Caller("envoy", "Envoy ext_authz", read, said_to_proxy, target_of=_target)
