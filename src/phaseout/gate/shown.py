"""What a refused client is shown where the gate's own answer goes to it: behind Traefik and Envoy, which ask for no page."""

from __future__ import annotations

from typing import Final

from phaseout.gate.activesync_status import refusal_of
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.letter import letter_of
from phaseout.gate.page import page_of
from phaseout.gate.settings import Texts
from phaseout.model.directive import Directive

_FORBIDDEN: Final = 403
"""Both take a 200 for "let it pass", so ActiveSync's status goes with a 403, itself a refusal there ([MS-ASHTTP] 2.2.2.1.1)."""


def shown(decision: Decision, request: Request, target: str, directive: Directive, texts: Texts) -> Answer:
    """Return the page, or at ActiveSync's door the status in its own words.

    Args:
        decision: which refuses.
        request: of the proxy, which hands ``Accept-Language`` on.
        target: the path and query of the request that is refused.
        directive: the order that is served.
        texts: what people are told.
    """
    if decision.asked.door == "activesync":
        answer = refusal_of(target)
    else:
        answer = page_of(letter_of(decision, request.headers.get("accept-language", ""), directive, texts))
    told = (("X-Gate-Decision", decision.id), ("X-Gate-Effect", decision.outcome.effect.value))
    return answer._replace(status=_FORBIDDEN, headers=(*answer.headers, *told))
