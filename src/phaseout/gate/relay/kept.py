"""The last known decisions: in a file, so that they outlive the relay, each for a limited time after it was made."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from phaseout.gate.http import Answer
from phaseout.model.fault import Fault, FaultsError

LOG: Final = logging.getLogger("phaseout.gate")

MOST: Final = 250_000
"""Decisions that are kept; the oldest are forgotten first."""

MOST_HELD: Final = 20_000
"""Decisions that wait to be written, where they can't be."""

AHEAD: Final = timedelta(hours=1)
"""By which the clock may have been put back since; what is from later on was made by a clock that was wrong."""

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS kept (question BLOB PRIMARY KEY, made_ms INTEGER NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS kept_made ON kept (made_ms)",
)
_FIND: Final = "SELECT answer FROM kept WHERE question = ? AND made_ms BETWEEN ? AND ?"
_KEEP: Final = "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)"
_FORGET: Final = "DELETE FROM kept WHERE made_ms NOT BETWEEN ? AND ?"
_COUNT: Final = "SELECT count(*) FROM kept"
_TRIM: Final = "DELETE FROM kept WHERE question IN (SELECT question FROM kept ORDER BY made_ms LIMIT ?)"

_Row = tuple[bytes, int, bytes]

_Packed = tuple[int, tuple[tuple[str, str], ...], bytes, str]
"""An answer's status, headers, body and content type."""


class Kept:
    """What gates answered last, by question.

    Nothing of a question is written but a digest of it; the answer is what the door was told, with the decision's id.

    Args:
        path: of the file; it is made where there is none, readable for this account alone.
        life: for how long a decision holds after it was made.
        clock: gives the time now, in UTC.

    Raises:
        FaultsError: PO533 it can't be opened.
    """

    def __init__(self, path: Path, life: timedelta, clock: Callable[[], datetime]) -> None:
        """Open the file."""
        self._path: Final = path
        self._life: Final = life
        self._clock: Final = clock
        self._held: dict[bytes, _Row] = {}
        self._writing: dict[bytes, _Row] = {}
        self._works = True
        self.failures = 0
        """Attempts to read or write the file that failed."""
        self._file = self._opened()

    def keep(self, answer: Answer, *questions: bytes) -> None:
        """Keep an answer to some questions; it is written with the next ``write``."""
        made, packed = _ms(self._clock()), msgspec.msgpack.encode(answer[:4])
        for question in questions:
            self._held[question] = (question, made, packed)
        while len(self._held) > MOST_HELD:
            del self._held[next(iter(self._held))]

    def find(self, question: bytes) -> Answer | None:
        """Return the last answer to a question that still holds."""
        first, last = self._bounds()
        row = self._held.get(question) or self._writing.get(question)
        if row is not None and first <= row[1] <= last:
            return _answer(row[2])
        try:
            found = self._file.execute(_FIND, (question, first, last)).fetchone()
            return _answer(found[0]) if found else None
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            self._failed("read", error)
            return None

    async def write(self) -> None:
        """Write what is held, in a thread; what can't be written is held on. A file that failed is opened anew before."""
        if not self._works:
            with suppress(FaultsError):
                self._file = await asyncio.to_thread(self._opened, is_checked=False)
        rows = self._begin()
        error = await asyncio.to_thread(self._written, rows)
        self._end(error)

    def close(self) -> None:
        """Write the last, and close the file."""
        self._end(self._written(self._begin()))
        self._file.close()

    def _begin(self) -> list[_Row]:
        self._writing, self._held = self._held, {}
        return list(self._writing.values())

    def _end(self, error: sqlite3.Error | None) -> None:
        if error:
            self._failed("written", error)
            self._held = dict(list((self._writing | self._held).items())[-MOST_HELD:])
        elif not self._works:
            self._works = True
            LOG.info("Kept decisions are written again: %s.", self._path)
        self._writing = {}

    def _written(self, rows: list[_Row]) -> sqlite3.Error | None:
        """Write some, and forget what holds no longer; return what went wrong."""
        try:
            with closing(_connected(self._path)) as file, file:
                file.execute("PRAGMA synchronous = NORMAL")
                file.executemany(_KEEP, rows)
                file.execute(_FORGET, self._bounds())
                over = file.execute(_COUNT).fetchone()[0] - MOST
                if over > 0:
                    file.execute(_TRIM, (over,))
        except sqlite3.Error as error:
            return error
        return None

    def _bounds(self) -> tuple[int, int]:
        """Return between which instants an answer was made that holds now."""
        now = self._clock()
        return _ms(now - self._life), _ms(now + AHEAD)

    def _opened(self, *, is_checked: bool = True) -> sqlite3.Connection:
        """Open the file; one that is damaged is put aside, for what it had is no reason to shut a door.

        Raises:
            FaultsError: PO533 it can't be opened.
        """
        try:
            try:
                return _made(self._path, is_checked=is_checked)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                aside = self._path.with_name(f"{self._path.name}.damaged")
                LOG.error("The file of kept decisions is damaged (%s): it is put aside as %s, and none is known.", error, aside)  # noqa: TRY400 - says it all
                self._path.replace(aside)
                for rest in ("-wal", "-shm"):
                    self._path.with_name(self._path.name + rest).unlink(missing_ok=True)
                return _made(self._path, is_checked=is_checked)
        except (sqlite3.Error, OSError) as error:
            raise _unopened(self._path, getattr(error, "strerror", None) or str(error)) from None

    def _failed(self, what: str, error: Exception) -> None:
        self.failures += 1
        if self._works:
            self._works = False
            LOG.error("Kept decisions can't be %s: %s: %s. Look at the disk; the gates' answers go on.", what, self._path, error)


def _connected(path: Path) -> sqlite3.Connection:
    """Connect to the file; none is made, which all could read.

    Raises:
        sqlite3.OperationalError: there is none.
    """
    # What is read in the event loop may have been opened anew in a thread; never are both at it.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _made(path: Path, *, is_checked: bool) -> sqlite3.Connection:
    """Open the file, which no other account may read; make it where there is none.

    Raises:
        OSError: it can't be made.
        sqlite3.DatabaseError: it is damaged, or can't be written.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    file = _connected(path)
    try:
        file.isolation_level = None
        file.execute("PRAGMA journal_mode = WAL")
        for statement in _TABLES:
            file.execute(statement)
        (found,) = file.execute("PRAGMA quick_check(1)").fetchone() if is_checked else ("ok",)
        if found != "ok":
            raise sqlite3.DatabaseError(found)
    except sqlite3.Error:
        file.close()
        raise
    return file


def _unopened(path: Path, why: str) -> FaultsError:
    message, way_out = (
        f"The file of kept decisions can't be opened: {why}.",
        "Make its folder, and let the relay's account write there.",
    )
    return FaultsError((Fault(str(path), 0, 0, "PO533", message, way_out),))


def _answer(packed: bytes) -> Answer:
    """Return an answer from the form in which it is kept.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return Answer(*msgspec.msgpack.decode(packed, type=_Packed))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
