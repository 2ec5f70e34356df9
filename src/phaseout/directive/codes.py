"""The codes of everything that can be wrong with a directive or its waivers. Each has a page in docs/errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from phaseout.model.fault import Severity


class Code(Struct, frozen=True):
    """One thing that can be wrong.

    Attributes:
        id: stable for ever; never given to anything else.
        title: what is wrong in a few words; also the heading of its page.
        severity: whether it stops the work.
    """

    id: str
    title: str
    severity: Severity


_ERRORS: Final = {
    # the file and its YAML
    "PO101": "the file cannot be read",
    "PO102": "the file is too large",
    "PO103": "the file is not UTF-8",
    "PO104": "not a date",
    "PO105": "a character that YAML does not allow",
    "PO106": "not YAML",
    "PO107": "a tab in the indentation",
    "PO108": "nested too deep",
    "PO109": "too many values",
    "PO110": "an alias that leads nowhere",
    "PO111": "the same key twice",
    "PO112": "a key that is not a word",
    "PO113": "a tag",
    "PO114": "nothing in the file",
    "PO115": "several documents in one file",
    "PO116": "nothing is written there",
    # the shape
    "PO120": "an unknown key",
    "PO121": "a key is missing",
    "PO122": "the wrong kind of value",
    "PO123": "an empty list",
    "PO124": "an unknown word",
    "PO125": "neither true nor false",
    "PO126": "not a number of days",
    "PO127": "not a version",
    "PO128": "not an id",
    "PO129": "not a path of units",
    "PO130": "an unknown time zone",
    "PO131": "a star beside names",
    "PO132": "not a web address",
    "PO133": "a date out of range",
    # names that refer to each other
    "PO140": "the same id twice",
    "PO141": "an unknown device class",
    "PO142": "an unknown source",
    "PO143": "an unknown replacement",
    "PO144": "a reading of nothing",
    "PO146": "device classes in a circle",
    "PO147": "a test that says nothing",
    "PO148": "device classes that grow too large",
    "PO153": "a test that no device can pass",
    "PO154": "an empty range of versions",
    # clauses that can never apply
    "PO160": "the last day is before the first",
    "PO161": "the deadline is before the first day",
    "PO163": "nobody is named",
    "PO164": "everybody is left out again",
    "PO170": "two stages of one door on one day",
    "PO172": "a stage after the clause's last day",
    # waivers
    "PO201": "a blanket waiver",
    "PO202": "a waiver for a person and a role at once",
    "PO203": "a waiver from an unknown clause",
    "PO204": "a waiver of an unknown category",
    "PO205": "a waiver that lasts too long",
    "PO206": "a waiver granted by somebody who may not",
    "PO207": "a waiver that ends before it begins",
    "PO208": "the same waiver id twice",
    "PO209": "waivers from another directive",
    "PO210": "a waiver from a clause that forbids nothing",
}
"""What stops the work."""

_WARNINGS: Final = {
    "PO134": "the same name twice",
    "PO145": "a maker's name that looks misspelt",
    "PO149": "a model or program that looks misspelt",
    "PO150": "a device class that nothing uses",
    "PO151": "a maker that nothing uses",
    "PO152": "a replacement that nothing names",
    "PO155": "a version without a platform",
    "PO156": "a test that every device passes",
    "PO162": "a clause that never makes a violation",
    "PO165": "names beside everyone",
    "PO166": "an exception that leaves out nobody",
    "PO167": "a unit that is left out again",
    "PO168": "in force before the order was issued",
    "PO171": "a door that grows gentler",
    "PO173": "a door that refuses before the deadline",
    "PO174": "a door that refuses what is not forbidden",
    "PO175": "a stage before the clause's first day",
    "PO176": "a stage of a door that the services don't have",
    "PO177": "a clause that only denied sources state",
    "PO180": "an amendment before the order",
    "PO211": "waivers in a row that last too long together",
    "PO212": "a waiver that never takes effect",
}
"""What is most likely not meant, but can be done."""

CODES: Final[Mapping[str, Code]] = {
    number: Code(number, title, severity)
    for titles, severity in ((_ERRORS, Severity.ERROR), (_WARNINGS, Severity.WARNING))
    for number, title in sorted(titles.items())
}
"""Every code, by its id."""
