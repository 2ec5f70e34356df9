"""What gates are asked with over TLS, made anew when one of its files has changed."""

from __future__ import annotations

import logging
import ssl
from datetime import datetime
from typing import Final

from phaseout.gate.certificate import Asking, context_for_asking
from phaseout.gate.file_state import states_of
from phaseout.model.fault import FaultsError

LOG: Final = logging.getLogger("phaseout.gate")


class Secured:
    """What the next connection to a gate is secured with.

    Args:
        files: the operator's.
        at: the time now, in UTC.

    Raises:
        FaultsError: PO541 to PO544 and PO546, as ``context_for_asking`` tells them.
    """

    def __init__(self, files: Asking, at: datetime) -> None:
        """Take the files."""
        self._files: Final = files
        self._seen = self._look()
        self.context: ssl.SSLContext = context_for_asking(files, at)

    def look(self, at: datetime) -> None:
        """Take the files again when one has changed; when they can't be used say why not, and go on with those before.

        Args:
            at: the time now, in UTC.
        """
        seen = self._look()
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self.context = context_for_asking(self._files, at)
        except FaultsError as error:
            for fault in error.faults:
                LOG.error("%s Gates are asked with what was there before.", fault)  # noqa: TRY400 - the fault says it all
            return
        LOG.info("Gates are asked with the new certificates.")

    def _look(self) -> tuple[object, ...]:
        """Return what tells one state of the files from another."""
        return states_of(self._files.gates_ca, self._files.certificate, self._files.key)
