"""What a single string tells, held against the order by the same judge.

A rule that names a string meets every client that ever sends it, not only those that the logs showed. So a string earns a
rule by what it tells alone: a DeviceType ``iPhone`` does not tell a version, so an order about old versions gives it none.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from phaseout.devices.identify import identify_all
from phaseout.judge.decide import judge
from phaseout.judge.effect import effect_of_all
from phaseout.judge.match import matches
from phaseout.judge.order import Order
from phaseout.judge.profile import Profile, profile_with
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device
from phaseout.model.directive import Strength
from phaseout.model.effect import Effect

MODEL: str = "model:"
"""Stands before a DeviceModel among the clues of ActiveSync."""


def told(*, agent: str = "", device_type: str = "", device_model: str = "") -> Device:
    """Return what some strings tell together, as if there were nothing else."""
    clues = []
    if agent:
        clues.append(Clue(ClueKind.USER_AGENT, agent))
    if device_type:
        clues.append(Clue(ClueKind.ACTIVESYNC, device_type))
    if device_model:
        clues.append(Clue(ClueKind.ACTIVESYNC, MODEL + device_model))
    return identify_all(clues)


class Alone:
    """Answers for one door and service at one instant; each question is judged once.

    Args:
        order: the order.
        at: the instant.
        door: one of ``PROTOCOLS``.
        service: one of ``SERVICES``.
    """

    def __init__(self, order: Order, at: datetime, door: str, service: str) -> None:
        """Remember where and when."""
        self._order, self._at, self._door, self._service = order, at, door, service

    def effect(self, device: Device, profile: Profile) -> Effect:
        """Return what the order does with a device in the hands of somebody of a profile."""
        return effect_of_all(judge(self._order, profile, device, self._service, self._door, Action.USE, self._at))

    def for_all(self, device: Device, profiles: Iterable[Profile]) -> Effect | None:
        """Return what the order does with a device whoever has it, waivers left aside; None when that depends on who has it."""
        effects = {self.effect(device, profile_with(self._order, profile.clauses)) for profile in profiles}
        return effects.pop() if len(effects) == 1 else None

    def permitted(self, device: Device, profiles: Iterable[Profile]) -> bool:
        """Whether a clause expressly permits a device, whoever has it, and nothing speaks against it."""
        permitting = {
            rule.clause.id
            for rule in self._order.rules
            if rule.clause.strength is Strength.MAY
            and rule.in_force(self._at)
            and rule.covers(self._service)
            and any(matches(each.test, device).holds for each in rule.classes)
        }
        everyone = list(profiles)
        reached = all(permitting.intersection(profile.clauses) for profile in everyone)
        return bool(everyone) and reached and self.for_all(device, everyone) is Effect.ALLOW
