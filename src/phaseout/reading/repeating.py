"""Requests that the logs of two servers show. Expressions only; an engine runs them, with what ``questions.joined`` gives."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Final

from msgspec import Struct

from phaseout.model.access import Action
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reduction import NO_DAY, total
from phaseout.reading.settling import CLAIMS, taken_for_use
from phaseout.reading.time import microseconds
from phaseout.reading.two_clocks import APART, APART_WAITING, about_midnight, before_it

SAME: Final = ("person", "protocol", "service", "action", "id", "look")
"""What one request has in common in two logs, beside the time."""


class Pair(Struct, frozen=True):
    """Formats that show the same requests.

    Attributes:
        back: the format whose lines may be repeats.
        fronts: the formats whose lines those repeat.
        tells_less: whether only those that tell less of the device than the line in front are repeats; else those that tell as
            much are, too.
        by_door: whether one of them takes the service from the door, so that services can't be compared.
    """

    back: str
    fronts: tuple[str, ...]
    tells_less: bool = False
    by_door: bool = False


def with_rows(table: ir.Table) -> ir.Table:
    """Give each row a number, ``row``."""
    return table.mutate(row=ibis.row_number())


def timed(table: ir.Table) -> ir.Table:
    """Give each row that is kept by day what it is compared by.

    Args:
        table: as joined.

    Returns:
        The rows with ``id``, ``begins`` and ``ends``, and how far ``apart`` two servers may write one down, in microseconds.
    """
    return table.filter(table.day != NO_DAY).mutate(
        id=table.device_id.lower(),  # servers spell it as they like
        begins=microseconds(table["first"]),
        ends=microseconds(table["last"]),
        apart=ibis.ifelse(table.action == Action.PRESENCE.value, APART_WAITING, APART),
    )


def devices_of(table: ir.Table, formats: ir.Table) -> ir.Table:
    """Return the devices that some formats show, once: ``device``.

    Args:
        table: as joined.
        formats: ``format``.
    """
    return table.semi_join(formats, "format").select("device").distinct()


def repeats(
    table: ir.Table, looks: ir.Table, shows: ir.Table, pairs: tuple[Pair, ...], beforehand: tuple[str, ...] = ()
) -> ir.Table:
    """Find accesses of formats that stand behind others, where one of those shows as much of the same use on the same day.

    The same use is the same person, door, service, action and device id, by a device of which the format in front shows
    all that this one shows, and the same. No more are repeats than the format in front shows on that day, and none
    before its first or after its last: so no day, service or device is hidden that only the log behind shows. About midnight
    servers whose clocks differ put a request on different days.

    Args:
        table: as joined, with numbers.
        looks: ``device`` and ``look``, a number for all that is known of it.
        shows: ``device`` and ``look``, each look that a device has when only a part of it is known, and whether it ``is_part``, 0
            or 1.
        pairs: which formats are held against which.
        beforehand: formats whose claims were held against those in front before.

    Returns:
        ``row``, ``file``, ``of``, the format that shows them first, how many of the row's accesses are ``repeated``, and whether
        the row's first and last are none of those, ``early`` and ``late``, as 0 and 1.
    """
    seen = timed(table)
    if beforehand:
        is_held = seen.format.isin(beforehand) & seen.action.isin(CLAIMS)
        seen = taken_for_use(seen.mutate(is_held=is_held))
    found = []
    for pair in pairs:
        own, front = seen.filter(seen.format == pair.back), seen.filter(seen.format.isin(pair.fronts))
        if pair.back in beforehand and not pair.tells_less:
            own = own.filter(~own.is_held)
        if pair.by_door:
            own, front = own.mutate(service=ibis.literal("")), front.mutate(service=ibis.literal(""))
        elif pair.tells_less:  # without an id, what tells less may be another device's
            own = own.filter(own.id != "")
        both = own.select("person", "id").distinct().semi_join(front.select("person", "id").distinct(), ["person", "id"])
        own, front = own.semi_join(both, ["person", "id"]), front.semi_join(both, ["person", "id"])
        front = front.inner_join(shows.filter(shows.is_part == 1) if pair.tells_less else shows, "device")
        # What the log behind only claims, the one in front may prove; never the other way round.
        proven = front.filter(front.action == Action.USE.value).mutate(action=ibis.literal(Action.CLAIM.value))
        front = ibis.union(front, proven)
        met = own.inner_join(looks, "device")
        met = met.inner_join(_shown(front), [*SAME, "day"]).inner_join(own_times(met), [*SAME, "day"])
        met = counted(met)
        before = before_it(met.fit, (*SAME, "day"))
        met = met.mutate(repeated=ibis.least(ibis.greatest(met.room - before, 0), met.fit))
        found.append(met.filter(met.repeated > 0).select("row", "file", "of", "repeated", "early", "late"))
    if len(found) == 1:
        return found[0]
    each = ibis.union(*found)
    return each.group_by("row", "file").agg(
        of=each.of.min(), repeated=each.repeated.max(), early=each.early.min(), late=each.late.min()
    )


def counted(met: ir.Table) -> ir.Table:
    """Say how many of each row's accesses may be repeats by their times: ``fit``, ``early``, ``late``, and ``room`` for the day.

    What the front shows at the end of a day may be the first of the log behind on the next: then the next day has room for one
    more and this one for one less, unless the log behind shows it on its own day, too. The same the other way round.

    Args:
        met: accesses of the log behind with the times of both, as ``about_midnight``.
    """

    def near(one: ir.IntegerValue, other: ir.IntegerValue) -> ir.BooleanValue:
        return ((one >= other - met.apart) & (one <= other + met.apart)).fill_null(False)

    since_evening = near(met.evening, met.own_opens) & ~near(met.own_evening, met.evening)
    until_morning = near(met.morning, met.own_closes) & ~near(met.own_morning, met.morning)
    to_evening = near(met.opens, met.own_evening) & ~near(met.own_opens, met.opens)
    to_morning = near(met.closes, met.own_morning) & ~near(met.own_closes, met.closes)
    first_fits, last_fits = since_evening & near(met.begins, met.evening), until_morning & near(met.ends, met.morning)
    meets = ((met.ends >= met.opens - met.apart) & (met.begins <= met.closes + met.apart)).fill_null(False)
    early = ~(first_fits | (met.begins >= met.opens - met.apart).fill_null(False))
    late = ~(last_fits | (met.ends <= met.closes + met.apart).fill_null(False))
    more, less = (_ones(since_evening, until_morning), _ones(to_evening, to_morning))
    fit = ibis.ifelse(meets, met.n - _ones(early, late), ibis.least(met.n, _ones(first_fits, last_fits)))
    return met.mutate(fit=fit, room=met.shown + more - less, early=_ones(early), late=_ones(late))


def _ones(*holds: ir.BooleanValue) -> ir.IntegerValue:
    """Count what holds."""
    return reduce(add, (each.cast("int64") for each in holds))


def own_times(own: ir.Table) -> ir.Table:
    """Say by use and day when the log behind begins and ends, as ``about_midnight``, each with ``own_`` before its name."""
    days = own.group_by(*SAME, "day").agg(begins=own.begins.min(), ends=own.ends.max())
    return about_midnight(days).rename({f"own_{name}": name for name in ("opens", "closes", "evening", "morning")})


def _shown(front: ir.Table) -> ir.Table:
    """Say by use and day what the formats in front show of it: as ``about_midnight``, ``shown`` accesses, the format, ``of``."""
    each = front.group_by(*SAME, "day", "format").agg(n=total(front.n), begins=front.begins.min(), ends=front.ends.max())
    days = each.group_by(*SAME, "day").agg(
        shown=each.n.max(), of=each.format.min(), begins=each.begins.min(), ends=each.ends.max()
    )
    return about_midnight(days, shown=lambda table: table.shown.max(), of=lambda table: table.of.min())


def without(table: ir.Table, repeated: ir.Table) -> ir.Table:
    """Return the sightings less what is repeated; where only the first or the last of a row are left, so are their instants.

    Args:
        table: as joined, with numbers.
        repeated: as ``repeats`` gives it.
    """
    taken = repeated.select("row", "repeated", "early", "late")
    met = table.left_join(taken, "row")
    left = met.mutate(n=met.n - ibis.coalesce(met.repeated, 0))
    at_edges = (left.n == left.early + left.late).fill_null(False)
    only_late, only_early = at_edges & (left.early == 0), at_edges & (left.late == 0)
    left = left.mutate(
        first=ibis.ifelse(only_late, left["last"], left["first"]),
        first_place=ibis.ifelse(only_late, left.last_place, left.first_place),
        last=ibis.ifelse(only_early, left["first"], left["last"]),
        last_place=ibis.ifelse(only_early, left.first_place, left.last_place),
    )
    return left.filter(left.n > 0).select(*(name for name in table.columns if name != "row"))


def repeat_counts(repeated: ir.Table) -> ir.Table:
    """Count the repeats by ``file`` and the format that shows them first, ``of``."""
    return repeated.group_by("file", "of").agg(n=total(repeated.repeated))
