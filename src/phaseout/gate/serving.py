"""What is served: one bundle, made ready for deciding."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from phaseout.bundle.seal import Bundle
from phaseout.bundle.staff import Member, Staff
from phaseout.devices.identify import identify_all
from phaseout.gate.asked import length_of
from phaseout.gate.decision import Chosen, Outcome
from phaseout.gate.memory import Memory
from phaseout.judge.order import Order, compile_order
from phaseout.judge.profile import Profile, profile_of, profile_of_anybody
from phaseout.judge.traits import Traits
from phaseout.model.clue import Clue
from phaseout.model.device import Device
from phaseout.model.verdict import Verdict
from phaseout.people.directory import Directory

CLOCKS_APART: Final = timedelta(hours=1)
"""By which the clocks of two machines may differ."""

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Who(NamedTuple):
    """Whose a login is, as far as it matters.

    Attributes:
        person: the id, or None for a login that is nobody's.
        profile: what of the person matters to the order.
    """

    person: str | None
    profile: Profile


class Told(NamedTuple):
    """In what words an outcome is told.

    Attributes:
        line: the part of its line in the decision log that is the same for all requests that are decided alike.
        labels: of its count: door, verdict, stage, effect.
        text: for people, without the decision's id; empty when there is nothing to say.
    """

    line: bytes
    labels: tuple[str, str, str, str]
    text: str


@dataclass(frozen=True, eq=False)
class Serving:
    """One bundle, made ready for deciding. Make it with ``serve``.

    Attributes:
        order: the directive and its waivers.
        staff: the people of the staff list.
        directory: those by their logins.
        digest: the bundle's.
        made_at: when the bundle was made, in UTC.
        expires: from when on it must not be used any more, in UTC, or None.
        cuts: every instant at which an answer may change, in UTC, sorted, each once.
        outcomes: those already found, by facts, period and policy; this and the next three are this room's own memory.
        told: in what words each outcome is told.
        chosen: what outcomes begin with, by all of a person and a device that matters to the order.
        texts: for people, by clause, service and verdict.
        token: tells this bundle from others, for those who must not keep it from being forgotten.
    """

    order: Order
    staff: Staff
    directory: Directory[Member]
    digest: str
    made_at: datetime
    expires: datetime | None
    cuts: tuple[datetime, ...]
    outcomes: Memory[object, Outcome] = field(default_factory=Memory, repr=False)
    told: Memory[Outcome, Told] = field(default_factory=Memory, repr=False)
    chosen: Memory[object, Chosen] = field(default_factory=Memory, repr=False)
    texts: dict[tuple[str, str, Verdict], str] = field(default_factory=dict, repr=False)
    token: object = field(default_factory=object, repr=False)
    _profiles: dict[tuple[int, int], Profile] = field(default_factory=dict, repr=False)
    _who: Memory[str, Who] = field(default_factory=Memory, repr=False)
    _devices: Memory[tuple[Clue, ...], tuple[Device, Traits]] = field(default_factory=Memory, repr=False)

    def who(self, login: str) -> Who:
        """Say whose a login is; who has not signed in yet may be anybody."""
        found = self._who.get(login)
        if found is None:
            member = self.directory.find(login) if login else None
            if not login:
                found = Who(None, profile_of_anybody(self.order))
            elif member is None:
                found = Who(None, profile_of(self.order, None))
            else:
                found = Who(member.id, self._profile(member))
            self._who.keep(login, found, len(login))
        return found

    def _profile(self, member: Member) -> Profile:
        """Return what of a member matters to the order."""
        if self.order.names:
            return profile_of(self.order, self.staff.placed(member))
        # It names no single person, so all of one unit and with the same roles are alike.
        place = member.unit, member.roles
        found = self._profiles.get(place)
        if found is None:
            found = self._profiles[place] = profile_of(self.order, self.staff.placed(member))
        return found

    def device(self, clues: tuple[Clue, ...]) -> tuple[Device, Traits]:
        """Say what the evidence of one request tells, and what of that matters to the order."""
        found = self._devices.get(clues)
        if found is None:
            device = identify_all(clues)
            found = device, self.order.looks.of(device)
            self._devices.keep(clues, found, length_of(clues) + len(device.reason))
        return found

    def period(self, at: datetime) -> tuple[datetime, datetime]:
        """Return from when on and until when every answer is what it is at an instant."""
        place = bisect_right(self.cuts, at)
        return self.cuts[place - 1] if place else _FIRST, self.cuts[place] if place < len(self.cuts) else _LAST

    def has_expired(self, at: datetime) -> bool:
        """Whether the bundle must not be used any more."""
        return self.expires is not None and at >= self.expires

    def is_ahead_of(self, at: datetime) -> bool:
        """Whether a clock can't be right: the bundle was made later, by more than two clocks differ."""
        return at < self.made_at - CLOCKS_APART


def serve(bundle: Bundle) -> Serving:
    """Make a bundle ready for deciding."""
    content = bundle.content
    order, staff = compile_order(content.directive, content.waivers), Staff.of(content.people)
    ends = [content.made_at - CLOCKS_APART] + ([] if content.expires is None else [content.expires])
    return Serving(
        order=order,
        staff=staff,
        directory=Directory(staff.members, content.domains),
        digest=bundle.digest,
        made_at=content.made_at,
        expires=content.expires,
        cuts=tuple(sorted({*order.cuts, *ends})),
    )
