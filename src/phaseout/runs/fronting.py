"""Set aside what Exchange's back end repeats, where a log of its front end is read."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from msgspec.structs import replace

from phaseout.model.answer import LogAccount
from phaseout.reading.engine import Engine
from phaseout.reading.fronted import back_counts, back_logins, backs, fronted
from phaseout.reading.given import NUMBER, TEXT, plain_table
from phaseout.reading.question import Table
from phaseout.reading.reader import BACK_END
from phaseout.runs.notes import notes_joined
from phaseout.runs.roster import Roster


def without_back_ends(
    engine: Engine, sightings: Table, accounts: tuple[LogAccount, ...], roster: Roster
) -> tuple[Table, tuple[LogAccount, ...]]:
    """Take out of the sightings what a back end repeats; those lines become ignored, and logs of which some count are told.

    Args:
        engine: keeps the tables.
        sightings: of all logs.
        accounts: of all logs.
        roster: knows whose the logins are.
    """
    owners = engine.give("owners", _owners(engine.ask(back_logins, sightings).column("login").to_pylist(), roster))
    met = engine.keep("back_ends", backs, sightings, owners)
    counts = engine.ask(back_counts, met).to_pylist()
    if not counts:
        return sightings, accounts
    kept = list(accounts)
    for row in counts:
        kept[row["file"]] = _told(kept[row["file"]], row["repeats"], row["alone"])
    return engine.keep("fronted", fronted, sightings, met), tuple(kept)


def _owners(logins: Iterable[str], roster: Roster) -> pa.Table:
    """Return the logins that somebody has: ``login`` and ``owner``."""
    found = [(login, owner) for login in logins if (owner := roster.directory.find(login)) is not None]
    columns = [login for login, _ in found], [roster.numbers[owner.id] for _, owner in found]
    return plain_table({"login": TEXT, "owner": NUMBER}, columns)


def _told(account: LogAccount, repeats: int, alone: int) -> LogAccount:
    if repeats:
        account = account.setting_aside(repeats, BACK_END)
    if not alone:
        return account
    note = (
        f"Exchange's back end wrote {alone:,} of its accesses, and no front end's log shows them, so they count: where "
        "that log is at hand, give it, too."
    )
    return replace(account, note=notes_joined(account.note, note))
