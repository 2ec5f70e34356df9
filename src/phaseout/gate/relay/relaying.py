"""One question to one answer: a gate's, and where none has an opinion, the last that was known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.caller import NO_OPINION, Caller, NoQuestionError
from phaseout.gate.http import LAST_WORDS, Answer
from phaseout.gate.relay.kept import Kept
from phaseout.gate.relay.likeness import TOO_LARGE, Likeness, is_last_word, likeness
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
            said = await self.pass_on(caller, inquiry)  # so that it stands in a gate's log
            return said if said.status in LAST_WORDS else caller.no_opinion  # who else would say yes to what is no question?
        if isinstance(asked, Answer):  # nothing is asked that a gate would have to decide
            return asked
        if caller.kicks:  # nobody waits for what is decided
            return await self.pass_on(caller, inquiry)
        return await self._decided(caller, asked, inquiry)

    async def pass_on(self, caller: Caller | None, inquiry: Inquiry) -> Answer:
        """Return what the first gate says that says anything; nothing of that is kept."""
        gates = [gate for gate in self._of(caller) if not gate.rests]
        said = await _asked(gates, inquiry.words, monotonic() + self._seconds, lambda _: True)
        return said or (caller.no_opinion if caller else NO_OPINION)

    async def _decided(self, caller: Caller, asked: Asked, inquiry: Inquiry) -> Answer:
        question, ends = likeness(caller, asked, inquiry.request), monotonic() + self._seconds
        gates = self._of(caller)
        resting = [gate for gate in gates if gate.rests]
        tried = [gate for gate in gates if gate not in resting]
        takes = partial(is_last_word, caller)
        said = await _asked(tried, inquiry.words, ends, takes)
        if said is None:
            known = self._known(question)
            if known is not None:
                self.outages.answered(caller, LAST_KNOWN, _why(gates))
                return known
            said = await _asked(resting, inquiry.words, ends, takes)
        if said is None:
            self.outages.answered(caller, NONE, _why(gates))
            return caller.no_opinion
        self.outages.answered(caller, GATE)
        if said.status not in TOO_LARGE:
            words = (question.words,) if question.words and said.status == HTTPStatus.FORBIDDEN else ()
            self._kept.keep(said, question.facts, *words)
        return said

    def _known(self, question: Likeness) -> Answer | None:
        """Return the last answer about the facts of a question; where it has words, those that fit the question best."""
        known = self._kept.find(question.facts)
        fitting = self._kept.find(question.words) if known and question.words else None
        return fitting if known and fitting and fitting.status == known.status else known

    def _of(self, caller: Caller | None) -> tuple[Upstream, ...]:
        return self._gates.get(caller.id if caller and caller.wire else "", ())


async def _asked(gates: Sequence[Upstream], words: bytes, ends: float, takes: Callable[[Answer], bool]) -> Answer | None:
    """Ask one gate after the other, each within its share of the time that is left; return the first answer that is taken."""
    for place, gate in enumerate(gates):
        left = ends - monotonic()
        if left <= 0:
            break
        with suppress(OSError):
            said = await gate.ask(words, left / (len(gates) - place))
            if takes(said):
                return said
            gate.why_not = f"it answers with status {said.status}"
    return None


def _why(gates: tuple[Upstream, ...]) -> str:
    """Say why no gate decides."""
    return "; ".join(f"{gate.place}: {gate.why_not}" for gate in gates)
