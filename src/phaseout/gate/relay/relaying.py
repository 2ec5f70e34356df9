"""One question to one answer: a gate's, and where none has an opinion, the last that was known."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.caller import NO_OPINION, Caller, NoQuestionError
from phaseout.gate.http import Answer
from phaseout.gate.relay.kept import Kept
from phaseout.gate.relay.likeness import Likeness, is_decision, likeness
from phaseout.gate.relay.outages import GATE, LAST_KNOWN, NONE, Outages
from phaseout.gate.relay.tongue import Inquiry
from phaseout.gate.relay.upstream import Upstream


class Relay:
    """What answers the questions of doors.

    Args:
        gates: that are asked, by the id of the caller whose own protocol they speak; those for HTTP under the empty one. The
            first is asked first.
        kept: has the last known decisions.
        seconds: that a question may take at all gates together.
    """

    def __init__(self, gates: Mapping[str, tuple[Upstream, ...]], kept: Kept, seconds: float) -> None:
        """Begin with gates that are thought to work."""
        self._gates: Final = gates
        self.gates: Final = tuple(gate for each in gates.values() for gate in each)
        self._kept: Final = kept
        self._seconds: Final = seconds
        self.outages: Final = Outages()

    async def answer(self, caller: Caller, inquiry: Inquiry) -> Answer:
        """Answer a caller's question.

        Args:
            caller: who asks.
            inquiry: what.
        """
        try:
            asked = caller.read(inquiry.request)
        except NoQuestionError:
            return await self.pass_on(caller, inquiry)  # in its own words, and in a gate's log
        if isinstance(asked, Answer) or caller.kicks:  # nothing is asked, or nobody waits for what is decided
            said = await self.pass_on(caller, inquiry)
            return asked if said is caller.no_opinion and isinstance(asked, Answer) else said
        return await self._decided(caller, asked, inquiry)

    async def pass_on(self, caller: Caller | None, inquiry: Inquiry) -> Answer:
        """Return what the first gate says that says anything; nothing of that is kept."""
        gates = [gate for gate in self._of(caller) if gate.is_tried()]
        for gate in gates:
            try:
                return await gate.ask(inquiry.words, self._seconds / len(gates))
            except OSError:
                continue
        return caller.no_opinion if caller else NO_OPINION

    async def _decided(self, caller: Caller, asked: Asked, inquiry: Inquiry) -> Answer:
        question, ends = likeness(caller, asked, inquiry.request), monotonic() + self._seconds
        gates = self._of(caller)
        tried = [gate for gate in gates if gate.is_tried()]
        said = await _asked(caller, tried, inquiry.words, ends)
        if said is None:
            known = self._known(question)
            if known is not None:
                self.outages.answered(caller, LAST_KNOWN, _why(gates))
                return known
            resting = [gate for gate in gates if gate not in tried]
            said = await _asked(caller, resting, inquiry.words, ends)
        if said is None:
            self.outages.answered(caller, NONE, _why(gates))
            return caller.no_opinion
        self.outages.answered(caller, GATE)
        self._keep(question, said)
        return said

    def _keep(self, question: Likeness, said: Answer) -> None:
        self._kept.keep(question.facts, said)
        if question.words and said.body:
            self._kept.keep(question.words, said)

    def _known(self, question: Likeness) -> Answer | None:
        """Return the last answer about the facts of a question; where it has words, those that fit the question best."""
        known = self._kept.find(question.facts)
        if known is None or question.words is None or not known.body:
            return known
        return self._kept.find(question.words) or known

    def _of(self, caller: Caller | None) -> tuple[Upstream, ...]:
        return self._gates.get(caller.id if caller and caller.wire else "", ())


async def _asked(caller: Caller, gates: list[Upstream], words: bytes, ends: float) -> Answer | None:
    """Ask one gate after the other, each within its share of the time that is left; return the first decision."""
    for place, gate in enumerate(gates):
        left = ends - monotonic()
        if left <= 0:
            break
        with suppress(OSError):
            said = await gate.ask(words, left / (len(gates) - place))
            if is_decision(caller, said):
                return said
            gate.why_not = f"it answers with status {said.status}"
    return None


def _why(gates: tuple[Upstream, ...]) -> str:
    """Say why no gate decides."""
    return "; ".join(f"{gate.place}: {gate.why_not}" for gate in gates)
