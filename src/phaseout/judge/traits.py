"""Traits: what of a device matters to an order. Many devices share one, so each is judged once for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Final, NamedTuple

from phaseout.judge.match import NO, Match, any_of, matches
from phaseout.model.device import Device
from phaseout.model.directive import DeviceClass
from phaseout.model.predicate import AllOf, AnyOf, Is, Predicate

MOST_DEVICES: Final = 100_000
"""Devices that are remembered before all are forgotten: a gate that runs for months must not grow with what strangers send."""

OTHER: Final = ""
"""Stands for every maker and platform that no class names."""


class Stance(NamedTuple):
    """What several classes together say of a device.

    Attributes:
        holds: whether it is of any of them; None for "cannot tell".
        settles: the device fields that would settle a "cannot tell".
        title: of the first class that it is of; empty when there is none.
    """

    holds: bool | None
    settles: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What of a device matters to an order. Make it with ``traits_of``; each is equal to itself alone.

    Attributes:
        matches: what each class says of it, by id; a class that says no is left out.
        doubted: whether the evidence contradicts itself.
        stances: those already found, by the ids of the classes; this room's own memory.
    """

    matches: dict[str, Match]
    doubted: bool
    stances: dict[tuple[str, ...], Stance] = field(default_factory=dict, repr=False)

    def stance(self, classes: tuple[DeviceClass, ...], ids: tuple[str, ...]) -> Stance:
        """Say what some classes together say.

        Args:
            classes: in the order of the clause that names them.
            ids: theirs.
        """
        found = self.stances.get(ids)
        if found is None:
            each = [(self.matches.get(name, NO), one.title) for name, one in zip(ids, classes, strict=True)]
            match = any_of(said for said, _ in each)
            title = next((title for said, title in each if said.holds), "")
            found = self.stances[ids] = Stance(match.holds, match.settles, title)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """An order's device classes, looked up by maker and platform instead of asked one by one.

    Attributes:
        classes: those that a clause names, each with the makers and the platforms outside of which it is sure to say no.
        makers: every maker that a class names.
        platforms: every platform that a class names.
        likely: classes that may say something else than no, by maker and platform; this and the next two are this room's own
            memory.
        traits: by what they say.
        devices: traits already found.
    """

    classes: tuple[tuple[DeviceClass, frozenset[str] | None, frozenset[str] | None], ...]
    makers: frozenset[str]
    platforms: frozenset[str]
    likely: dict[tuple[str | None, str | None], tuple[DeviceClass, ...]] = field(default_factory=dict, repr=False)
    traits: dict[object, Traits] = field(default_factory=dict, repr=False)
    devices: dict[Device, Traits] = field(default_factory=dict, repr=False)

    def of(self, device: Device) -> Traits:
        """Return the traits of a device."""
        found = self.devices.get(device)
        if found is None:
            if len(self.devices) >= MOST_DEVICES:
                self.devices.clear()
            if len(self.traits) >= MOST_DEVICES:
                self.traits.clear()
            found = self.devices[device] = self._found(device)
        return found

    def _found(self, device: Device) -> Traits:
        """Ask the classes that may say something else than no."""
        said = {one.id: match for one in self._likely(device) if (match := matches(one.test, device)) != NO}
        doubted = bool(device.contradictions)
        return self.traits.setdefault((tuple(said.items()), doubted), Traits(said, doubted))

    def _likely(self, device: Device) -> tuple[DeviceClass, ...]:
        maker, platform = device.maker and device.maker.casefold(), device.platform
        key = (
            maker if maker is None or maker in self.makers else OTHER,
            platform if platform is None or platform in self.platforms else OTHER,
        )
        found = self.likely.get(key)
        if found is None:
            found = self.likely[key] = tuple(
                one for one, makers, platforms in self.classes if _may_be(key[0], makers) and _may_be(key[1], platforms)
            )
        return found


def looks_of(classes: Iterable[DeviceClass]) -> Looks:
    """Make device classes ready for asking.

    Args:
        classes: each once; their tests name no other class.
    """
    known = tuple((one, _bound(one.test, "maker"), _bound(one.test, "platform")) for one in classes)
    return Looks(
        classes=known,
        makers=frozenset[str]().union(*(makers for _, makers, _ in known if makers)),
        platforms=frozenset[str]().union(*(platforms for _, _, platforms in known if platforms)),
    )


def _may_be(value: str | None, bound: frozenset[str] | None) -> bool:
    """Whether a device with such a value may be of a class with such a bound; what is not known may be anything."""
    return bound is None or value is None or value in bound


def _bound(test: Predicate, name: str) -> frozenset[str] | None:
    """Return the values of a field outside of which a predicate is sure to say no; None when it may hold with any."""
    match test:
        case Is():
            wanted: frozenset[str] = getattr(test, name)
            return wanted or None
        case AllOf(parts):
            bounds = [bound for part in parts if (bound := _bound(part, name)) is not None]
            return reduce(and_, bounds) if bounds else None
        case AnyOf(parts):
            each = [_bound(part, name) for part in parts]
            known = [bound for bound in each if bound is not None]
            return reduce(or_, known, frozenset()) if len(known) == len(each) else None
        case _:
            return None
