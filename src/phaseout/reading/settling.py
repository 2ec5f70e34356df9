"""What one log says of an access, and another settles: claims that are proven, and requests that were refused further in.

Expressions only; an engine runs them, with the tables that ``questions.joined`` gives.
"""

from __future__ import annotations

from typing import Final

from phaseout.model.access import Action
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import PASSED, REFUSED
from phaseout.reading.reduction import NO_DAY, total
from phaseout.reading.time import microseconds
from phaseout.reading.two_clocks import APART, about_midnight, before_it

PROVEN: Final = "proven"
"""The action of a claim that is use, until it is known whether another log shows the same request."""


CLAIMS: Final = (Action.CLAIM.value, PROVEN)
"""The actions of claims, as long as it is not known."""


def unsettled(table: ir.Table) -> ir.Table:
    """Count what another log may settle: ``claims``, and what a server further in ``told``."""
    some = table.filter((table.action == Action.CLAIM.value) | _is_told(table))
    return some.agg(claims=some.count(where=some.action == Action.CLAIM.value), told=some.count(where=_is_told(some)))


def _is_told(table: ir.Table) -> ir.BooleanValue:
    return table.action.startswith(REFUSED) | table.action.startswith(PASSED)


def unproven(table: ir.Table, files: ir.Table) -> ir.Table:
    """Take use of webmail for claims in logs of servers that answer anybody.

    Args:
        table: as joined.
        files: ``file``, those logs' numbers.
    """
    some = files.distinct().mutate(is_open=True)
    met = table.left_join(some, "file")
    is_claim = met.is_open.notnull() & (met.protocol == "webmail") & (met.action == Action.USE.value)
    return met.mutate(action=ibis.ifelse(is_claim, Action.CLAIM.value, met.action)).select(*table.columns)


def settled(table: ir.Table, beforehand: tuple[str, ...] = ()) -> ir.Table:
    """Take claims for use where the same person got in with the same client, or on that day with the device of the same id.

    What else was only claimed stays a claim.

    Args:
        table: as joined.
        beforehand: formats whose claims are ``PROVEN`` for now.
    """
    seen = table.mutate(id=table.device_id.lower())
    use = seen.filter(seen.action == Action.USE.value)
    proven = use.select("person", "clue_set").distinct().mutate(by_client=True)
    known = use.filter((use.id != "") & (use.day != NO_DAY)).select("person", "id", "day").distinct().mutate(by_id=True)
    met = seen.left_join(proven, ["person", "clue_set"]).select(*seen.columns, "by_client")
    met = met.left_join(known, ["person", "id", "day"])
    is_use = (met.action == Action.CLAIM.value) & (met.by_client.notnull() | met.by_id.notnull())
    use_ = ibis.ifelse(met.format.isin(beforehand), PROVEN, Action.USE.value) if beforehand else Action.USE.value
    return met.mutate(action=ibis.ifelse(is_use, use_, met.action)).select(*table.columns)


def taken_for_use(table: ir.Table) -> ir.Table:
    """Take for use what is ``PROVEN``."""
    return table.mutate(action=ibis.ifelse(table.action == PROVEN, Action.USE.value, table.action))


_DEVICE: Final = ("person", "id", "day")
"""What requests of one device on one day have in common."""

_ASKED: Final = (*_DEVICE, "asked")
"""What requests have in common that may be one and the same in two logs."""

_REACHED: Final = (Action.USE.value, Action.PRESENCE.value, Action.SET_UP.value)


def _parts(table: ir.Table) -> tuple[ir.Table, ir.Table, ir.Table]:
    """Take apart what a server further in tells.

    Returns:
        What it tells of a device on days on which it refused it, or of which no log in front shows anything, with ``asked``, the
        action, and whether it ``is_refused``; what it tells of others; and what logs in front show of any.
    """
    seen = table.mutate(id=table.device_id.lower())
    told = seen.filter(_is_told(seen))
    told = told.mutate(asked=told.action.split(" ")[1], is_refused=told.action.startswith(REFUSED))
    refused = told.filter(told.is_refused).select(*_DEVICE).distinct()
    reached = seen.filter(seen.action.isin(_REACHED) & (seen.day != NO_DAY) & (seen.protocol == "activesync"))
    # With clocks apart, a request at midnight stands on another day.
    days = [reached.select(*_DEVICE).mutate(day=(reached.day + apart).cast("int32")) for apart in (-1, 0, 1)]
    known = told.semi_join(ibis.union(*days).distinct(), _DEVICE).anti_join(refused, _DEVICE)
    return told.anti_join(known.select("row"), "row"), known, reached.mutate(asked=reached.action)


def held_off(table: ir.Table) -> ir.Table:
    """Put what a server further in tells of a device, on days on which it refused it, in place of what logs in front show.

    As many of the same requests in front are taken out as it tells of; requests that it refused are attempts. What the front
    shows beyond those is what it was, unless the device got nothing all through that time. On other days, what the server further
    in tells is dropped, for the front shows it; where that shows nothing at all, it counts.

    Args:
        table: as joined, with numbers, without repeats.
    """
    told, _, reached = _parts(table)
    known = told.group_by(*_ASKED).agg(told=total(told.n))
    met = reached.inner_join(known, _ASKED)
    before = before_it(met.n, _ASKED)
    taken = met.mutate(taken=ibis.least(ibis.greatest(met.told - before, 0), met.n)).select("row", "taken")
    met = reached.inner_join(_times(told), _DEVICE)
    begins, ends = microseconds(met["first"]), microseconds(met["last"])
    opens, closes = ibis.coalesce(met.opens, met.morning), ibis.coalesce(met.closes, met.evening)
    since = (begins >= opens - APART).fill_null(False) | (begins <= met.evening + APART).fill_null(False)
    until = (ends <= closes + APART).fill_null(False) | (ends >= met.morning - APART).fill_null(False)
    nothing = met.filter((met.passed == 0) & since & until).select("row").mutate(got_nothing=True)
    attempt = ibis.literal(Action.ATTEMPT.value)
    rest = table.filter(~_is_told(table)).left_join(taken, "row").drop("row_right").left_join(nothing, "row")
    rest = rest.mutate(
        n=rest.n - ibis.coalesce(rest.taken, 0), action=ibis.ifelse(rest.got_nothing.notnull(), attempt, rest.action)
    )
    columns = [name for name in table.columns if name != "row"]
    return ibis.union(
        rest.filter(rest.n > 0).select(*columns),
        told.mutate(action=ibis.ifelse(told.is_refused, attempt, told.asked)).select(*columns),
    )


def _times(told: ir.Table) -> ir.Table:
    """Say of each device and day when it was refused, as ``about_midnight``, and how many requests ``passed``."""
    days = told.group_by(*_DEVICE).agg(
        passed=ibis.coalesce(total(ibis.ifelse(told.is_refused, 0, told.n)), ibis.literal(0, "int64")),
        begins=microseconds(told["first"].min(where=told.is_refused)),
        ends=microseconds(told["last"].max(where=told.is_refused)),
    )
    return about_midnight(days, passed=lambda table: table.passed.max())


def told_counts(table: ir.Table) -> ir.Table:
    """Count by ``file`` the requests, ``n``, that a server further in tells of and that count in a log in front, or not at all.

    Args:
        table: as ``held_off`` takes it.
    """
    told, dropped, reached = _parts(table)
    front = reached.group_by(*_ASKED).agg(shown=total(reached.n))
    met = told.inner_join(front, _ASKED)
    before = before_it(met.n, _ASKED)
    met = met.mutate(n=ibis.least(ibis.greatest(met.shown - before, 0), met.n))
    aside = ibis.union(met.select("file", "n"), dropped.select("file", "n"))
    return aside.filter(aside.n > 0).group_by("file").agg(n=total(aside.n))
