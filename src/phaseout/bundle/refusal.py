"""How this room refuses a file: a fault with its code, and every code with a page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from phaseout.model.fault import Fault, FaultsError

Refusal = Callable[[str, str], FaultsError]


def _refusal(code: str, way_out: str) -> Refusal:
    def refused(file: str, message: str) -> FaultsError:
        return FaultsError((Fault(file, 0, 0, code, message, way_out),))

    return refused


MISSING: Final = _refusal("PO501", "Check the path, and that you may read the file.")
UNWRITTEN: Final = _refusal("PO501", "Make its folder first, or name a place where you may write.")
DAMAGED: Final = _refusal("PO502", "Copy the whole file again, or make it again with phaseout bundle make.")
UNSIGNED: Final = _refusal("PO503", "Make it again with phaseout bundle make --key.")
UNTRUSTED: Final = _refusal("PO504", "Sign it with a key that the gate trusts, or let the gate trust the key that signed it.")
FORGED: Final = _refusal("PO505", "Don't use it: find out who changed it, and make it again with phaseout bundle make.")
OLDER: Final = _refusal("PO506", "Make a new one; to go back on purpose, start the gate with --allow-older.")
NEWER_FORMAT: Final = _refusal("PO507", "Make it with the same version of phaseout as the gate's, or bring the gate up to date.")
EXPIRED: Final = _refusal("PO508", "Make a new one; bundles made with --valid-days must be made anew in time.")
AHEAD: Final = _refusal("PO509", "Set the clock of the machine that made it and make it anew, or this machine's.")
NO_KEY: Final = _refusal("PO510", "Name a file that phaseout bundle keygen made.")
KEY_EXISTS: Final = _refusal("PO511", "Name another file; a key that bundles are signed with is never overwritten.")
