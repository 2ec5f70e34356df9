"""The faults found so far, so that all of them can be told at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from phaseout.directive.codes import CODES
from phaseout.directive.tree import Mark
from phaseout.directive.wording import instead
from phaseout.model.fault import Fault, FaultsError, Severity

_SUGGESTED_AT_MOST: Final = 200


class Collected(Struct):
    """What is wrong with one file.

    Attributes:
        file: the file's name as it was given.
        found: in the order of finding.
    """

    file: str
    found: list[Fault] = []

    def add(self, code: str, mark: Mark | None, message: str, way_out: str) -> None:
        """Add one fault; ``mark`` None means the whole file.

        Args:
            code: one of ``CODES``, which also says how grave it is.
            mark: where.
            message: what is wrong, as a sentence.
            way_out: what to do, as a sentence.
        """
        place = mark or Mark(0, 0)
        self.found.append(Fault(self.file, place.line, place.column, code, message, way_out, CODES[code].severity))

    def instead(self, word: str, known: Iterable[str], nothing: str) -> str:
        """Say what to write instead of a word that is not known, as ``wording.instead``.

        Looking for the nearest word costs far more than anything else here, so only the first faults get one.
        """
        if len(self.found) < _SUGGESTED_AT_MOST:
            return instead(word, known, nothing)
        return "Mend the faults above first; then a name is suggested here too."

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All of them by place, each once (an alias brings the same fault as often as it is used)."""
        return tuple(sorted(set(self.found)))

    @property
    def stopped(self) -> bool:
        """Whether one of them is an error."""
        return any(fault.severity is Severity.ERROR for fault in self.found)

    def error(self) -> FaultsError:
        """Return the exception that tells all errors; warnings do not stop anybody."""
        return FaultsError(tuple(fault for fault in self.faults if fault.severity is Severity.ERROR))
