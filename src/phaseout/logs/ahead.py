"""Read logs of one format beside other work: ordinary lines are counted, the pieces with all others handed over."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread
from typing import Final, Self

from phaseout.logs.form import Ordinary
from phaseout.logs.native import library
from phaseout.logs.pieces import Piece, Pieces
from phaseout.logs.scan import Scan
from phaseout.reading.source import Progress, Source
from phaseout.reading.span import Times

_AHEAD: Final = 16
"""Pieces with lines that are left that may wait for the engine."""

_TURN: Final = 0.1
"""Seconds after which the reading looks whether it is to stop."""


class _StoppedError(Exception):
    """Nobody wants the rest."""


class Ahead:
    """Some logs of one format and setting, read from the moment on at which this is entered.

    Args:
        sources: the logs.
        times: how time is cut.
        progress: told how far it is.
    """

    def __init__(self, sources: Sequence[Source], times: Times, progress: Progress | None = None) -> None:
        """Make the tables."""
        self.sources = tuple(sources)
        self.files = tuple(_pieces(source, progress) for source in sources)
        self.scans = list[Scan]()
        self._stopped = Event()
        self._found: Queue[tuple[int, Piece] | BaseException | None] = Queue(_AHEAD)
        self._thread: Thread | None = None
        self._pool: ThreadPoolExecutor | None = None
        reader = self.sources[0].reader
        if reader.shape is not None and not (reader.behind or reader.exported) and library() is not None:
            # So that no log can be written to make all its lines fall on one place of the table.
            seed = int.from_bytes(os.urandom(8))
            threads = max(1, os.cpu_count() or 1)
            self._pool = ThreadPoolExecutor(threads)
            form = Ordinary(reader.shape, times)
            self.scans += (Scan(form, pieces, seed, threads) for pieces in self.files)

    def __enter__(self) -> Self:
        """Begin, where lines can be counted beside other work."""
        if self.scans and self._thread is None:
            self._thread = Thread(target=self._work, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and let go of the tables."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        for scan in self.scans:
            scan.close()

    def _work(self) -> None:
        """Count; hand over what is left, and at last that this was all, or what went wrong."""
        assert self._pool is not None, "there are scans only with it"  # noqa: S101
        try:
            try:
                for number, scan in enumerate(self.scans):
                    for piece in scan.left(self._pool, self._stopped.is_set):
                        self._give((number, piece))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the lines are wanted
                self._give(error)
            else:
                self._give(None)
        except _StoppedError:
            pass

    def _give(self, found: tuple[int, Piece] | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                return self._found.put(found, timeout=_TURN)
            except Full:
                continue
        raise _StoppedError

    def left(self) -> Iterator[tuple[int, Piece]]:
        """Give the pieces that are not counted, each with the number of its file among these; all of them where none can be."""
        if self._thread is None:
            for number, file in enumerate(self.files):
                for piece in file.pieces():
                    yield number, piece
            return
        while (found := self._found.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found


def _pieces(source: Source, progress: Progress | None) -> Pieces:
    """Return one log's pieces, with nothing read of them yet."""
    number = source.number
    told = None if progress is None else lambda done, count: progress(number, done, count)
    return Pieces(Path(source.path), told)
