"""Whose answers doors had, and for how long no gate had an opinion."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

from phaseout.gate.caller import Caller

LOG: Final = logging.getLogger("phaseout.gate")

GATE: Final = "gate"
LAST_KNOWN: Final = "last known"
NONE: Final = "none"

CALM: Final = 5
"""Calls of ``tell`` without a failure after which an outage is over: a gate that fails now and then must not fill the log."""


@dataclass
class _Of:
    """One caller.

    Attributes:
        fresh: whose its answers were since the last call of ``tell``.
        last: whose the last one was.
        why: no gate decided when none did last.
        without: whose its answers were in the seconds with a failure, or None while gates decide.
        calm: calls of ``tell`` since the last failure.
    """

    fresh: Counter[str] = field(default_factory=Counter)
    last: str = GATE
    why: str = ""
    without: Counter[str] | None = None
    calm: int = 0


class Outages:
    """Counts answers, and tells the operator when a caller loses the gates' opinion and when it has it back."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.answers: Final[Counter[tuple[str, ...]]] = Counter()
        """By caller and by whose answer it was."""
        self._callers: Final[defaultdict[str, _Of]] = defaultdict(_Of)

    def answered(self, caller: Caller, whose: str, why: str = "") -> None:
        """Count an answer.

        Args:
            caller: that had it.
            whose: it was: a gate's, the last known, or none.
            why: no gate's.
        """
        self.answers[caller.id, whose] += 1
        of = self._callers[caller.id]
        of.fresh[whose] += 1
        of.last = whose
        of.why = why or of.why

    def tell(self) -> None:
        """Say what has changed since the last call; called once a second, so that nobody can fill the log."""
        for name, of in self._callers.items():
            if of.fresh[LAST_KNOWN] + of.fresh[NONE]:
                of.calm = 0
                if of.without is None:
                    of.without = Counter()
                    LOG.warning("No gate decides for %s (%s). The last known decisions hold.", name, of.why)
                of.without.update(of.fresh)
            of.fresh.clear()
            of.calm += 1
            if of.without is not None and of.calm > CALM and of.last == GATE:
                told = "Gates decide for %s again. Meanwhile questions with a last known decision: %d, without one: %d."
                LOG.info(told, name, of.without[LAST_KNOWN], of.without[NONE])
                of.without = None
