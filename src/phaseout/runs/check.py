"""Check: from an order and the logs to who still uses what for work."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TextIO

from msgspec import Struct

import phaseout
from phaseout.devices.loading import load_mail
from phaseout.engines import ENGINES
from phaseout.model.answer import Answer, LogAccount
from phaseout.reading.engine import Engine
from phaseout.reading.question import Table
from phaseout.reading.questions import joined
from phaseout.runs.begun import Begun, begun
from phaseout.runs.choosing import Log
from phaseout.runs.comparing import compared
from phaseout.runs.counting import standings
from phaseout.runs.covering import covered
from phaseout.runs.finding import Known, found, places_of
from phaseout.runs.fronting import without_back_ends
from phaseout.runs.inputs import Asked, Norms
from phaseout.runs.judging import Judged, judged
from phaseout.runs.numbering import Numbered, clue_table, marked, resolved
from phaseout.runs.picturing import pictured, units
from phaseout.runs.reconciling import Given, reconciled
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
        standing = standings(self.asked, self.norms, self.roster, picture.state)
        return Answer(
            directive=self.norms.directive,
            at=self.asked.at,
            since=self.asked.since,
            until=self.asked.until,
            coverage=covered(self.engine, self.table, self.asked, self.norms, standing, self.numbered, picture, self.accounts),
            findings=found(self.engine, self.table, self.known),
            units=units(self.norms.people, picture.state, standing),
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
            accounts, without_ids = take(with_engine, logs, rejects, asked.at, withheld=asked.withheld)
            return _checked(with_engine, asked, norms, roster, logs.logs, accounts, without_ids)
        except BaseException:
            with_engine.close()
            raise


def _checked(
    engine: Engine,
    asked: Asked,
    norms: Norms,
    roster: Roster,
    logs: tuple[Log, ...],
    accounts: tuple[LogAccount, ...],
    without_ids: frozenset[int],
) -> Checked:
    """Number what is distinct in the sightings, and judge every case once."""
    sightings = engine.sightings()
    if any(log.reader is not None and log.reader.by_day for log in logs):
        sightings, accounts = without_back_ends(engine, sightings, accounts, roster)
    accounts = compared(accounts, without_ids)
    whose = resolved(engine, sightings, norms, roster)
    clues, sets, devices, of_set = clue_table(engine, sightings)
    table = engine.keep("joined", joined, sightings, whose.table, clues)
    table, accounts = reconciled(engine, Given(table, whose.table, clues, devices), logs, accounts)
    told = tuple(sets), tuple(devices), tuple(of_set)
    numbered = Numbered(whose.people, len(norms.people), whose.strangers, whose.profiles, *told, whose.logins, whose.owners)
    decided = judged(engine, table, norms.order, numbered)
    marks = marked(engine, table, numbered.devices)
    waivers = {waiver.id: waiver for waiver in norms.waivers}
    known = Known(numbered, decided, waivers, places_of(accounts), marks)
    return Checked(engine, table, asked, norms, roster, accounts, numbered, decided, known)
