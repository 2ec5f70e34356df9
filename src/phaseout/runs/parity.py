"""Parity: where doors that take rules would answer otherwise than the judge does, and how much use that stands for."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from phaseout.exporting.export import Export
from phaseout.exporting.rules import Rules, Seen
from phaseout.model.effect import HARDNESS, Effect
from phaseout.model.verdict import Verdict


class Difference(Struct, frozen=True):
    """Clients to which a door would answer otherwise than the judge, alike in all that is listed here.

    Attributes:
        export: the export's id.
        door: where.
        service: what for.
        user_agent: the agent.
        device_type: ActiveSync's DeviceType.
        device: what all the evidence told together.
        verdict: the judge's.
        clause: of the ruling that counts, or None when no clause reaches it.
        waived: whether a waiver covers that ruling.
        reason: one sentence.
        judged: what the order wants the door to do.
        answered: what the door would do.
        accesses: how many.
        people: of how many people.
    """

    export: str
    door: str
    service: str
    user_agent: str
    device_type: str
    device: str
    verdict: Verdict
    clause: str | None
    waived: bool
    reason: str
    judged: Effect
    answered: Effect
    accesses: int
    people: int

    @property
    def refuses_more(self) -> bool:
        """Whether the door is harder than the order."""
        return HARDNESS[self.answered] > HARDNESS[self.judged]


class Compared(Struct, frozen=True):
    """How one export fares.

    Attributes:
        export: its id.
        accesses: at the doors where it stands.
        cases: distinct clients there.
        elsewhere: accesses at other doors, about which it says nothing.
        differences: those that refuse more than the order first, then by accesses.
    """

    export: str
    accesses: int
    cases: int
    elsewhere: int
    differences: tuple[Difference, ...]

    @property
    def differing(self) -> int:
        """How many accesses the differences stand for."""
        return sum(each.accesses for each in self.differences)


def parity(rules: Rules, exports: Iterable[Export]) -> tuple[Compared, ...]:
    """Ask each export's own semantics about every client that the logs showed, and compare with the judge.

    Args:
        rules: what the exports are written from.
        exports: to compare.
    """
    return tuple(_compared(rules, export) for export in exports)


def _compared(rules: Rules, export: Export) -> Compared:
    answer = export.answers(rules)
    here = [one for one in rules.seen if one.client.door in export.doors]
    found: dict[tuple[object, ...], list[Seen]] = {}
    for one in here:
        answered = answer(one.client)
        if answered is not one.effect:
            client = one.client
            strings = (client.door, client.service, client.user_agent, client.device_type, client.device)
            found.setdefault((*strings, one.judgement, answered), []).append(one)
    differences = [_difference(export.id, those, answer(those[0].client)) for those in found.values()]
    accesses = sum(one.accesses for one in here)
    return Compared(
        export=export.id,
        accesses=accesses,
        cases=len(here),
        elsewhere=sum(one.accesses for one in rules.seen) - accesses,
        differences=tuple(sorted(differences, key=_first)),
    )


def _first(each: Difference) -> tuple[object, ...]:
    return (not each.refuses_more, -each.accesses, each.door, each.service, each.user_agent, each.device_type, each.judged)


def _difference(export: str, those: list[Seen], answered: Effect) -> Difference:
    one = those[0]
    ruling = max(one.judgement.rulings, key=lambda each: each.verdict, default=None)
    return Difference(
        export=export,
        door=one.client.door,
        service=one.client.service,
        user_agent=one.client.user_agent,
        device_type=one.client.device_type,
        device=one.client.device.label,
        verdict=one.judgement.verdict,
        clause=ruling.clause if ruling else None,
        waived=ruling is not None and ruling.waiver is not None,
        reason=ruling.reason if ruling else "No clause reaches this person, service and time.",
        judged=one.effect,
        answered=answered,
        accesses=sum(each.accesses for each in those),
        people=len({each.login for each in those}),
    )
