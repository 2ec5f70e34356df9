"""Requests that were no question: each is counted, and the first of each kind is told to the operator.

A caller whose configuration is mistyped gets no opinion, and where its door is open without one, it stands open and nobody
hears of it; so the gate's own log says it.
"""

from __future__ import annotations

import logging
from typing import Final

from phaseout.gate.caller import Caller, NoQuestionError
from phaseout.gate.metrics import Metrics
from phaseout.model.access import WEB_DOORS

LOG: Final = logging.getLogger("phaseout.gate")

MOST: Final = 8
"""Words that are told of each caller and reason: whoever may ask must not fill the disk with words of his own."""

LONGEST: Final = 80
"""Letters of such a word."""


class RefusedRequests:
    """Counts them all, and tells of the first of each caller, reason and word of its configuration.

    Args:
        metrics: has the counter.
    """

    def __init__(self, metrics: Metrics) -> None:
        """Begin without any."""
        self._count: Final = metrics.refused_requests
        self._told: Final[dict[tuple[str, str], set[str]]] = {}

    def wrong_key(self, caller: Caller) -> None:
        """Take one that came without a key of the caller's."""
        self._take(caller.id, "wrong key", "", f"Give it one of the keys in callers.{caller.id}.keys.")

    def no_question(self, caller: Caller, error: NoQuestionError) -> None:
        """Take one that was not what the caller's protocol asks."""
        if error.door is None:
            self._take(caller.id, str(error), "", "Compare its configuration with the one in deploy/.")
            return
        doors = ", ".join(WEB_DOORS)
        way_out = (
            f"Set {caller.door_at} to one of {doors}, or to one of these with more behind it (webmail/contacts, webmail/sogo)."
        )
        self._take(caller.id, str(error), f' "{error.door[:LONGEST]}"', way_out)

    def _take(self, caller: str, reason: str, word: str, way_out: str) -> None:
        self._count[(reason,)] += 1
        told = self._told.setdefault((caller, reason), set())
        if word in told or len(told) >= MOST:
            return
        told.add(word)
        LOG.warning(
            "What %s asks is not decided: %s%s. Its door does what it does without an opinion. %s", caller, reason, word, way_out
        )
