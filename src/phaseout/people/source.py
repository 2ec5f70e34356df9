"""A source of staff lists: what one file in ``sources`` defines as ``SOURCE``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from phaseout.catalogue import Catalogue
from phaseout.model.fault import Fault
from phaseout.model.person import Person


class Listed(Struct, frozen=True):
    """What a staff list holds.

    Attributes:
        people: who is on it.
        warnings: what in it is mostly a mistake, and stops nothing.
        unread: names of its columns that were not looked at.
    """

    people: tuple[Person, ...]
    warnings: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()


class PeopleSource(Struct, frozen=True):
    """One way in which an organisation keeps its staff list.

    Attributes:
        id: the file's name, such as ``csv``.
        title: for people, such as ``CSV``.
        suffixes: file name suffixes by which a list of this kind is known, lower-case, with the dot.
        read: turns a list's bytes, its name as given, and the encoding that the user named (None: find it) into what it
            holds; raises ``FaultsError`` with everything that is wrong in it. Pure.
    """

    id: str
    title: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes, str, str | None], Listed]


SOURCES: Final = Catalogue(package="phaseout.people.sources", constant="SOURCE", kind=PeopleSource)
"""Every source that is installed."""
