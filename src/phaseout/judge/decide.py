"""The one decision, for batch, gate and simulation alike."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from phaseout.judge import reason
from phaseout.judge.match import Match, any_of, matches
from phaseout.judge.order import Order, Rule
from phaseout.judge.profile import Profile
from phaseout.model.access import Action
from phaseout.model.device import Device
from phaseout.model.directive import Clause, DeviceClass, Strength
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
    key = (profile, device, service, protocol, action, bisect_right(order.cuts, at))
    found = order.answers.get(key)
    if found is not None:
        return found
    case = _Case(order, profile, device, service, protocol, action, at)
    rulings = tuple(_ruling(case, rule) for rule in _reaching(order, profile, service) if rule.in_force(at))
    answer = Judgement(max((ruling.verdict for ruling in rulings), default=Verdict.NOT_COVERED), rulings)
    if len(order.answers) >= MOST_ANSWERS:
        order.answers.clear()
    order.answers[key] = answer
    return answer


def banned(order: Order, profile: Profile, device: Device, service: str) -> bool | None:
    """Say whether the order forbids a device for a service at all, whatever the date.

    That is what a burn-down counts: people who must still change, also before the deadline.

    Returns:
        True when any clause that must be followed reaches the profile and means the device, None when that can't be told.
    """
    binding = (rule for rule in _reaching(order, profile, service) if rule.clause.strength is Strength.MUST)
    return any_of(_class_match(order, rule, device) for rule in binding).holds


@dataclass(frozen=True, slots=True)
class _Case:
    """What one decision is about."""

    order: Order
    profile: Profile
    device: Device
    service: str
    protocol: str
    action: Action
    at: datetime


def _reaching(order: Order, profile: Profile, service: str) -> Iterator[Rule]:
    """Give the rules that reach a profile and are about a service, whatever the date."""
    rules = map(order.by_clause.get, profile.clauses)
    return (rule for rule in rules if rule is not None and rule.covers(service))


def _class_match(order: Order, rule: Rule, device: Device) -> Match:
    """Say whether a device is of any class of a clause."""
    return any_of(_cached_match(order, device_class, device) for device_class in rule.classes)


def _cached_match(order: Order, device_class: DeviceClass, device: Device) -> Match:
    """Ask each class about each device once."""
    key = (device_class.id, device)
    found = order.matches.get(key)
    if found is None:
        if len(order.matches) >= MOST_ANSWERS:
            order.matches.clear()
        found = order.matches[key] = matches(device_class.test, device)
    return found


def _ruling(case: _Case, rule: Rule) -> Ruling:
    """Let one rule that reaches the case, is in force and about the service speak."""
    verdict, sentence, settles = _verdict(case, rule)
    return Ruling(
        clause=rule.clause.id,
        verdict=verdict,
        reason=sentence,
        waiver=_waiver(rule, case.profile, case.at),
        stage=rule.stage_at(case.protocol, case.at),
        settles=settles,
    )


def _verdict(case: _Case, rule: Rule) -> tuple[Verdict, str, tuple[str, ...]]:
    """Return the verdict, the reason, and what would settle it."""
    clause = rule.clause
    if case.action not in clause.actions:
        return Verdict.PERMITTED, reason.not_counted(case.action), ()
    match = _class_match(case.order, rule, case.device)
    titles = tuple(device_class.title for device_class in rule.classes)
    if clause.strength is Strength.MAY and not match.holds:
        return Verdict.PERMITTED, reason.only_permits(), ()
    if match.holds is None:
        return Verdict.CANNOT_TELL, reason.cannot_tell(titles, match.settles), match.settles
    if not match.holds:
        return Verdict.PERMITTED, reason.not_meant(titles), ()
    meant = (device_class.title for device_class in rule.classes if _cached_match(case.order, device_class, case.device).holds)
    verdict, sentence = _binding(case, clause, next(meant))
    return verdict, sentence + reason.doubt(case.device), ()


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
