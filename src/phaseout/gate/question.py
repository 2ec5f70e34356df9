"""A question and its answers. Most are asked all day long in the same words: then nothing is read or decided twice.

What must be done each time is done each time: the clock is read, the bundle looked at, the decision named, written down and
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from time import perf_counter_ns
from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.bundle_watch import BundleWatch
from phaseout.gate.decide import decide
from phaseout.gate.decision import Decision, Outcome
from phaseout.gate.decision_ids import decision_ids
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.http import Answer
from phaseout.gate.metrics import Metrics, Tally
from phaseout.gate.policy import DEFAULT
from phaseout.gate.record import line_of, own_part, shared_part
from phaseout.gate.serving import Serving, Told
from phaseout.gate.settings import Settings
from phaseout.gate.words import short_text
from phaseout.model.directive import Directive
from phaseout.model.effect import Effect

Words = Callable[[Decision, Directive], Answer]


class Desk:
    """What all questions share.

    Args:
        settings: the operator's.
        watch: has the bundle.
        log: takes the decisions.
        metrics: counts.
        clock: gives the time now, in UTC.
    """

    def __init__(
        self, settings: Settings, watch: BundleWatch, log: DecisionLog, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        """Put the parts together."""
        self.settings: Final = settings
        self.watch: Final = watch
        self.log: Final = log
        self.metrics: Final = metrics
        self.clock: Final = clock
        self.ids: Final[Iterator[str]] = decision_ids()
        self.answers_without_log: Final = settings.answers_without_log

    def why_not(self, at: datetime) -> str:
        """Say why nothing can be decided; empty when it can.

        Args:
            at: the time now.
        """
        serving = self.watch.serving
        if serving is None:
            return "no bundle"
        if serving.has_expired(at):
            return "bundle expired"
        if serving.is_ahead_of(at):
            return "clock before the bundle"
        return "" if self.log.works or self.answers_without_log else "no decision log"

    def told(self, serving: Serving, asked: Asked, at: datetime) -> tuple[Outcome, Told]:
        """Decide, and put the outcome into words.

        Args:
            serving: the bundle.
            asked: the facts.
            at: the time now.
        """
        outcome = self._decided(serving, asked, at)
        found = serving.told.get(outcome)
        if found is None:
            found = self._worded(serving, asked, outcome)
            serving.told.keep(outcome, found, len(found.line) + len(found.text))
        return outcome, found

    def whose(self, login: str) -> str:
        """Return what is the same for all logins of a person."""
        serving = self.watch.serving
        person = serving.who(login).person if serving else None
        return login.casefold() if person is None else f"\0{person}"

    def refuses(self, asked: Asked, at: datetime) -> bool:
        """Whether the door would refuse, were that asked; nothing is written down.

        Args:
            asked: the facts.
            at: the time now.
        """
        serving = self.watch.serving
        return serving is not None and self._decided(serving, asked, at).refuses

    def _decided(self, serving: Serving, asked: Asked, at: datetime) -> Outcome:
        return decide(serving, self.settings.policies.get(asked.door, DEFAULT), asked, at)

    def _worded(self, serving: Serving, asked: Asked, outcome: Outcome) -> Told:
        clause, verdict, texts = outcome.clause, outcome.verdict, self.settings.texts
        text = ""
        if outcome.effect is not Effect.ALLOW and clause is not None:
            key = (clause.id, asked.service, verdict)
            text = serving.texts.get(key) or short_text(
                serving.order.directive, clause, asked.service, verdict, texts.contact_in(texts.language), texts.language
            )
            serving.texts[key] = text
        stage = outcome.stage.value if outcome.stage else "none"
        line = shared_part(asked, outcome, serving.digest)
        return Told(line, (asked.door, verdict.word, stage, outcome.effect.value), text)


class Question:
    """One question of a caller.

    Args:
        desk: that it is asked at.
        asked: the facts.
        no_opinion: what is answered when nothing can be decided.
        say: puts a decision of an order into the caller's words; of two decisions that differ in nothing but id and time, these
            must differ in nothing but the id.
    """

    __slots__ = (
        "_at", "_desk", "_line_end", "_name", "_no_opinion", "_own", "_say", "_since", "_tally", "_token", "_until", "_words",
        "asked",
    )  # fmt: skip

    def __init__(self, desk: Desk, asked: Asked, no_opinion: Answer, say: Words) -> None:
        """Decide nothing yet."""
        self.asked: Final = asked
        self._desk: Final = desk
        self._no_opinion: Final = no_opinion
        self._say: Final = say
        self._own: Final = own_part(asked)
        self._token: object = None

    def decided(self, started: int) -> tuple[Decision, Directive] | None:
        """Decide, write it down, count it.

        Args:
            started: when the question came, by ``perf_counter_ns``.

        Returns:
            The decision, and the order by which it was made; or None when there is no opinion, which is counted too.
        """
        desk = self._desk
        at, serving = desk.clock(), desk.watch.serving
        why_not = desk.why_not(at)
        if serving is None or why_not:
            desk.metrics.no_opinions[self.asked.caller, why_not] += 1
            self._token = None
            return None
        outcome, told = desk.told(serving, self.asked, at)
        name = next(desk.ids)
        # Nothing of the bundle itself is kept, which would outlive it here.
        self._at, self._token, self._name = at, serving.token, name
        self._line_end = told.line
        self._tally: Tally = desk.metrics.tally(self.asked.caller, told.labels)
        self._write(name, at, started)
        return Decision(name, at, self.asked, outcome, serving.digest, told.text), serving.order.directive

    def said(self, decision: Decision, directive: Directive, *, remembers: bool) -> Answer:
        """Return the answer to a decision that was just made.

        Args:
            decision: this question's last.
            directive: the order by which it was made.
            remembers: whether the same request may be answered by this question when it comes again.
        """
        said = self._say(decision, directive)
        return Answer(said.status, said.headers, said.body, said.content_type, self) if remembers else said

    def learn(self, said: bytes) -> None:
        """Take note of the words of the last decision, cut where its id stands; it is drawn by lot, so it stands nowhere else."""
        serving = self._desk.watch.serving
        if serving is None or serving.token is not self._token:
            self._token = None  # the bundle was changed meanwhile; the next time decides anew
            return
        # As long as this bundle is served, and none of the order's dates has passed, the same is decided.
        self._since, self._until = serving.period(self._at)
        self._words = said.split(self._name.encode())

    def again(self) -> bytes:
        """Answer once more, as of now; the bytes of an answer after which the connection stays open."""
        started = perf_counter_ns()
        desk = self._desk
        at, serving = desk.clock(), desk.watch.serving
        if (
            serving is not None
            and serving.token is self._token
            and self._since <= at < self._until
            and (desk.log.works or desk.answers_without_log)
        ):
            name = next(desk.ids)
            # Another length could change a Content-Length.
            if len(name) == len(self._name):
                self._write(name, at, started)
                return name.encode().join(self._words)
        found = self.decided(started)
        if found is None:
            return self._no_opinion.encoded(keep_alive=True)
        said = self._say(*found).encoded(keep_alive=True)
        self.learn(said)
        return said

    def _write(self, name: str, at: datetime, started: int) -> None:
        """Write a decision down, and count it."""
        cost = (perf_counter_ns() - started) / 1000
        self._desk.log.hold(line_of(name, at, cost, self._own, self._line_end))
        self._tally.add(cost)
