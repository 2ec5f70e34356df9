"""What the operator chose for a door, and what a ruling does there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from phaseout.gate.address import address_of
from phaseout.judge.effect import effect_of
from phaseout.model.directive import StageKind
from phaseout.model.effect import Effect
from phaseout.model.verdict import Ruling, Verdict


@dataclass(frozen=True, eq=False)
class Policy:
    """What the operator chose for a door; each is equal to itself alone, which makes it quick to remember decisions by.

    Attributes:
        cannot_tell: what happens when a clause's stage blocks and the device can't be told. Allowed, unless somebody wrote
            otherwise: a rule that refuses what it does not know refuses the innocent.
        at_most: the hardest effect that the door may have, whatever the order says; to try a gate out.
        quarantine_as: what a quarantine is at a door that has no such thing.
        exempt: networks whose requests are decided elsewhere, such as the webmail server's own IMAP connections.
    """

    cannot_tell: Effect = Effect.ALLOW
    at_most: Effect = Effect.BLOCK
    quarantine_as: Effect = Effect.WARN
    exempt: tuple[IPv4Network | IPv6Network, ...] = ()

    def exempts(self, address: str | None) -> bool:
        """Whether requests from an address are decided elsewhere."""
        if not self.exempt or not address:
            return False
        found = self._addresses.get(address)
        if found is None:
            if len(self._addresses) >= _MOST_ADDRESSES:
                self._addresses.clear()
            found = self._addresses[address] = _within(address, self.exempt)
        return found

    def effect_of(self, ruling: Ruling) -> Effect:
        """Return what one ruling does at the door.

        Args:
            ruling: of the judge.
        """
        key = (ruling.verdict, ruling.at_worst, ruling.stage, ruling.waiver is None)
        found = self._effects.get(key)
        if found is None:
            found = self._effects[key] = effect_of(
                ruling, quarantine_as=self.quarantine_as, cannot_tell=self.cannot_tell, at_most=self.at_most
            )
        return found

    @cached_property
    def _effects(self) -> dict[tuple[Verdict, Verdict | None, StageKind | None, bool], Effect]:
        """What was asked about already, by all of a ruling that matters to an effect."""
        return {}

    @cached_property
    def _addresses(self) -> dict[str, bool]:
        """Addresses that were asked about already."""
        return {}


_MOST_ADDRESSES: Final = 100_000

DEFAULT: Final = Policy()
"""Of doors that the operator wrote nothing about."""


def _within(address: str, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    try:
        place = address_of(address)
    except ValueError:
        return False
    return any(place in network for network in networks)
