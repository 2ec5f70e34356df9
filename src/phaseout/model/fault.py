"""A fault: what is wrong with an input, where, and what to do about it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Severity(StrEnum):
    """Whether a fault stops the work."""

    ERROR = "error"
    WARNING = "warning"


class Fault(Struct, frozen=True, order=True):
    """One thing that is wrong.

    Attributes:
        file: the file's name as it was given.
        line: from 1; 0 when the whole file is meant.
        column: from 1; 0 when the whole line is meant.
        code: a stable code that has a page in docs/errors, such as ``PO104``.
        message: what is wrong, as a sentence.
        way_out: what to do, as a sentence.
        severity: an error stops the work; a warning does not.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    way_out: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """The fault on one line, as compilers write it.

        Example:
            >>> print(Fault("d.yaml", 7, 9, "PO104", '"2027-13-01" is not a date.', "Write YYYY-MM-DD."))
            d.yaml:7:9 PO104 "2027-13-01" is not a date. Write YYYY-MM-DD. (docs/errors/PO104)
        """
        place = ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])
        return f"{place} {self.code} {self.message} {self.way_out} (docs/errors/{self.code})"


class FaultsError(Exception):
    """An input has errors; all of them are told at once."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults, in the order of their places."""
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))
