"""What another bundle would have decided: every decision of a log asked again, and every difference told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from phaseout.gate.decide import decide
from phaseout.gate.policy import DEFAULT, Policy
from phaseout.gate.record import Record
from phaseout.gate.serving import Serving


class Said(Struct, frozen=True):
    """What was, or would be, decided.

    Attributes:
        effect: what the door is told.
        verdict: what the order says.
        clause: the id of the clause that decided, or None.
        stage: what the door does for that clause, or None.
        waiver: the id of the waiver that covers it, or None.
        reason: one sentence.
    """

    effect: str
    verdict: str
    clause: str | None
    stage: str | None
    waiver: str | None
    reason: str

    @property
    def short(self) -> str:
        """All but the reason, for people."""
        more = {"clause": self.clause, "stage": self.stage, "waiver": self.waiver}
        return f"{self.effect} ({', '.join((self.verdict, *(f'{name} {text}' for name, text in more.items() if text)))})"

    def is_like(self, other: Said) -> bool:
        """Whether two are the same but for the words of their reasons."""
        mine, others = ((each.effect, each.verdict, each.clause, each.stage, each.waiver) for each in (self, other))
        return mine == others


class Difference(Struct, frozen=True):
    """Decisions that would be others now, alike in all that decides.

    Attributes:
        person: the id; a login that is nobody's stands as it is.
        door: one of ``PROTOCOLS``.
        service: one of ``SERVICES``.
        device: what it is, for people.
        before: what was decided.
        after: what would be.
        count: how many decisions.
        first: the id of the first of them.
    """

    person: str
    door: str
    service: str
    device: str
    before: Said
    after: Said
    count: int
    first: str


class Replayed(Struct):
    """What a replay found.

    Attributes:
        same: decisions that would be the same.
        different: those that would not.
        unreadable: lines that are no decision.
        differences: grouped, most first.
    """

    same: int = 0
    different: int = 0
    unreadable: int = 0
    differences: tuple[Difference, ...] = ()


def replay(
    decisions: Iterable[Record | None], serving: Serving, policies: Mapping[str, Policy], at: datetime | None = None
) -> Replayed:
    """Ask a bundle what it would have decided.

    Args:
        decisions: of a log; None for a line that is none.
        serving: the bundle.
        policies: the operator's, by door.
        at: for which instant; each decision's own, unless given.
    """
    found, groups = Replayed(), dict[tuple[str, str, str, str, Said, Said], list[str]]()
    for record in decisions:
        asked = _asked_again(record, serving, policies, at) if record is not None else None
        if record is None or asked is None:
            found.unreadable += 1
            continue
        before, after, device = asked
        if before.is_like(after):
            found.same += 1
            continue
        found.different += 1
        key = (record.person or record.login or "nobody", record.door, record.service, device, before, after)
        groups.setdefault(key, []).append(record.id)
    told = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0][:4]))
    found.differences = tuple(Difference(*key, count=len(ids), first=ids[0]) for key, ids in told)
    return found


def _asked_again(
    record: Record, serving: Serving, policies: Mapping[str, Policy], at: datetime | None
) -> tuple[Said, Said, str] | None:
    """Return what was and what would be decided, and of which device; None when the record's words are not known."""
    try:
        asked = record.asked
    except ValueError:
        return None
    outcome = decide(serving, policies.get(record.door, DEFAULT), asked, at or record.at)
    clause = outcome.clause.id if outcome.clause else None
    before = Said(record.effect, record.verdict, record.clause, record.stage, record.waiver, record.reason)
    after = Said(
        outcome.effect.value, outcome.verdict.word, clause, outcome.stage and outcome.stage.value, outcome.waiver, outcome.reason
    )
    return before, after, outcome.device.label


def told(found: Replayed) -> Iterator[str]:
    """Give the lines in which a replay is told to people."""
    yield f"{found.same} decisions would be the same, {found.different} would not, {found.unreadable} lines are no decision."
    for each in found.differences:
        yield f"{each.count:>7}  {each.person}, {each.device}, {each.door} ({each.service}), first {each.first}"
        yield f"         was:      {each.before.short}: {each.before.reason}"
        yield f"         would be: {each.after.short}: {each.after.reason}"
