"""The certificate's files: taken when they change, never without a good one to serve."""

from __future__ import annotations

import logging
import ssl
from datetime import datetime
from typing import Final

from phaseout.gate.file_state import states_of
from phaseout.gate.metrics import Metrics
from phaseout.gate.settings import Tls
from phaseout.model.fault import FaultsError

LOG: Final = logging.getLogger("phaseout.gate")


class CertificateWatch:
    """The files of ``[tls]``, and what is served of them.

    Args:
        files: the operator's.
        metrics: learns until when the certificate is valid, and counts those that were refused.
        at: the time now, in UTC.

    Raises:
        FaultsError: PO541 to PO545, as ``context_of`` tells them.
    """

    def __init__(self, files: Tls, metrics: Metrics, at: datetime) -> None:
        """Take the files."""
        self._files: Final = files
        self._metrics: Final = metrics
        self._seen = self._look()
        self.context, metrics.certificate_ends = _context_of(files, at)
        """With which the next connection is made; those that are open keep theirs."""

    def has_changed(self) -> bool:
        """Whether one of the files is another one than when they were last looked at."""
        return self._look() != self._seen

    def take(self, at: datetime) -> None:
        """Read the files again; serve them when they are good, else say why not and serve on what was served.

        Args:
            at: the time now, in UTC.
        """
        self._seen = self._look()
        try:
            self.context, ends = _context_of(self._files, at)
        except FaultsError as error:
            for fault in error.faults:
                self._metrics.certificates_refused[(fault.code,)] += 1
                LOG.error("%s The one before is served on.", fault)  # noqa: TRY400 - the fault says it all
            return
        self._metrics.certificate_ends = ends
        LOG.info("Showing the certificate %s, valid until %s.", self._files.certificate, ends.isoformat())

    def _look(self) -> tuple[object, ...]:
        """Return what tells one state of the files from another."""
        return states_of(self._files.certificate, self._files.key, self._files.client_ca)


def _context_of(files: Tls, at: datetime) -> tuple[ssl.SSLContext, datetime]:
    from phaseout.gate.certificate import context_of  # noqa: PLC0415 - reading X.509 would be a tenth of the time to start

    return context_of(files, at)
