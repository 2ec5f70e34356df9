"""Reconcile what several logs say of the same requests: each counts once, and as what the log says that knows best."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.model.answer import LogAccount
from phaseout.model.device import Device
from phaseout.reading.claiming import claim_repeats, claiming, known_clues
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, TEXT, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import joined
from phaseout.reading.reader import BACK_END, OPEN_WEBMAIL, Reader
from phaseout.reading.repeating import Pair, devices_of, repeat_counts, repeats, with_rows, without
from phaseout.reading.settling import held_off, settled, taken_for_use, told_counts, unproven, unsettled
from phaseout.runs.choosing import Log
from phaseout.runs.numbering import look_tables
from phaseout.runs.placing import series_of

Accounts = tuple[LogAccount, ...]


class Given(Struct, frozen=True):
    """What all logs show together.

    Attributes:
        table: the sightings, as ``questions.joined`` gives them.
        who: whose the logins are, as that takes it.
        clues: the sets of clues, as that takes them.
        devices: what those tell.
    """

    table: Table
    who: Table
    clues: Table
    devices: Sequence[Device]


def reconciled(engine: Engine, given: Given, logs: tuple[Log, ...], accounts: Accounts) -> tuple[Table, Accounts]:
    """Settle what one log says and another knows better, and take out what another shows again.

    Returns:
        The sightings, and the accounts, in which repeats are ignored, with the reason.
    """
    table = given.table
    anybody = _answering_anybody(accounts)
    if anybody:
        files = engine.give("anybody", plain_table({"file": NUMBER}, [anybody]))
        table = engine.keep("unproven", unproven, table, files)
    (open_,) = engine.ask(unsettled, table).to_pylist()
    readers = {log.reader.id: log.reader for log in logs if log.reader is not None}
    pairs = tuple(_pairs(readers))
    beforehand = tuple(id_ for id_, reader in readers.items() if reader.beforehand)
    claimed = claiming(pairs, beforehand) if open_["claims"] else ()
    beforehand = beforehand if claimed else ()
    if open_["claims"]:
        table = engine.keep("settled", settled, table, beforehand)
    if pairs:
        looks = _looks(engine, table, given.devices, pairs)
        if claimed:
            table, accounts = _without_claims(engine, replace(given, table=table), looks, claimed, accounts)
        each = engine.keep("with_rows", with_rows, table)
        repeated = engine.keep("repeated", repeats, each, *looks, pairs, beforehand)
        table, accounts = _without(engine, table, each, repeated, accounts)
    if claimed:
        table = engine.keep("taken_for_use", taken_for_use, table)
    if open_["told"]:
        table, accounts = _with_told(engine, table, accounts)
    return table, accounts


def _answering_anybody(accounts: Accounts) -> list[int]:
    """Return the numbers of logs of web servers that have given a page of a webmail to somebody who had not signed in.

    The logs that rotation has made of one are one server's. Servers that say themselves who has signed in are not meant.
    """
    places = [(series_of(account.file), account.format) for account in accounts]
    found = {place for place, account in zip(places, accounts, strict=True) if account.ignored.get(OPEN_WEBMAIL)}
    return [number for number, place in enumerate(places) if place in found and place[1] == _TELLS_NO_SIGN_IN]


_TELLS_NO_SIGN_IN: Final = "combined"
"""The format that writes down a name whether anybody has checked its password or not."""


def _pairs(readers: Mapping[str, Reader]) -> Iterator[Pair]:
    """Give the formats at hand that show the same requests; those that know the door alone are held against others apart."""
    for id_, reader in readers.items():
        for fronts, tells_less in ((reader.behind, False), (reader.beside, True)):
            here = [front for front in fronts if front in readers]
            for by_door in (False, True):
                some = tuple(each for each in here if (reader.by_door or readers[each].by_door) is by_door)
                if some:
                    yield Pair(id_, some, tells_less, by_door)


def _looks(engine: Engine, table: Table, devices: Sequence[Device], pairs: tuple[Pair, ...]) -> tuple[Table, Table]:
    """Give numbers to what the logs show of the devices."""
    backs = engine.give("backs", plain_table({"format": TEXT}, [list(dict.fromkeys(pair.back for pair in pairs))]))
    some: list[int] = engine.ask(devices_of, table, backs).column("device").to_pylist()
    return look_tables(engine, devices, some)


def _without_claims(
    engine: Engine, given: Given, looks: tuple[Table, Table], pairs: tuple[Pair, ...], accounts: Accounts
) -> tuple[Table, Accounts]:
    """Take out the claims of requests of which another log shows what they came to."""
    aside = engine.keep("known_clues", known_clues, engine.asides(), given.clues)
    aside = engine.keep("aside", joined, aside, given.who, given.clues)
    each = engine.keep("with_rows", with_rows, given.table)
    repeated = engine.keep("repeated_claims", claim_repeats, each, aside, *looks, pairs)
    return _without(engine, given.table, each, repeated, accounts)


def _without(engine: Engine, table: Table, each: Table, repeated: Table, accounts: Accounts) -> tuple[Table, Accounts]:
    """Take out what is repeated; the lines become ignored, with the reason."""
    counts = engine.ask(repeat_counts, repeated).to_pylist()
    if not counts:
        return table, accounts
    return engine.keep(f"less_{repeated.name}", without, each, repeated), _set_aside(accounts, counts)


def _set_aside(accounts: Accounts, counts: Sequence[Mapping[str, Any]]) -> Accounts:
    kept = list(accounts)
    for row in counts:
        kept[row["file"]] = kept[row["file"]].setting_aside(row["n"], f"repeat of {row['of']}")
    return tuple(kept)


def _with_told(engine: Engine, table: Table, accounts: Accounts) -> tuple[Table, Accounts]:
    """Hold what a server further in tells of its refusals against the requests in front of it; repeats are set aside."""
    each = engine.keep("with_rows_too", with_rows, table)
    kept = list(accounts)
    for row in engine.ask(told_counts, each).to_pylist():
        kept[row["file"]] = kept[row["file"]].setting_aside(row["n"], BACK_END)
    return engine.keep("held_off", held_off, each), tuple(kept)
