"""Whose answers doors had, and for how long no gate had an opinion."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Final

from phaseout.gate.caller import Caller

LOG: Final = logging.getLogger("phaseout.gate")

GATE: Final = "gate"
LAST_KNOWN: Final = "last known"
NONE: Final = "none"

CALM: Final = 5
"""Calls of ``tell`` without a failure after which an outage is over: a gate that fails now and then must not fill the log."""


class Outages:
    """Counts answers, and tells the operator when a caller loses the gates' opinion and when it has it back."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.answers: Final[Counter[tuple[str, ...]]] = Counter()
        """By caller and by whose answer it was."""
        self._fresh: Final[dict[str, Counter[str]]] = {}
        self._last: Final[dict[str, str]] = {}
        self._why: Final[dict[str, str]] = {}
        self._without: Final[dict[str, Counter[str]]] = {}
        self._calm: Final[dict[str, int]] = {}

    def answered(self, caller: Caller, whose: str, why: str = "") -> None:
        """Count an answer.

        Args:
            caller: that had it.
            whose: it was: a gate's, the last known, or none.
            why: no gate's.
        """
        self.answers[caller.id, whose] += 1
        self._fresh.setdefault(caller.id, Counter())[whose] += 1
        self._last[caller.id] = whose
        if whose != GATE:
            self._why[caller.id] = why

    def tell(self) -> None:
        """Say what has changed since the last call; called once a second, so that nobody can fill the log."""
        for caller, answers in self._fresh.items():
            if answers[LAST_KNOWN] + answers[NONE]:
                self._calm[caller] = 0
                if caller not in self._without:
                    self._without[caller] = Counter()
                    LOG.warning("No gate decides for %s (%s). The last known decisions hold.", caller, self._why[caller])
                self._without[caller].update(answers)
        self._fresh.clear()
        for caller, without in list(self._without.items()):
            self._calm[caller] += 1
            if self._calm[caller] > CALM and self._last[caller] == GATE:
                del self._without[caller]
                told = "Gates decide for %s again. Meanwhile questions with a last known decision: %d, without one: %d."
                LOG.info(told, caller, without[LAST_KNOWN], without[NONE])
