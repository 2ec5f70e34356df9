"""The gate's own log: what it tells its operator, one line for each message."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

from phaseout.gate.words import one_line

Told = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class OneLine(logging.Formatter):
    """Writes each message on one line: what callers say stands in some, and nobody who asks may write lines of his own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the message."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Told) -> str:  # noqa: N802 - the library's name
        """Return a traceback, each of its lines behind blanks, where no message begins."""
        return "\n".join(f"  {one_line(line)}" for line in super().formatException(ei).splitlines())


def write_to_stderr() -> None:
    """Write all that is told from now on, by the libraries too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO)
