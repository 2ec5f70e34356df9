"""nginx's ``auth_request``: headers in, 204 or 403 with reason headers out; see deploy/nginx.

Only headers that the templates set are read, for all others come from the client. ``Authorization`` is one of those: the
templates empty it, and it is never read here.
"""

from __future__ import annotations

from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.caller import Caller
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.operation import Parameter, Reply, at_doors
from phaseout.gate.web import TOLD, WebFacts, text_of, told_in_headers, web_asked


def read(request: Request) -> Asked:
    """Take the facts from the headers."""
    headers = request.headers
    checked = headers.get("x-client-cert-verify") == "SUCCESS"
    return web_asked(
        "nginx",
        request.path,
        WebFacts(
            method=headers.get("x-original-method", ""),
            target=headers.get("x-original-uri", ""),
            user=text_of(headers.get("x-user", "")),
            agent=headers.get("user-agent", ""),
            address=headers.get("x-real-ip", ""),
            certificate=text_of(headers.get("x-client-cert-dn", "")) if checked else "",
        ),
    )


def say(decision: Decision) -> Answer:
    """Put the decision into a status, and into headers that ``auth_request_set`` can read."""
    return Answer(403 if decision.refuses else 204, told_in_headers(decision))


_READ: Final = (
    Parameter("X-Original-URI", "The path and query that the client asked for.", example="/mail/", is_required=True),
    Parameter("X-Original-Method", "The client's method.", example="GET"),
    Parameter("X-User", "Who signed in; may be empty or missing when nobody has.", example="anna"),
    Parameter("User-Agent", "The client's own word of itself.", example="Apple-iPhone14C2/2001.362"),
    Parameter("X-Real-IP", "The client's address.", example="192.0.2.7"),
    Parameter("X-Client-Cert-Verify", "SUCCESS when the client showed a certificate that nginx trusts.", example="SUCCESS"),
    Parameter("X-Client-Cert-DN", "That certificate's subject.", example="CN=laptop-7"),
)

OPERATIONS: Final = at_doors(
    "May this person's device be used for this now?",
    _READ,
    (Reply(204, "It may; where it is warned of, the headers say so.", TOLD), Reply(403, "It may not.", TOLD)),
)

CALLER: Final = Caller("nginx", "nginx auth_request", read, say, operations=OPERATIONS, door_at="$phaseout_door")
