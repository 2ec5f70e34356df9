"""Requests that the logs of two servers show. Expressions only; an engine runs them, with what ``questions.joined`` gives."""

from __future__ import annotations

from typing import Final

from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reduction import NO_DAY, total

AT_MIDNIGHT: Final = 1
"""How many accesses a day a format may show beyond those of the one before it: with clocks apart, one falls on another day."""


def with_rows(table: ir.Table) -> ir.Table:
    """Give each row a number, ``row``."""
    return table.mutate(row=ibis.row_number())


def devices_of(table: ir.Table, formats: ir.Table) -> ir.Table:
    """Return the devices that some formats show, once: ``device``.

    Args:
        table: as joined.
        formats: ``format``.
    """
    return table.semi_join(formats, "format").select("device").distinct()


def repeats(table: ir.Table, looks: ir.Table, shows: ir.Table, behind: dict[str, tuple[str, ...]]) -> ir.Table:
    """Find accesses of formats that stand behind others, where one of those shows as much of the same use on the same day.

    The same use is the same person, door, action and device id in the same period, by a device of which the format in front shows
    all that this one shows, and the same. No more are repeats than the format in front shows, but for one a day: two servers'
    clocks differ at midnight.

    Args:
        table: as joined, with numbers.
        looks: ``device`` and ``look``, a number for all that is known of it.
        shows: ``device`` and ``look``, each look that a device has when only a part of it is known.
        behind: by format, the formats that it stands behind.

    Returns:
        ``row``, ``file``, ``of``, the format that shows them first, and how many of the row's accesses are ``repeated``.
    """
    same = ["person", "protocol", "action", "id", "period", "day", "look"]
    # Servers spell a device's id as they like.
    seen = table.filter(table.day != NO_DAY).mutate(id=table.device_id.lower())
    found = []
    for back, fronts in behind.items():
        front = seen.filter(seen.format.isin(fronts)).inner_join(shows, "device")
        each = front.group_by(*same, "format").agg(shown=total(front.n))
        shown = each.group_by(same).agg(shown=each.shown.max(), of=each.format.min())
        met = seen.filter(seen.format == back).inner_join(looks, "device").inner_join(shown, same)
        in_order = ibis.window(group_by=same, order_by=["file", "first", "last", "clue_set", "row"], preceding=None, following=0)
        before = met.n.sum().over(in_order).cast("int64") - met.n
        left = ibis.greatest(met.shown + AT_MIDNIGHT - before, 0)
        met = met.mutate(repeated=ibis.least(left, met.n))
        found.append(met.filter(met.repeated > 0).select("row", "file", "of", "repeated"))
    return ibis.union(*found) if len(found) > 1 else found[0]


def without(table: ir.Table, repeated: ir.Table) -> ir.Table:
    """Return the sightings less what is repeated.

    Args:
        table: as joined, with numbers.
        repeated: ``row``, ``repeated``.
    """
    taken = repeated.group_by("row").agg(repeated=total(repeated.repeated))
    met = table.left_join(taken, "row")
    left = met.mutate(n=met.n - ibis.coalesce(met.repeated, 0))
    return left.filter(left.n > 0).select(*(name for name in table.columns if name != "row"))


def repeat_counts(repeated: ir.Table) -> ir.Table:
    """Count the repeats by ``file`` and the format that shows them first, ``of``."""
    return repeated.group_by("file", "of").agg(n=total(repeated.repeated))
