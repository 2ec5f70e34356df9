"""The bundle that is served: taken anew when its file changes; the last good one stays when the new one is none."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

from phaseout.bundle.keys import TrustedKey
from phaseout.bundle.refusal import AHEAD, DAMAGED, EXPIRED, OLDER
from phaseout.bundle.seal import open_bundle
from phaseout.gate.file_state import state_of
from phaseout.gate.metrics import Metrics
from phaseout.gate.serving import CLOCKS_APART, Serving, serve
from phaseout.judge.order import UnknownClassError
from phaseout.model.fault import FaultsError

LOG: Final = logging.getLogger("phaseout.gate")


class BundleWatch:
    """A bundle's file, and what of it is served.

    Args:
        path: of the file.
        keys: those that are trusted.
        metrics: counts what was taken and refused.
        allow_older: whether a bundle may replace a newer one.
    """

    def __init__(self, path: Path, keys: Iterable[TrustedKey], metrics: Metrics, *, allow_older: bool = False) -> None:
        """Look at nothing yet."""
        self.path: Final = path
        self.serving: Serving | None = None
        """What is served, or None before the first good bundle."""
        self._keys: Final = tuple(keys)
        self._metrics: Final = metrics
        self._allow_older: Final = allow_older
        self._seen: object = None
        self._told_expired = self._told_gone = self._told_ahead = False
        self._refused_until: datetime | None = None
        self.is_there = True
        """Whether the file was there when it was last looked for."""
        self.is_refused = False
        """Whether what the file holds was refused when it was last read."""

    def has_changed(self) -> bool:
        """Whether the file is another one than when it was last looked at; an existing one that vanished is not."""
        seen = state_of(self.path)
        return seen is not None and seen != self._seen

    def look_again(self) -> None:
        """Take the file for a changed one."""
        self._seen = None

    def look_after(self, at: datetime) -> None:
        """Say once what keeps it from deciding, or is about to: that is quiet until somebody is let in or kept out.

        Args:
            at: the time now, in UTC.
        """
        if self._refused_until is not None and at >= self._refused_until:
            self.look_again()  # the clock was set, or has got there
        ahead = self.serving is not None and self.serving.is_ahead_of(at)
        if ahead and not self._told_ahead:
            LOG.error("The bundle that is served was made later than it is by this machine's clock: nothing is decided. Set it.")
        self._told_ahead = ahead
        expired = self.serving is not None and self.serving.has_expired(at)
        if expired and not self._told_expired:
            LOG.error("The bundle that is served has expired: nothing is decided until there is a new one.")
        self._told_expired = expired
        self.is_there = state_of(self.path) is not None
        if not self.is_there and not self._told_gone:
            LOG.warning("The bundle's file %s is gone. %s", self.path, "What it held is served on." if self.serving else "")
        self._told_gone = not self.is_there

    def take(self, at: datetime) -> None:
        """Read the file; serve it when it is good, else say why not and serve on what was served.

        Args:
            at: the time now, in UTC.
        """
        self._seen, self._refused_until = state_of(self.path), None
        try:
            found = self._opened(at)
        except FaultsError as error:
            for fault in error.faults:
                self._metrics.bundles_refused[(fault.code,)] += 1
                meanwhile = "The one before is served on." if self.serving else "There is none to serve."
                LOG.error("%s %s", fault, meanwhile)  # noqa: TRY400 - the fault says it all
            self.is_refused = True
            return
        was_refused, self.is_refused = self.is_refused, False
        if self.serving is None or found.digest != self.serving.digest or found.made_at != self.serving.made_at:
            self.serving = found
            self._metrics.reloads += 1
            LOG.info("Serving %s, made %s, digest %s.", self.path, found.made_at.isoformat(), found.digest)
        elif was_refused:
            LOG.info("The bundle's file %s holds what is served again, digest %s.", self.path, found.digest)

    def _opened(self, at: datetime) -> Serving:
        """Open the file.

        Raises:
            FaultsError: it can't be served.
        """
        bundle = open_bundle(self.path, self._keys)
        made, expires = bundle.content.made_at, bundle.content.expires
        served = self.serving
        if served is not None and made < served.made_at and not self._allow_older:
            told = f"It was made at {made.isoformat()}, the one that is served at {served.made_at.isoformat()}."
            if served.made_at > at:
                told += " That is yet to come: the clock where it was made was wrong. Start the gate anew with the new one."
            raise OLDER(str(self.path), told)
        if expires is not None and at >= expires:
            raise EXPIRED(str(self.path), f"It expired at {expires.isoformat()}.")
        if served is not None and made - CLOCKS_APART > at and not served.is_ahead_of(at):
            # Whose clock is wrong nobody knows here; what is served decides well by this one, and this bundle would not.
            self._refused_until = made - CLOCKS_APART
            raise AHEAD(str(self.path), f"It was made at {made.isoformat()}, and by this machine's clock it is {at.isoformat()}.")
        try:
            return serve(bundle)
        except (UnknownClassError, ZoneInfoNotFoundError, ValueError) as error:  # a time zone can be no name at all, too
            raise DAMAGED(str(self.path), f"Its order can't be judged by: {error}.") from None
