"""Plans for questions, each made once."""

from __future__ import annotations

from collections.abc import Callable

from phaseout.plans.identity import identity
from phaseout.plans.plan import Plan
from phaseout.reading.on_demand import ir
from phaseout.reading.question import Question


class Planner:
    """Has the plans of the questions that an engine was asked.

    Args:
        compiled: writes an expression in the engine's dialect.
    """

    def __init__(self, compiled: Callable[[ir.Table], str]) -> None:
        """Begin with no plan."""
        self._compiled = compiled
        # The question is kept with its plan: as long as it lives, nothing else has the identity of what it was given.
        self._plans: dict[str, tuple[Question, Plan]] = {}

    def plan(self, question: Question) -> Plan:
        """Return the plan of a question."""
        told = identity(question)
        if told.text not in self._plans:
            self._plans[told.text] = (question, self._made(question))
        return self._plans[told.text][1]

    def _made(self, question: Question) -> Plan:
        expression = question.expression()
        return Plan(self._compiled(expression), expression.schema().to_pyarrow())
