"""Open a staff list; the only file of this room that does."""

from __future__ import annotations

from pathlib import Path

from phaseout.model.fault import Fault, FaultsError
from phaseout.model.person import Person
from phaseout.people.source import SOURCES, Listed, PeopleSource
from phaseout.people.text import LARGEST_FILE


def load_people(path: Path, encoding: str | None = None) -> tuple[Person, ...]:
    """Return who is on a staff list, see ``load_list``."""
    return load_list(path, encoding).people


def load_list(path: Path, encoding: str | None = None) -> Listed:
    """Read a staff list with the source that its file name's suffix tells.

    Args:
        path: of the list.
        encoding: which encoding it has; None means UTF-8, or what its byte order mark says.

    Raises:
        FaultsError: PO321 no source reads such a file, PO322 it can't be opened, or what the source finds wrong in it.
    """
    source = _source(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        message = f"The staff list can't be opened: {error.strerror}."
        raise FaultsError(
            (Fault(str(path), 0, 0, "PO322", message, "Check the path, and that you may read the file."),)
        ) from None
    return source.read(data, str(path), encoding)


def _source(path: Path) -> PeopleSource:
    """Find the source by the file name's suffix."""
    suffix = path.suffix.casefold()
    sources = tuple(SOURCES)
    for source in sources:
        if suffix in source.suffixes:
            return source
    known = ", ".join(known for source in sources for known in source.suffixes)
    message = f'No source of staff lists reads files named "*{suffix}".'
    raise FaultsError((Fault(str(path), 0, 0, "PO321", message, f"Give a file of one of these kinds: {known}."),))
