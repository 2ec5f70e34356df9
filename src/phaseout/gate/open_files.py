"""As many open files as connections may come, for each is one."""

from __future__ import annotations

import logging
import resource
from typing import Final

LOG: Final = logging.getLogger("phaseout.gate")

OWN_FILES: Final = 64
"""Files that are open beside the connections."""


def make_room(connections: int, otherwise: str = "") -> None:
    """Let this process have as many files open as connections may come; say it where the system has no room for so many.

    Args:
        connections: at once at most.
        otherwise: what else the operator can do.
    """
    needed = connections + OWN_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft < needed:
        told = "The system lets this process have %d files open, fewer than the connections that may come (%d): %s%s."
        LOG.warning(told, soft, needed, otherwise, "let it have more (LimitNOFILE in systemd's unit, ulimit -n)")
