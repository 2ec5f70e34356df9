"""The decision: the same three as in the batch, identify, resolve and judge, and then the door's stage."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import Final

from phaseout.gate.asked import Asked
from phaseout.gate.decision import Chosen, Outcome
from phaseout.gate.policy import Policy
from phaseout.gate.serving import Serving
from phaseout.judge.decide import judge_alike
from phaseout.judge.profile import Profile
from phaseout.judge.traits import Traits
from phaseout.model.access import Action
from phaseout.model.clue import Clue
from phaseout.model.effect import HARDNESS, Effect
from phaseout.model.verdict import Verdict

EXEMPT: Final = "Decided elsewhere: the request comes from an address that this door exempts."
ANYBODY: Final = "Nobody has signed in yet, and it may be somebody whom a waiver covers."
NOTHING: Final = "No clause reaches this person, service and time."


def decide(serving: Serving, policy: Policy, asked: Asked, at: datetime) -> Outcome:
    """Say what a door does with a request.

    Every request is judged as use, whatever it does: a door that lets a forbidden device set itself up only to refuse what
    comes next helps nobody. Where the request is something else (``asked.action``), that is judged too, for a clause may
    count it. Where the evidence can be read in several ways, each is judged. The hardest answer counts.

    Args:
        serving: the bundle.
        policy: the door's.
        asked: the facts.
        at: when; it must have a time zone.
    """
    period = bisect_right(serving.cuts, at)
    exempt = bool(policy.exempt) and policy.exempts(asked.address)
    key = (asked.login, asked.clues, asked.door, asked.service, asked.action, asked.others, period, exempt, policy)
    found = serving.outcomes.get(key)
    if found is None:
        found = _exempt(serving, asked) if exempt else _decide(serving, policy, asked, at, period)
        serving.outcomes.keep(key, found, asked.length)
    return found


def _exempt(serving: Serving, asked: Asked) -> Outcome:
    who = serving.who(asked.login)
    return Outcome(Effect.ALLOW, Verdict.NOT_COVERED, None, None, None, EXEMPT, who.person, serving.device(asked.clues)[0])


def _decide(serving: Serving, policy: Policy, asked: Asked, at: datetime, period: int) -> Outcome:
    """Judge every reading of the evidence; the hardest effect counts, then the highest verdict, then the first reading."""
    if not asked.others:
        return _judged(serving, policy, asked, asked.clues, at, period)
    outcomes = [_judged(serving, policy, asked, clues, at, period) for clues in (asked.clues, *asked.others)]
    return max(outcomes, key=lambda outcome: (HARDNESS[outcome.effect], outcome.verdict))


def _judged(serving: Serving, policy: Policy, asked: Asked, clues: tuple[Clue, ...], at: datetime, period: int) -> Outcome:
    person, profile = serving.who(asked.login)
    device, traits = serving.device(clues)
    # Few people and devices differ in what matters to the order: most that are new were decided about already.
    # What no clause counts would be judged for nothing.
    action = asked.action if asked.action in serving.order.counted else Action.USE
    key = (profile, traits, asked.door, asked.service, action, period, policy, not asked.login)
    chosen = serving.chosen.get(key)
    if chosen is None:
        chosen = _chosen(serving, policy, asked, action, profile, traits, at)
        serving.chosen.keep(key, chosen)
    return Outcome(*chosen, person, device)


def _chosen(
    serving: Serving, policy: Policy, asked: Asked, action: Action, profile: Profile, traits: Traits, at: datetime
) -> Chosen:
    """Go by one ruling: the hardest effect, the highest verdict, the first."""
    effect, told = Effect.ALLOW, None
    # What each clause says of the request as use, and as what it is.
    for each in dict.fromkeys((Action.USE, action)):
        for ruling in judge_alike(serving.order, profile, traits, asked.service, asked.door, each, at).rulings:
            if told is not None and ruling.verdict <= Verdict.PERMITTED:
                continue  # it lets pass, as the gentlest does, and says less than any other
            own = policy.effect_of(ruling)
            if told is None or (HARDNESS[own], ruling.verdict) > (HARDNESS[effect], told.verdict):
                effect, told = own, ruling
    if told is None:
        return Effect.ALLOW, Verdict.NOT_COVERED, None, None, None, NOTHING
    if told.waiver is not None and not asked.login:  # some person's, who need not be this one
        return effect, Verdict.NOT_COVERED, None, None, None, ANYBODY
    return effect, told.verdict, serving.order.by_clause[told.clause].clause, told.stage, told.waiver, told.reason
