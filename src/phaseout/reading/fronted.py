"""Exchange's back end, which repeats its front end's requests, and counts where no log of the front end shows them.

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


def back_logins(sightings: ir.Table) -> ir.Table:
    """Return once each ``login`` by the doors that a back end shows without device ids; none where it shows nothing so."""
    back = sightings.filter(sightings.action.startswith(REPEATED) & (sightings.device_id == ""))
    doors = back.select("protocol").distinct()
    return sightings.semi_join(doors, "protocol").select("login").distinct()


def backs(sightings: ir.Table, owners: ir.Table) -> ir.Table:
    """Return a back end's requests, and of each whether it ``is_repeat``.

    It is one where a front end's log shows its door on that day, and of that door the same device id, or where there is none,
    the same person: what came in by another front end, or at another time of the day, nobody else shows. Whose login nobody
    has, such as another server's, is no person. Or it is one where the back end itself says of other requests of the device
    whether they passed: then those count.

    Args:
        sightings: as reduced.
        owners: ``login`` and ``owner``, the number of the person, of logins that somebody has.
    """
    seen = sightings.mutate(id=sightings.device_id.lower()).left_join(owners, "login")
    seen = seen.select(*sightings.columns, "id", "owner")
    is_back = seen.action.startswith(REPEATED)
    front = seen.filter(seen.format.isin(_FRONT_ENDS) & ~is_back & ~_is_told(seen))
    doors = front.select("protocol", "day").distinct().mutate(is_shown=True)
    ids = _about(front.filter(front.id != ""), "id").mutate(is_same=True)
    people = _about(front.filter(front.owner.notnull()), "owner").mutate(is_there=True)
    told = seen.filter(_is_told(seen) & (seen.id != "")).select("id").distinct().mutate(is_told=True)
    met = seen.filter(is_back).left_join(doors, ["protocol", "day"]).select(*seen.columns, "is_shown")
    met = met.left_join(ids, ["protocol", "id", "day"]).select(*seen.columns, "is_shown", "is_same")
    met = met.left_join(people, ["protocol", "owner", "day"]).select(*seen.columns, "is_shown", "is_same", "is_there")
    met = met.left_join(told, "id")
    is_known = ibis.ifelse(met.id != "", met.is_same.notnull(), met.owner.isnull() | met.is_there.notnull())
    return met.select(*sightings.columns, is_repeat=(met.is_shown.notnull() & is_known) | met.is_told.notnull())


def _about(front: ir.Table, name: str) -> ir.Table:
    """Say by door on which days a front end shows something, and on those beside them: with clocks apart, it may be midnight."""
    days = [front.select("protocol", name, day=(front.day + apart).cast("int32")) for apart in (-1, 0, 1)]
    return ibis.union(*days).distinct()


def back_counts(met: ir.Table) -> ir.Table:
    """Count a back end's requests, as ``backs`` has them, by ``file``: those that are ``repeats``, and that count, ``alone``."""
    met = met.mutate(again=ibis.ifelse(met.is_repeat, met.n, 0), once=ibis.ifelse(met.is_repeat, 0, met.n))
    return met.group_by("file").agg(repeats=total(met.again), alone=total(met.once))


def fronted(sightings: ir.Table, met: ir.Table) -> ir.Table:
    """Drop a back end's requests that are repeats, as ``backs`` says; the others count as what was asked."""
    alone = met.filter(~met.is_repeat)
    alone = alone.mutate(action=alone.action.split(" ")[1])
    return ibis.union(sightings.filter(~sightings.action.startswith(REPEATED)), alone.select(*sightings.columns))
