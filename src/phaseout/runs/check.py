"""Check: from an order and the logs to who still uses what for work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, TextIO

from msgspec import Struct
from msgspec.structs import replace

import phaseout
from phaseout.devices.loading import load_mail
from phaseout.engines import ENGINES
from phaseout.model.answer import Answer, LogAccount
from phaseout.model.device import Device
from phaseout.reading.engine import Engine
from phaseout.reading.given import NUMBER, TEXT, plain_table
from phaseout.reading.question import Table
from phaseout.reading.questions import joined
from phaseout.reading.reader import BACK_END, OPEN_WEBMAIL, Reader
from phaseout.reading.repeating import Pair, devices_of, repeat_counts, repeats, with_rows, without
from phaseout.reading.settling import held_off, settled, told_counts, unproven, unsettled
from phaseout.runs.begun import Begun, begun
from phaseout.runs.choosing import Log
from phaseout.runs.covering import covered
from phaseout.runs.finding import Known, found, places_of
from phaseout.runs.inputs import Asked, Norms
from phaseout.runs.judging import Judged, judged
from phaseout.runs.numbering import Numbered, clue_table, look_tables, marked, resolved
from phaseout.runs.picturing import pictured, units
from phaseout.runs.placing import series_of
from phaseout.runs.roster import Roster, roster_of
from phaseout.runs.taking import take


class Checked(Struct, frozen=True):
    """A check that has read its logs and judged every case; questions can be put to it until it is closed.

    Attributes:
        engine: keeps the tables.
        table: the sightings, with numbers for what is distinct.
        asked: what was asked.
        norms: what the accesses were held against.
        roster: the staff list, made ready.
        accounts: of every log.
        numbered: what the numbers stand for.
        judged: what the cases were judged to be.
        known: what findings are written with.
    """

    engine: Engine
    table: Table
    asked: Asked
    norms: Norms
    roster: Roster
    accounts: tuple[LogAccount, ...]
    numbered: Numbered
    judged: Judged
    known: Known

    def answer(self) -> Answer:
        """Put the answer together."""
        picture = pictured(self.engine, self.table, self.judged, self.numbered)
        return Answer(
            directive=self.norms.directive,
            at=self.asked.at,
            since=self.asked.since,
            until=self.asked.until,
            coverage=covered(self.engine, self.table, self.asked, self.norms, self.roster, self.numbered, picture, self.accounts),
            findings=found(self.engine, self.table, self.known),
            units=units(self.norms.people, picture.state),
            days=picture.days,
            version=phaseout.__version__,
        )


def check(asked: Asked, norms: Norms, rejects: TextIO, logs: Begun | None = None, engine: str = "duckdb") -> Checked:
    """Read the logs and judge every case once.

    Args:
        asked: what is asked of which logs.
        norms: what the accesses are held against.
        rejects: takes the lines that can't be read, as JSON lines.
        logs: the logs, where their reading has begun.
        engine: which engine does the work that grows with the logs.

    Raises:
        FaultsError: a log's format is not known, or it needs a time zone.
    """
    with ExitStack() as stack:
        if logs is None:
            logs = stack.enter_context(begun(asked, norms.order))
        with_engine: Engine = ENGINES[engine]()
        try:
            roster = roster_of(norms)  # while the logs are read, as the next
            load_mail()
            accounts = take(with_engine, logs, rejects, asked.at, withheld=asked.withheld)
            return _checked(with_engine, asked, norms, roster, logs.logs, accounts)
        except BaseException:
            with_engine.close()
            raise


def _answering_anybody(accounts: tuple[LogAccount, ...]) -> list[int]:
    """Return the numbers of logs of web servers that have given a page of a webmail to somebody who had not signed in.

    The logs that rotation has made of one are one server's. Servers that say themselves who has signed in are not meant.
    """
    places = [(series_of(account.file), account.format) for account in accounts]
    found = {place for place, account in zip(places, accounts, strict=True) if account.ignored.get(OPEN_WEBMAIL)}
    return [number for number, place in enumerate(places) if place in found and place[1] == _TELLS_NO_SIGN_IN]


_TELLS_NO_SIGN_IN: Final = "combined"
"""The format that writes down a name whether anybody has checked its password or not."""


def _checked(
    engine: Engine, asked: Asked, norms: Norms, roster: Roster, logs: tuple[Log, ...], accounts: tuple[LogAccount, ...]
) -> Checked:
    """Number what is distinct in the sightings, and judge every case once."""
    sightings = engine.sightings()
    whose = resolved(engine, sightings, norms, roster)
    clues, sets, devices, of_set = clue_table(engine, sightings)
    table = engine.keep("joined", joined, sightings, whose.table, clues)
    anybody = _answering_anybody(accounts)
    if anybody:
        files = engine.give("anybody", plain_table({"file": NUMBER}, [anybody]))
        table = engine.keep("unproven", unproven, table, files)
    (open_,) = engine.ask(unsettled, table).to_pylist()
    if open_["claims"]:
        table = engine.keep("settled", settled, table)
    table, accounts = _without_repeats(engine, table, devices, logs, accounts)
    if open_["told"]:
        table, accounts = _with_told(engine, table, accounts)
    told = tuple(sets), tuple(devices), tuple(of_set)
    numbered = Numbered(whose.people, len(norms.people), whose.strangers, whose.profiles, *told, whose.logins, whose.owners)
    decided = judged(engine, table, norms.order, numbered)
    marks = marked(engine, table, numbered.devices)
    known = Known(numbered, decided, norms.order.waivers, places_of(accounts), marks)
    return Checked(engine, table, asked, norms, roster, accounts, numbered, decided, known)


def _pairs(readers: Mapping[str, Reader]) -> Iterator[Pair]:
    """Give the formats at hand that show the same requests; those that know the door alone are held against others apart."""
    for id_, reader in readers.items():
        for fronts, tells_less in ((reader.behind, False), (reader.beside, True)):
            here = [front for front in fronts if front in readers]
            for by_door in (False, True):
                some = tuple(each for each in here if (reader.by_door or readers[each].by_door) is by_door)
                if some:
                    yield Pair(id_, some, tells_less, by_door)


def _without_repeats(
    engine: Engine, table: Table, devices: Sequence[Device], logs: tuple[Log, ...], accounts: tuple[LogAccount, ...]
) -> tuple[Table, tuple[LogAccount, ...]]:
    """Take out the requests that a log further in shows again; their lines become ignored, with the reason."""
    pairs = tuple(_pairs({log.reader.id: log.reader for log in logs if log.reader is not None}))
    if not pairs:
        return table, accounts
    each = engine.keep("with_rows", with_rows, table)
    backs = engine.give("backs", plain_table({"format": TEXT}, [list(dict.fromkeys(pair.back for pair in pairs))]))
    some: list[int] = engine.ask(devices_of, each, backs).column("device").to_pylist()
    repeated = engine.keep("repeated", repeats, each, *look_tables(engine, devices, some), pairs)
    counts = engine.ask(repeat_counts, repeated).to_pylist()
    if not counts:
        return table, accounts
    kept = list(accounts)
    for row in counts:
        account = kept[row["file"]]
        ignored = {**account.ignored, f"repeat of {row['of']}": row["n"]}
        kept[row["file"]] = replace(account, accesses=account.accesses - row["n"], ignored=ignored)
    return engine.keep("first_seen", without, each, repeated), tuple(kept)


def _with_told(engine: Engine, table: Table, accounts: tuple[LogAccount, ...]) -> tuple[Table, tuple[LogAccount, ...]]:
    """Hold what a server further in tells of its refusals against the requests in front of it; repeats are set aside."""
    each = engine.keep("with_rows_too", with_rows, table)
    kept = list(accounts)
    for row in engine.ask(told_counts, each).to_pylist():
        account = kept[row["file"]]
        ignored = {**account.ignored, BACK_END: account.ignored.get(BACK_END, 0) + row["n"]}
        kept[row["file"]] = replace(account, accesses=account.accesses - row["n"], ignored=dict(sorted(ignored.items())))
    return engine.keep("held_off", held_off, each), tuple(kept)
