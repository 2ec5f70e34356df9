"""Exchange's back end, which repeats its front end's requests, and counts where no log of the front end shows the door.

Expressions only; an engine runs them.
"""

from __future__ import annotations

from typing import Final

from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import PASSED, REFUSED, REPEATED
from phaseout.reading.reduction import total

_FRONT_ENDS: Final = ("iis", "httpproxy")
"""The formats in which Exchange's front end writes its requests."""


def _is_told(sightings: ir.Table) -> ir.BooleanValue:
    return sightings.action.startswith(PASSED) | sightings.action.startswith(REFUSED)


def _back(sightings: ir.Table) -> ir.Table:
    """Return a back end's requests, and of each whether it ``is_repeat``.

    It is one where a front end's log shows its door on that day, or where the back end itself says of other requests of the
    device whether they passed: then those count.
    """
    is_back = sightings.action.startswith(REPEATED)
    front = sightings.filter(sightings.format.isin(_FRONT_ENDS) & ~is_back & ~_is_told(sightings))
    front = front.select("protocol", "day").distinct().mutate(is_shown=True)
    told = sightings.filter(_is_told(sightings) & (sightings.device_id != ""))
    told = told.select(id=told.device_id.lower()).distinct().mutate(is_told=True)
    back = sightings.filter(is_back).mutate(id=sightings.device_id.lower())
    met = back.left_join(front, ["protocol", "day"]).select(*back.columns, "is_shown").left_join(told, "id")
    return met.select(*sightings.columns, is_repeat=met.is_shown.notnull() | met.is_told.notnull())


def back_counts(sightings: ir.Table) -> ir.Table:
    """Count a back end's requests by ``file``: those that are ``repeats``, and those that count, ``alone``."""
    met = _back(sightings)
    met = met.mutate(again=ibis.ifelse(met.is_repeat, met.n, 0), once=ibis.ifelse(met.is_repeat, 0, met.n))
    return met.group_by("file").agg(repeats=total(met.again), alone=total(met.once))


def fronted(sightings: ir.Table) -> ir.Table:
    """Drop a back end's requests that are repeats; the others count as what was asked."""
    met = _back(sightings)
    alone = met.filter(~met.is_repeat)
    alone = alone.mutate(action=alone.action.split(" ")[1])
    return ibis.union(sightings.filter(~sightings.action.startswith(REPEATED)), alone.select(*sightings.columns))
