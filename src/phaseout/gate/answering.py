"""One request to one answer: routes, keys, the decision, its line in the log, and its count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hmac import compare_digest
from time import perf_counter_ns
from typing import Final

from phaseout.gate.activesync_status import refusal
from phaseout.gate.asked import Asked
from phaseout.gate.bundle_watch import BundleWatch
from phaseout.gate.caller import Caller, NoQuestionError
from phaseout.gate.carried import Carried
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.figures import figures
from phaseout.gate.http import Answer, Request
from phaseout.gate.letter import letter_of
from phaseout.gate.metrics import Metrics
from phaseout.gate.page import page
from phaseout.gate.question import Desk, Question, Words
from phaseout.gate.refused import RefusedRequests
from phaseout.gate.settings import Settings
from phaseout.gate.shown import shown

_WRONG_KEY: Final = Answer(500)
"""nginx would hand a 401 on to the client and take a 403 for a refusal: neither may come of a key that is mistyped."""

_NO_QUESTION: Final = Answer(400)

_NOT_FOUND: Final = Answer(404)

_SPEAKING: Final = frozenset({"imap", "pop3", "smtp"})
"""Doors of mail programs."""

_READS: Final = frozenset({"GET", "HEAD"})
_NOT_ALLOWED: Final = Answer(405, (("Allow", "GET, HEAD"),))
"""For what is only read."""


class Answering:
    """What answers requests.

    Args:
        settings: the operator's.
        callers: by id.
        watch: has the bundle.
        log: takes the decisions.
        metrics: counts.
        clock: gives the time now, in UTC.
        kick: ends a login's sessions at an address, or None where nothing can.
    """

    def __init__(
        self,
        settings: Settings,
        callers: Mapping[str, Caller],
        watch: BundleWatch,
        log: DecisionLog,
        metrics: Metrics,
        clock: Callable[[], datetime],
        kick: Callable[[str, str], None] | None = None,
    ) -> None:
        """Put the parts together."""
        self._settings: Final = settings
        self._callers: Final = callers
        self._watch: Final = watch
        self._log: Final = log
        self._metrics: Final = metrics
        self._refused: Final = RefusedRequests(metrics)
        self._desk: Final = Desk(settings, watch, log, metrics, clock)
        self._kick: Final = kick
        self._carried: Final = Carried(settings.remembers)
        self.is_warm = False
        """Whether every table is loaded; a request that needs one before waits for it."""
        self._routes: Final[Mapping[str, Callable[[Request], Answer]]] = {
            "healthz": lambda _: Answer(200, body=b"alive\n", content_type="text/plain"),
            "readyz": self._ready,
            "metrics": self._figures,
            "denied": self._denied,
        }

    def answer(self, request: Request) -> Answer:
        """Answer one HTTP request. An error of ours is raised: the connection ends, and the door takes that as no opinion."""
        first = request.path.split("/", 2)[1] if request.path.startswith("/") else ""
        caller = self._callers.get(first)
        if caller is not None and caller.wire is None:
            return self.ask(caller, request)
        route = self._routes.get(first)
        if route is None:
            return _NOT_FOUND
        return route(request) if request.method in _READS else _NOT_ALLOWED

    def ask(self, caller: Caller, request: Request) -> Answer:
        """Answer one question in the form of a request, whatever protocol it came in. An error of ours is raised."""
        if not self._has_key(caller, request):
            self._refused.wrong_key(caller)
            return _WRONG_KEY
        started = perf_counter_ns()
        try:
            asked = caller.read(request)
        except NoQuestionError as error:
            self._refused.no_question(caller, error)
            return _NO_QUESTION
        if isinstance(asked, Answer):
            return asked
        hears = asked.door in _SPEAKING and not caller.is_mute
        if hears or caller.is_mute:
            asked = self._with_what_was_said(asked, is_mute=caller.is_mute)
        question = Question(self._desk, asked, caller.no_opinion, self._words(caller, request))
        found = question.decided(started)
        if found is None:
            return caller.no_opinion
        decision, directive = found
        if caller.kicks and self._kick and asked.address and decision.refuses:
            self._kick(asked.login, asked.address)
        # What is heard or taken over, and what a refusal sets off, is so each time.
        return question.said(decision, directive, remembers=not (hears or caller.is_mute or caller.kicks))

    def _with_what_was_said(self, asked: Asked, *, is_mute: bool) -> Asked:
        """Remember what a mail program shows of itself; give one that shows nothing what was said before in its place.

        Of several things that were said, none is taken over, unless all come to a refusal: then this is one, whichever it is.
        """
        at, whose = self._desk.clock(), self._desk.whose(asked.login)
        if is_mute:
            may_be = self._carried.spoken_for(asked, whose, at)
        else:
            self._carried.hear(asked, whose, at)
            # In POP3 and SMTP no program can say what it is.
            standing = self._carried.completed if asked.door == "imap" else self._carried.spoken_for
            may_be = () if asked.is_asked_again else standing(asked, whose, at)
        if len(may_be) == 1 or (may_be and all(self._desk.refuses(each, at) for each in may_be)):
            return may_be[0]
        return asked

    def _words(self, caller: Caller, request: Request) -> Words:
        """Return what puts a decision into a caller's words, shows a refusal to the person, or writes the person a letter."""
        texts = self._settings.texts
        if caller.target_of:
            target = caller.target_of(request)
            return lambda decision, directive: (
                shown(decision, request, target, directive, texts) if decision.refuses else caller.say(decision)
            )
        if caller.tell:
            tell, accepted = caller.tell, request.headers.get("accept-language", "")
            return lambda decision, directive: (
                tell(decision, letter_of(decision, accepted, directive, texts)) if decision.text else caller.say(decision)
            )
        return lambda decision, _: caller.say(decision)

    def _has_key(self, caller: Caller, request: Request) -> bool:
        """Whether the request has one of the caller's keys; each is compared, in a time that tells nothing of it."""
        keys = self._settings.keys.get(caller.id)
        if keys is None:
            return True
        given = caller.key_of(request).encode("latin-1", "replace")
        return sum([compare_digest(given, key) for key in keys]) > 0

    def _denied(self, request: Request) -> Answer:
        """Return what a refused person's browser or phone is shown; the web server asks for it."""
        caller = self._callers["nginx"]
        if not self._has_key(caller, request):
            self._refused.wrong_key(caller)
            return _WRONG_KEY
        if request.path.startswith("/denied/activesync"):
            return refusal(request)
        serving = self._watch.serving
        return page(request, serving.order.directive if serving else None, self._settings.texts)

    def _ready(self, _: Request) -> Answer:
        why = self._desk.why_not(self._desk.clock()) or ("" if self.is_warm else "loading tables")
        return Answer(503, body=f"{why}\n".encode(), content_type="text/plain") if why else _READY

    def _figures(self, _: Request) -> Answer:
        text = figures(self._metrics, self._watch, self._log, self._desk.clock())
        return Answer(200, body=text.encode(), content_type="text/plain; version=0.0.4; charset=utf-8")


_READY: Final = Answer(200, body=b"ready\n", content_type="text/plain")
