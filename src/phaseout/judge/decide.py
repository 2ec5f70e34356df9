"""The one decision, for batch, gate and simulation alike."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import Final, NamedTuple

from phaseout.judge import reason
from phaseout.judge.order import Order, Rule
from phaseout.judge.profile import Profile
from phaseout.judge.traits import Stance, Traits
from phaseout.model.access import Action
from phaseout.model.device import Device
from phaseout.model.directive import Clause, Strength
from phaseout.model.verdict import Judgement, Ruling, Verdict

MOST_ANSWERS: Final = 500_000
"""Answers kept before the cache is emptied: a gate that runs for months must not grow with what strangers send it."""


def judge(order: Order, profile: Profile, device: Device, service: str, protocol: str, action: Action, at: datetime) -> Judgement:
    """Say what an order says of one case.

    Each judged clause that reaches the profile, is in force and is about the service gives one ruling:

    ====================================  ==============================================================
    the clause permits (``may``)          permitted
    the action does not count as use      permitted, whatever the device is
    the device is of none of its classes  permitted
    that can't be told                    cannot tell, with the device fields that would settle it
    the use is only claimed               cannot tell
    it recommends (``should``)            advised
    before its deadline                   advised
    from its deadline on                  violation
    ====================================  ==============================================================

    The highest of the rulings is the order's verdict. So a clause that permits never cancels one that forbids: an order
    that wants exceptions says so in the clause (``but_not``, ``not``) or by a waiver. A waiver changes no verdict, it
    stands beside it. Between two of the order's ``cuts`` the answer never changes.

    Args:
        order: as compiled.
        profile: of the person, from ``profile_of`` with the same order.
        device: what identification told.
        service: one of ``SERVICES``.
        protocol: one of ``PROTOCOLS``; the door, for its stage.
        action: what was done.
        at: when; it must have a time zone.

    Raises:
        TypeError: ``at`` has no time zone.
    """
    return judge_alike(order, profile, order.looks.of(device), service, protocol, action, at)


def judge_alike(
    order: Order, profile: Profile, traits: Traits, service: str, protocol: str, action: Action, at: datetime
) -> Judgement:
    """Say what ``judge`` says of every device with the same traits.

    Args:
        order: as compiled.
        profile: of the person.
        traits: of the device, from the same order.
        service: one of ``SERVICES``.
        protocol: one of ``PROTOCOLS``.
        action: what was done.
        at: when; it must have a time zone.
    """
    period = bisect_right(order.cuts, at)
    key = (profile, traits, service, protocol, action, period)
    found = order.answers.get(key)
    if found is not None:
        return found
    if len(order.answers) >= MOST_ANSWERS:
        order.answers.clear()
        for rule in order.rules:
            rule.rulings.clear()
    case = _Case(order, profile, traits, service, protocol, action, at, period)
    rulings = tuple(_ruling(case, rule) for rule in _reaching(order, profile, service) if rule.in_force(at))
    answer = Judgement(max((ruling.verdict for ruling in rulings), default=Verdict.NOT_COVERED), rulings)
    order.answers[key] = answer
    return answer


def banned(order: Order, profile: Profile, device: Device, service: str) -> bool | None:
    """Say whether the order forbids a device for a service at all, whatever the date.

    That is what a burn-down counts: people who must still change, also before the deadline.

    Returns:
        True when any clause that must be followed reaches the profile and means the device, None when that can't be told.
    """
    return banned_alike(order, profile, order.looks.of(device), service)


def banned_alike(order: Order, profile: Profile, traits: Traits, service: str) -> bool | None:
    """Say what ``banned`` says of every device with the same traits.

    Args:
        order: as compiled.
        profile: of the person.
        traits: of the device, from the same order.
        service: one of ``SERVICES``.
    """
    binding = (rule for rule in _reaching(order, profile, service) if rule.clause.strength is Strength.MUST)
    stances = {traits.stance(rule.classes, rule.clause.devices).holds for rule in binding}
    return True if True in stances else None if None in stances else False


def forbidden_to_somebody(order: Order, device: Device) -> bool:
    """Say whether any clause that must be followed means a device, whomever it reaches and whatever it is used for.

    That is what can be said where nobody knows whose a device is.
    """
    traits = order.looks.of(device)
    binding = (rule for rule in order.rules if rule.clause.strength is Strength.MUST)
    return any(traits.stance(rule.classes, rule.clause.devices).holds for rule in binding)


class _Case(NamedTuple):
    """What one decision is about."""

    order: Order
    profile: Profile
    traits: Traits
    service: str
    protocol: str
    action: Action
    at: datetime
    period: int


def _reaching(order: Order, profile: Profile, service: str) -> tuple[Rule, ...]:
    """Return the rules that reach a profile and are about a service, whatever the date."""
    key = (profile, service)
    found = order.reaching.get(key)
    if found is None:
        rules = map(order.by_clause.get, profile.clauses)
        found = order.reaching[key] = tuple(rule for rule in rules if rule is not None and rule.covers(service))
    return found


def _ruling(case: _Case, rule: Rule) -> Ruling:
    """Let one rule that reaches the case, is in force and about the service speak; it says the same of all that is alike."""
    stance = case.traits.stance(rule.classes, rule.clause.devices)
    waiver = _waiver(rule, case.profile, case.at) if rule.waivers else None
    key = (stance, case.traits.doubted, case.service, case.protocol, case.action, case.period, waiver)
    found = rule.rulings.get(key)
    if found is None:
        verdict, sentence = _verdict(case, rule, stance)
        settles = stance.settles if verdict is Verdict.CANNOT_TELL else ()
        at_worst = _binding(case, rule.clause, stance.title)[0] if verdict is Verdict.CANNOT_TELL else None
        stage = rule.stage_at(case.protocol, case.at)
        found = rule.rulings[key] = Ruling(rule.clause.id, verdict, sentence, waiver, stage, settles, at_worst)
    return found


def _verdict(case: _Case, rule: Rule, stance: Stance) -> tuple[Verdict, str]:
    """Return the verdict and the reason."""
    clause = rule.clause
    if (Action.USE if case.action is Action.CLAIM else case.action) not in clause.actions:
        return Verdict.PERMITTED, reason.not_counted(case.action)
    titles = tuple(device_class.title for device_class in rule.classes)
    if clause.strength is Strength.MAY and not stance.holds:
        return Verdict.PERMITTED, reason.only_permits()
    if stance.holds is None:
        return Verdict.CANNOT_TELL, reason.cannot_tell(titles, stance.settles)
    if not stance.holds:
        return Verdict.PERMITTED, reason.not_meant(titles)
    if case.action is Action.CLAIM and clause.strength is not Strength.MAY:
        return Verdict.CANNOT_TELL, reason.claimed(stance.title)
    verdict, sentence = _binding(case, clause, stance.title)
    return verdict, sentence + (reason.doubt() if case.traits.doubted else "")


def _binding(case: _Case, clause: Clause, title: str) -> tuple[Verdict, str]:
    """Return what a clause says of a device that it means."""
    starts = reason.date_words(clause.starts, case.order.time_zone)
    deadline = reason.date_words(clause.deadline, case.order.time_zone)
    if clause.strength is Strength.MAY:
        return Verdict.PERMITTED, reason.permitted(title, case.service, starts)
    if clause.strength is Strength.SHOULD:
        return Verdict.ADVISED, reason.advised(title, case.service, starts)
    if case.at < clause.deadline:
        return Verdict.ADVISED, reason.grace(title, case.service, deadline)
    return Verdict.VIOLATION, reason.forbidden(title, case.service, deadline)


def _waiver(rule: Rule, profile: Profile, at: datetime) -> str | None:
    """Return the longest-lasting waiver of this profile that covers the clause at an instant; asked nowhere else."""
    covering = (waiver.id for waiver in rule.waivers if waiver.id in profile.waivers and waiver.starts <= at < waiver.ends)
    return next(covering, None)
