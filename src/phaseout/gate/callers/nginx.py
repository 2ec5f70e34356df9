"""nginx's ``auth_request``: headers in, 204 or 403 with reason headers out; see deploy/nginx.

Only headers that the templates set are read, for all others come from the client. ``Authorization`` is one of those: the
templates empty it, and it is never read here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import quote

from phaseout.gate.asked import Asked
from phaseout.gate.caller import Caller
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.web import WebFacts, text_of, web_asked
from phaseout.model.effect import HARDNESS, Effect


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
    outcome = decision.outcome
    if outcome.effect is Effect.ALLOW:
        return Answer(204, (("X-Gate-Decision", decision.id), ("X-Gate-Effect", "allow")))
    headers = (
        ("X-Gate-Decision", decision.id),
        ("X-Gate-Effect", outcome.effect.value),
        ("X-Gate-Clause", _quoted(outcome.clause.id if outcome.clause else "")),
        ("X-Gate-Verdict", _quoted(outcome.verdict.word)),
        ("X-Gate-Reason", f"{_quoted(decision.text)}%20%5B{decision.id}%5D"),
    )
    return Answer(403 if HARDNESS[outcome.effect] >= HARDNESS[Effect.QUARANTINE] else 204, headers)


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """Return a text as a header can carry it: percent-encoded."""
    return quote(text)


CALLER: Final = Caller("nginx", "nginx auth_request", read, say)
