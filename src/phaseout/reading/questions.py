"""What a check asks of the sightings. Expressions only; an engine runs them.

What differs from one log to the next, such as who is asked about, comes as a table: then the expression is the same one.
"""

from __future__ import annotations

from typing import Final

from phaseout.model.access import Action
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import CLUE_COLUMNS
from phaseout.reading.reduction import at_first, at_last, total
from phaseout.reading.span import DAYS_A_CHUNK

CASE: Final = ("profile", "device", "service", "protocol", "action", "period")
"""What a decision depends on."""


def logins(sightings: ir.Table) -> ir.Table:
    """Every login once: ``login``, ``n`` accesses, ``first`` and ``last``."""
    return sightings.group_by("login").agg(n=total(sightings.n), first=sightings["first"].min(), last=sightings["last"].max())


def clue_sets(sightings: ir.Table) -> ir.Table:
    """Every combination of clues once: the clue columns, empty where there is none."""
    return sightings.select(*CLUE_COLUMNS).distinct()


def joined(sightings: ir.Table, who: ir.Table, clues: ir.Table) -> ir.Table:
    """Put numbers for texts: ``person`` and ``profile`` for the login, ``clue_set`` and ``device`` for the clues.

    Args:
        sightings: as reduced.
        who: ``login``, ``person``, ``profile``.
        clues: the clue columns that tell the sets apart, ``clue_set``, ``device``.
    """
    table = sightings.inner_join(who, "login").inner_join(clues, [name for name in CLUE_COLUMNS if name in clues.columns])
    return table.select(
        "format", "file", "person", "profile", "clue_set", "device", "service", "protocol", "action", "device_id", "period",
        "chunk", "day", "n", "first", "last", "first_place", "last_place", "days",
    )  # fmt: skip


def used_devices(table: ir.Table, people: ir.Table) -> ir.Table:
    """Return the devices that some people used: ``person``, ``device``, ``n``.

    Args:
        table: as joined.
        people: ``person``.
    """
    use = table.filter(table.action == Action.USE.value).semi_join(people, "person")
    return use.group_by("person", "device").agg(n=total(use.n))


def cases(table: ir.Table, profiles: ir.Table) -> ir.Table:
    """Every case of some profiles once.

    Args:
        table: as joined.
        profiles: ``profile``.
    """
    return table.semi_join(profiles, "profile").select(*CASE).distinct()


def findings(table: ir.Table, rulings: ir.Table) -> ir.Table:
    """Reduce the sightings that a clause speaks against to what evidence needs.

    Args:
        table: as joined.
        rulings: the columns of ``CASE``, ``clause``, ``verdict``, ``waiver``, ``reason``, all numbers.
    """
    met = table.inner_join(rulings, list(CASE))
    keys = [
        "person", "clause", "verdict", "waiver", "reason", "device_id", "device", "clue_set", "format", "protocol", "service",
        "chunk",
    ]  # fmt: skip
    return _summed(met, keys)


def sightings_of(table: ir.Table, people: ir.Table) -> ir.Table:
    """Return some people's sightings, for an explanation.

    Args:
        table: as joined.
        people: ``person``.
    """
    keys = ["format", "protocol", "service", "action", "device_id", "device", "clue_set", "period", "chunk", "profile"]
    return _summed(table.semi_join(people, "person"), keys)


def _summed(table: ir.Table, keys: list[str]) -> ir.Table:
    return table.group_by(keys).agg(
        n=total(table.n),
        first=table["first"].min(),
        last=table["last"].max(),
        first_place=at_first(table.first_place, table["first"]),
        last_place=at_last(table.last_place, table["last"]),
        days=table.days.bit_or(),
    )


def other_actions(table: ir.Table, people: ir.Table) -> ir.Table:
    """Count, for some people, what is no use and no claim of it: by ``person``, ``device``, ``device_id`` and ``action``."""
    some = table.filter(~table.action.isin((Action.USE.value, Action.CLAIM.value))).semi_join(people, "person")
    return some.group_by("person", "device", "device_id", "action").agg(n=total(some.n))


def standing(table: ir.Table, states: ir.Table, platforms: ir.Table, clean: int) -> ir.Table:
    """Say by person and chunk of days what was used, and how it stands; who only tried to sign in is not in it.

    What was only claimed says of nobody that all is well.

    Args:
        table: as joined.
        states: the columns of ``CASE``, ``state`` and ``banned``, all numbers; cases that are not in it are clean.
        platforms: ``device`` and ``platform``, numbers.
        clean: the state of those with nothing against them.

    Returns:
        ``person``, ``chunk``, ``platform``, ``state``, ``banned``, ``days`` (bits) and ``n``.
    """
    inside = table.filter(table.action != Action.ATTEMPT.value)
    met = inside.left_join(states, list(CASE)).inner_join(platforms, "device")
    met = met.mutate(state=ibis.coalesce(met.state, clean), banned=ibis.coalesce(met.banned, 0))
    met = met.filter((met.action != Action.CLAIM.value) | (met.state != clean))
    return met.group_by("person", "chunk", "platform", "state", "banned").agg(days=met.days.bit_or(), n=total(met.n))


def people(stood: ir.Table) -> ir.Table:
    """Reduce what ``standing`` gives to ``person``, the highest ``state``, and ``n`` accesses."""
    return stood.group_by("person").agg(state=stood.state.max(), n=total(stood.n))


SEEN: Final = 0
BANNED: Final = 1
VIOLATING: Final = 2
FIRST_PLATFORM: Final = 3
"""What ``day_counts`` counts people by; platforms follow by their numbers."""


def day_counts(stood: ir.Table, violating: int) -> ir.Table:
    """Count people by day.

    Args:
        stood: what ``standing`` gives.
        violating: the state of those who violate.

    Returns:
        ``label`` (``SEEN``, ``BANNED``, ``VIOLATING``, or ``FIRST_PLATFORM`` plus a platform), ``chunk``, ``bit`` and ``people``.
    """
    columns = ("person", "chunk", "days")
    labelled = ibis.union(
        stood.select(*columns, label=ibis.literal(SEEN, "int32")),
        stood.filter(stood.banned == 1).select(*columns, label=ibis.literal(BANNED, "int32")),
        stood.filter(stood.state == violating).select(*columns, label=ibis.literal(VIOLATING, "int32")),
        stood.select(*columns, label=(stood.platform + FIRST_PLATFORM).cast("int32")),
    )
    once = labelled.group_by("label", "person", "chunk").agg(days=labelled.days.bit_or())
    each = once.mutate(bit=ibis.range(0, DAYS_A_CHUNK).unnest().cast("int64"))
    shown = each.filter(((each.days >> each.bit) & ibis.literal(1, "int64")) == 1)
    return shown.group_by("label", "chunk", "bit").agg(people=shown.count())


def days_of(stood: ir.Table, some: ir.Table) -> ir.Table:
    """Return the days on which some people were seen: ``person``, ``chunk``, ``days``."""
    met = stood.semi_join(some, "person")
    return met.group_by("person", "chunk").agg(days=met.days.bit_or())


def doors(table: ir.Table) -> ir.Table:
    """Say what was seen of each door: ``protocol``, ``format``, ``chunk``, ``n``, ``days``."""
    return table.group_by("protocol", "format", "chunk").agg(n=total(table.n), days=table.days.bit_or())


def unclear(table: ir.Table, unknown: ir.Table) -> ir.Table:
    """Say how much use evidence stands for that did not settle the device.

    Args:
        table: as joined.
        unknown: ``clue_set`` of the evidence in question.

    Returns:
        ``clue_set``, ``n`` accesses, ``people``; most used first.
    """
    met = table.filter(table.action == "use").semi_join(unknown, "clue_set")
    found = met.group_by("clue_set").agg(n=total(met.n), people=met.person.nunique())
    return found.order_by(ibis.desc("n"), "clue_set")


def shared_device_ids(table: ir.Table) -> ir.Table:
    """Every pair of a device id and a device once, of the ids that stand for several devices; ids in lower case."""
    pairs = table.filter(table.device_id != "").select("device_id", "device").distinct()
    named = pairs.mutate(device_id=pairs.device_id.lower())
    devices = named.group_by("device_id").agg(least=named.device.min(), most=named.device.max())
    shared = devices.filter(devices.least != devices.most)
    return named.semi_join(shared, "device_id").distinct()


CLIENT: Final = ("person", "profile", "clue_set", "device", "device_id", "service", "protocol", "format")
"""What makes clients distinct."""


def clients(table: ir.Table) -> ir.Table:
    """Every client that got in, once: the columns of ``CLIENT``, ``n`` accesses, and the ``last``."""
    some = table.filter(~table.action.isin((Action.ATTEMPT.value, Action.CLAIM.value)))
    return some.group_by(*CLIENT).agg(n=total(some.n), last=some["last"].max()).order_by(*CLIENT)


def tried(table: ir.Table) -> ir.Table:
    """Return everybody who tried to sign in and failed at it, or was only named, once: ``person``."""
    return table.filter(table.action.isin((Action.ATTEMPT.value, Action.CLAIM.value))).select("person").distinct()


def attempts(table: ir.Table) -> ir.Table:
    """Count the accesses that were refused: ``n``."""
    some = table.filter(table.action == Action.ATTEMPT.value)
    return some.agg(n=ibis.coalesce(total(some.n), ibis.literal(0, "int64")))


def day_number(chunk: int, bit: int) -> int:
    """Return the day since 1970 that a bit of a chunk stands for."""
    return chunk * DAYS_A_CHUNK + bit
