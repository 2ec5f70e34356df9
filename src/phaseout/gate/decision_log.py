"""The decision log: lines at the end of a file that others rotate."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import Final

from phaseout.model.fault import Fault, FaultsError

LOG: Final = logging.getLogger("phaseout.gate")

MOST_WAITING: Final = 8 << 20
"""Bytes that wait for a disk that is full; what comes after them is lost, and counted."""


class DecisionLog:
    """A file that grows by whole lines.

    A line is in the file before its decision is answered, so a gate that is killed has answered nothing that is not written
    down: lines are held while one turn of the event loop answers what came, and written at once before those answers are. A disk
    that is full stops nothing: the lines wait, and what does not fit is counted as lost.

    Args:
        path: of the file; it is made when it does not exist.

    Raises:
        FaultsError: PO531 it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        """Open the file."""
        self.path: Final = path
        self._waiting = bytearray()
        self._stale = False
        self.failures = 0
        """How many attempts to write failed."""
        self.lost = 0
        """How many lines were lost."""
        self.works = True
        """Whether the last attempt to write succeeded."""
        try:
            self._handle = self._opened()
        except OSError as error:
            way_out = "Make its folder, and let the gate's account write there."
            message = f"The decision log can't be opened: {error.strerror}."
            raise FaultsError((Fault(str(path), 0, 0, "PO531", message, way_out),)) from None
        self._torn = _is_torn(self._handle, path)

    def hold(self, line: bytes) -> None:
        """Take a line for the next ``settle``."""
        if len(self._waiting) + len(line) > MOST_WAITING:
            self.lost += 1
            return
        self._waiting += line

    def settle(self) -> bool:
        """Write what is held; while the disk takes nothing, it waits for the next ``retry``.

        Returns:
            False when the disk has just stopped to take anything: what is held since the last time is not written.
        """
        if self._waiting and self.works:
            self.flush()
            return self.works
        return True

    def flush(self) -> None:
        """Write what waits; what the disk does not take waits on."""
        if not self._waiting:
            return
        try:
            if self._torn:
                os.write(self._handle, b"\n")
                self._torn = False
            taken = os.write(self._handle, self._waiting)
        except OSError as error:
            self._failed(error.strerror or str(error))
            return
        if taken < len(self._waiting):
            self._failed("the disk took a part of it only")
        else:
            self._worked()
        # What was cut stands torn in the file; its line is written whole once more, behind a line end.
        whole = taken if taken == len(self._waiting) else self._waiting.rfind(b"\n", 0, taken) + 1
        self._torn = whole < taken
        del self._waiting[:whole]

    def reopen(self) -> None:
        """Open the file anew by its name, after others have moved the old one away."""
        self.flush()
        self._stale = True
        try:
            handle = self._opened()
        except OSError as error:
            self._failed(error.strerror or str(error))
            return
        os.close(self._handle)
        self._handle, self._torn, self._stale = handle, _is_torn(handle, self.path), False
        if self._waiting:
            self.flush()
        else:
            self._worked()

    def retry(self) -> None:
        """Try again what failed; called now and then."""
        if self._stale:
            self.reopen()
        if not self.works:
            self.flush()

    def close(self) -> None:
        """Write what waits, and close; say what the disk did not take."""
        self.flush()
        os.close(self._handle)
        left = self.lost + self._waiting.count(b"\n")
        if left:
            LOG.error("The decision log %s lacks %d decisions, which the disk did not take.", self.path, left)

    def _opened(self) -> int:
        # Of a pipe whose reader is slow or gone nobody waits for: to the gate that is a disk that is full.
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o640)

    def _worked(self) -> None:
        if not self.works:
            LOG.info("The decision log %s is written again.", self.path)
        self.works = True

    def _failed(self, why: str) -> None:
        if self.works:
            LOG.error("The decision log %s can't be written: %s. Decisions wait in memory.", self.path, why)
        self.works = False
        self.failures += 1


def _is_torn(handle: int, path: Path) -> bool:
    """Whether a file ends within a line: a gate before this one was killed while the disk was full, or the machine lost power.

    Args:
        handle: of the file, open for writing.
        path: of the file.
    """
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return False
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:
        return False  # who may only add to it can't know
