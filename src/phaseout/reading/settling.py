"""What one log says of an access, and another settles: claims that are proven, and requests that were refused further in.

Expressions only; an engine runs them, with the tables that ``questions.joined`` gives.
"""

from __future__ import annotations

from typing import Final

from phaseout.model.access import Action
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import REFUSAL
from phaseout.reading.reduction import NO_DAY, total


def unsettled(table: ir.Table) -> ir.Table:
    """Count what another log may settle: ``claims`` and ``refusals``."""
    some = table.filter((table.action == Action.CLAIM.value) | (table.action == REFUSAL))
    return some.agg(claims=some.count(where=some.action == Action.CLAIM.value), refusals=some.count(where=some.action == REFUSAL))


def settled(table: ir.Table) -> ir.Table:
    """Take claims for use where the same person got in with the same client; what else was only claimed stays a claim.

    Args:
        table: as joined.
    """
    proven = table.filter(table.action == Action.USE.value).select("person", "clue_set").distinct().mutate(is_proven=True)
    met = table.left_join(proven, ["person", "clue_set"])
    is_use = (met.action == Action.CLAIM.value) & met.is_proven.notnull()
    return met.mutate(action=ibis.ifelse(is_use, Action.USE.value, met.action)).select(*table.columns)


_SAME: Final = ("person", "id", "day")
"""What requests of one device on one day have in common."""


def held_off(table: ir.Table) -> ir.Table:
    """Take requests for attempts of which a server further in tells that it refused them.

    Of each device, as many of a day as were refused, the latest first: rules that begin during the day refuse from then on. A
    refusal of which no log in front shows the request stands for it.

    Args:
        table: as joined, with numbers, without repeats.
    """
    seen = table.mutate(id=table.device_id.lower())
    told = seen.filter(seen.action == REFUSAL)
    refused = told.group_by(*_SAME).agg(refused=total(told.n))
    reached = (Action.USE.value, Action.PRESENCE.value, Action.SET_UP.value)
    front = seen.filter(seen.action.isin(reached) & (seen.day != NO_DAY) & (seen.protocol == "activesync"))
    latest = ibis.window(
        group_by=_SAME, order_by=[ibis.desc("last"), ibis.desc("first"), "file", "clue_set", "row"], preceding=None, following=0
    )
    met = front.inner_join(refused, _SAME)
    after = met.n.sum().over(latest).cast("int64") - met.n
    met = met.mutate(taken=ibis.least(ibis.greatest(met.refused - after, 0), met.n))
    alone = told.anti_join(front.select(*_SAME).distinct(), _SAME)
    columns = [name for name in table.columns if name != "row"]
    taken = met.select("row", "taken")
    rest = table.filter(table.action != REFUSAL).left_join(taken, "row")
    rest = rest.mutate(n=rest.n - ibis.coalesce(rest.taken, 0))
    attempt = ibis.literal(Action.ATTEMPT.value)
    return ibis.union(
        rest.filter(rest.n > 0).select(*columns),
        met.filter(met.taken > 0).mutate(n=met.taken, action=attempt).select(*columns),
        alone.mutate(action=attempt).select(*columns),
    )


def refusal_counts(table: ir.Table) -> ir.Table:
    """Count by ``file`` the refusals, ``n``, of which a log in front shows the request.

    Args:
        table: as ``held_off`` takes it.
    """
    seen = table.mutate(id=table.device_id.lower())
    front = seen.filter((seen.action != REFUSAL) & (seen.action != Action.ATTEMPT.value) & (seen.protocol == "activesync"))
    front = front.filter((front.action != Action.CLAIM.value) & (front.day != NO_DAY))
    some = seen.filter(seen.action == REFUSAL).semi_join(front, _SAME)
    return some.group_by("file").agg(n=total(some.n))
