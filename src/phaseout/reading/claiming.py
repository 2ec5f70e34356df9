"""Claims of logs that are written before anybody knows what becomes of a request, held against logs that know it.

Such a log has a claim of each request: of the one without a password, too, which many clients send first, of one with a wrong
password, and of each picture of a page. Expressions only; an engine runs them, with what ``questions.joined`` gives.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from phaseout.model.access import Action
from phaseout.reading.on_demand import ibis, ir
from phaseout.reading.reader import CLUE_COLUMNS
from phaseout.reading.reduction import total
from phaseout.reading.repeating import SAME, Pair, counted, own_times, timed
from phaseout.reading.settling import CLAIMS
from phaseout.reading.two_clocks import about_midnight, before_it

_ASIDE: Final = "aside"
"""Stands for the action of what is set aside."""

_KINDS: Final = {
    "use": (Action.USE.value,),
    "claim": CLAIMS,
    "set_up": (Action.SET_UP.value,),
    "presence": (Action.PRESENCE.value,),
    "attempt": (Action.ATTEMPT.value,),
    "aside": (_ASIDE,),
}
"""What a request can have come to, by the actions of accesses."""

_OWN: Final = "own_"
"""Stands before what is counted of the log whose claims are looked at."""

_KEYS: Final = (*SAME, "day")

_REQUEST: Final = tuple(name for name in _KEYS if name != "action")

_COMPARED: Final = ("person", "protocol", "service", "action", "id", "device", "day", "format", "n", "begins", "ends")


def known_clues(table: ir.Table, clues: ir.Table) -> ir.Table:
    """Leave out what has clues that tell sets apart in no access.

    Args:
        table: as ``reduction.asides`` gives it.
        clues: the clue columns that tell the sets apart, ``clue_set``, ``device``.
    """
    return table.filter([table[name] == "" for name in CLUE_COLUMNS if name not in clues.columns])


def claiming(pairs: tuple[Pair, ...], beforehand: tuple[str, ...]) -> tuple[Pair, ...]:
    """Return the pairs of which one format is written beforehand: the one behind, or some of those in front that tell more.

    Args:
        pairs: which formats are held against which.
        beforehand: those.
    """
    fronts = {pair: tuple(front for front in pair.fronts if front in beforehand) for pair in pairs if pair.tells_less}
    return (
        *(pair for pair in pairs if not pair.tells_less and pair.back in beforehand),
        *(replace(pair, fronts=some) for pair, some in fronts.items() if some),
    )


def claim_repeats(table: ir.Table, aside: ir.Table, looks: ir.Table, shows: ir.Table, pairs: tuple[Pair, ...]) -> ir.Table:
    """Find claims of requests of which another log shows what they came to.

    As in ``repeats``, it must be the same person, door, service and device id on the same day, by a device of which both logs
    show the same; and no more are repeats than the other log shows, nor any before its first or after its last. There each
    line counts, whether it was use, failed, or was set aside: one request is one line in both. What the claiming log shows beside
    claims takes its own share first. Where that log tells more of the device, its claims stand for the other's use, and only
    those beyond that repeat what came to nothing.

    Args:
        table: as joined, with numbers, and with the claims settled.
        aside: the same of what is set aside.
        looks: as ``repeats`` takes it.
        shows: as ``repeats`` takes it.
        pairs: as ``claiming`` gives them.

    Returns:
        As ``repeats`` gives it.
    """
    seen, less = timed(table), timed(aside).mutate(action=ibis.literal(_ASIDE))
    lines = ibis.union(seen.select(*_COMPARED), less.select(*_COMPARED))
    found = []
    for pair in pairs:
        own = seen.filter(seen.format.isin(pair.fronts) if pair.tells_less else seen.format == pair.back)
        other = lines.filter(lines.format == pair.back if pair.tells_less else lines.format.isin(pair.fronts))
        # A Ping is written down when it ends, up to an hour later, and no log takes one for use.
        other = other.filter((other.action != Action.PRESENCE.value) | (other.protocol != "activesync"))
        if pair.by_door:
            own, other = own.mutate(service=ibis.literal("")), other.mutate(service=ibis.literal(""))
        elif pair.tells_less:  # without an id, what tells less may be another device's
            own = own.filter(own.id != "")
        other = other.semi_join(own.select("person", "id").distinct(), ["person", "id"])
        parts = shows.filter(shows.is_part == 1)
        own = own.inner_join(parts if pair.tells_less else looks, "device")
        other = other.inner_join(looks if pair.tells_less else shows, "device")
        found.append(_repeated(own, other, tells_less=pair.tells_less))
    each = ibis.union(*found) if len(found) > 1 else found[0]
    return each.group_by("row", "file").agg(
        of=each.of.min(), repeated=each.repeated.max(), early=each.early.min(), late=each.late.min()
    )


def _repeated(own: ir.Table, other: ir.Table, *, tells_less: bool) -> ir.Table:
    """Find the claims of one log that repeat lines of another.

    Args:
        own: its accesses.
        other: the other log's lines.
        tells_less: whether the other one tells less of the device.
    """
    claims = own.filter(own.action.isin(CLAIMS)).mutate(action=ibis.literal(Action.CLAIM.value))
    met = claims.inner_join(_of_day(own, other, tells_less=tells_less), _KEYS).inner_join(own_times(claims), _KEYS)
    met = counted(met)
    if tells_less:  # about midnight the day's claims may stand for the use of another
        met = met.mutate(room=ibis.least(met.room, met.shown))
    before = before_it(met.fit, _KEYS)
    met = met.mutate(repeated=ibis.least(ibis.greatest(met.room - before, 0), met.fit))
    return met.filter(met.repeated > 0).select("row", "file", "of", "repeated", "early", "late")


def _of_day(own: ir.Table, other: ir.Table, *, tells_less: bool) -> ir.Table:
    """Say by request and day for how many claims the other log has room: as ``about_midnight``, with ``shown`` and ``of``."""
    each = other.group_by(*_REQUEST, "format").agg(**_numbers(other), begins=other.begins.min(), ends=other.ends.max())
    days = each.group_by(*_REQUEST).agg(
        **{name: each[name].max() for name in _KINDS}, of=each.format.min(), begins=each.begins.min(), ends=each.ends.max()
    )
    mine = own.group_by(*_REQUEST).agg(**_numbers(own, _OWN))
    met = days.left_join(mine, list(_REQUEST))
    met = met.select(*days.columns, **{name: ibis.coalesce(met[name], 0) for name in mine.columns if name.startswith(_OWN)})
    beyond = {name: ibis.greatest(met[name] - met[f"{_OWN}{name}"], 0) for name in ("use", "set_up", "presence", "attempt")}
    no_use = beyond["set_up"] + beyond["presence"] + beyond["attempt"] + met.aside
    if tells_less:
        spare = met[f"{_OWN}claim"] + met[f"{_OWN}use"] - met.use - met.claim
        room = ibis.least(no_use, ibis.greatest(spare, 0))
    else:
        room = beyond["use"] + met.claim + no_use
    days = met.select(*_REQUEST, "of", "begins", "ends", shown=room.cast("int64"), action=ibis.literal(Action.CLAIM.value))
    return about_midnight(days, shown=lambda table: table.shown.max(), of=lambda table: table.of.min())


def _numbers(table: ir.Table, mark: str = "") -> dict[str, ir.IntegerScalar]:
    """Count a table's accesses by what the requests came to; a mark stands before each name."""
    return {f"{mark}{name}": total(ibis.ifelse(table.action.isin(actions), table.n, 0)) for name, actions in _KINDS.items()}
