"""The value that every export is written from: the order at an instant, and whom and what the logs showed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from phaseout.judge.order import Order
from phaseout.judge.profile import Profile
from phaseout.model.device import Device
from phaseout.model.directive import Directive
from phaseout.model.effect import Effect
from phaseout.model.person import Person
from phaseout.model.verdict import Judgement


class Client(Struct, frozen=True):
    """What doors can see of a request. The strings are as the client sent them; empty where the log has none.

    Attributes:
        door: one of ``PROTOCOLS``.
        service: one of ``SERVICES``.
        user_agent: the agent.
        device_type: ActiveSync's DeviceType.
        device_model: ActiveSync's DeviceModel.
        device_id: the device's own id.
        device: what all the evidence told together.
        profile: what of the person matters to the order.
        person: who; None for a login that belongs to nobody on the staff list.
    """

    door: str
    service: str
    user_agent: str = ""
    device_type: str = ""
    device_model: str = ""
    device_id: str = ""
    device: Device = Device()
    profile: Profile = Profile()
    person: Person | None = None


class Seen(Struct, frozen=True):
    """A client that the logs showed, and what the order says of it at the instant.

    Attributes:
        client: who, with what, where.
        judgement: the judge's, as for use.
        effect: what the door should do.
        accesses: how many there were; attempts that were refused do not count.
        last: the last of them, in UTC.
        login: the person's id, or the login that belongs to nobody.
    """

    client: Client
    judgement: Judgement
    effect: Effect
    accesses: int
    last: datetime
    login: str


class Group(Struct, frozen=True):
    """The members of staff that the order treats alike.

    Attributes:
        profile: what of them matters to the order.
        people: who; empty for those who are on no staff list.
    """

    profile: Profile
    people: tuple[Person, ...]


class Ids(Struct, frozen=True):
    """The object ids under which a directory service knows those whom an order names.

    Attributes:
        units: group ids by path, such as ``Ministry / Finance``.
        roles: group ids by the role's name.
        people: user ids by the person's id in the staff list, or by a login or address of the person.
        never: user ids that no rule may shut out: the accounts kept for emergencies.
    """

    units: Mapping[str, str] = {}
    roles: Mapping[str, str] = {}
    people: Mapping[str, str] = {}
    never: tuple[str, ...] = ()


class Rules(Struct, frozen=True):
    """What an export is written from; it reads no clock and no other file.

    Attributes:
        at: the instant whose rules these are, in UTC.
        order: the directive with its waivers, ready for judging.
        groups: all of the staff list by profile, and those who are on no list, whether the logs showed them or not.
        seen: what the logs showed, in a fixed order.
        attempts: accesses that were left out, for they were refused: anybody can try with any name and any agent.
        ids: for directory services.
        version: of phaseout.
        spellings: further logins of members of staff, by their id, as the logs spell them.
    """

    at: datetime
    order: Order
    groups: tuple[Group, ...]
    seen: tuple[Seen, ...]
    attempts: int = 0
    ids: Ids = Ids()
    version: str = ""
    spellings: Mapping[str, tuple[str, ...]] = {}

    @property
    def directive(self) -> Directive:
        """The order as data."""
        return self.order.directive
