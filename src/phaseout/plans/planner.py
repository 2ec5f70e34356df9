"""Plans for questions, each made once: found in memory, else on the shelf, else made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from phaseout.plans.identity import Identity, identity
from phaseout.plans.plan import Plan
from phaseout.plans.shelf import Shelf
from phaseout.reading.on_demand import ir
from phaseout.reading.question import Question


class Planner:
    """Has the plans of the questions that an engine is asked.

    Args:
        compiled: writes an expression in the engine's dialect.
        origin: a digest of what plans are made from, beside the question; None when it can't be told.
        shelf: keeps plans from run to run; None keeps them only here. Only with an origin is anything taken from it.
    """

    def __init__(self, compiled: Callable[[ir.Table], str], origin: str | None = None, shelf: Shelf | None = None) -> None:
        """Begin with no plan."""
        self._compiled = compiled
        self._origin = origin
        self._shelf = shelf
        # The question is kept with its plan: as long as it lives, nothing else has the identity of what it was given.
        self._plans: dict[str, tuple[Question, Plan]] = {}

    def plan(self, question: Question) -> Plan:
        """Return the plan of a question."""
        told = identity(question)
        if told.text not in self._plans:
            self._plans[told.text] = (question, self._lasting(question, told))
        return self._plans[told.text][1]

    def _lasting(self, question: Question, told: Identity) -> Plan:
        """Find a plan on the shelf, or make it and put it there."""
        if self._shelf is None or self._origin is None or not told.lasting:
            return self._made(question)
        key = hashlib.sha256(f"{self._origin}\0{told.text}".encode()).hexdigest()
        plan = self._shelf.find(key)
        if plan is None:
            plan = self._made(question)
            self._shelf.keep(key, plan)
        return plan

    def _made(self, question: Question) -> Plan:
        expression = question.expression()
        return Plan(self._compiled(expression), expression.schema().to_pyarrow())
