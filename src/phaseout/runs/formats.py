"""Which log format a file is in: found by looking, or named."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from phaseout.logs.opened import DamagedLogError, Readable, opened
from phaseout.model.fault import Fault, FaultsError
from phaseout.readers import READERS
from phaseout.reading.reader import Clock, Likeness, Reader
from phaseout.runs.no_format import hint
from phaseout.runs.paths import logs_in

FIRST_LINES: Final = 200
"""How many lines are looked at."""

FIRST_BYTES: Final = 4 << 20
"""How much of a file is looked at when its lines are long."""

BLOCK: Final = 1 << 16
"""How many bytes are read at a time."""

FURTHER_BYTES: Final = 32 << 20
FURTHER_BLOCK: Final = 1 << 18
"""How much of a file is looked at, and how much at a time, when its first lines have the shape of no format."""

LEAST: Final = 0.3
"""A file of which a smaller share of lines fits a format is not taken for it."""


class UnclearFormatError(ValueError):
    """No format fits a file, or two fit it equally well."""

    def __init__(self, path: Path, why: str) -> None:
        """Remember which file it is, and why no format could be chosen."""
        super().__init__(f"{path}: {why} Say which format it is; these are read: {', '.join(READERS.ids)}.")
        self.path = path
        self.why = why


def first_lines(path: Path) -> tuple[str, ...]:
    """Return a log's first lines without their ends, blank ones left out. Compressed logs are read as they are.

    Raises:
        OSError: the file can't be opened.
    """
    lines = (line.removesuffix("\r") for line in _beginning(path).removeprefix("\ufeff").split("\n"))
    return tuple(itertools.islice((line for line in lines if line.strip()), FIRST_LINES))


def _beginning(path: Path) -> str:
    """Return the beginning of a log up to the end of a line, if there is one."""
    with opened(path) as (plain, _):
        read, ended = _bytes(plain)
    if not ended:
        read = read[: read.rfind(b"\n") + 1] or read
    return read.decode("utf-8", "replace")


def _further_lines(path: Path) -> Iterator[tuple[str, ...]]:
    """Give the lines of a log, blank ones left out, as many at a time as stand in a block, and none of what is too far inside."""
    read, rest = 0, b""
    with opened(path) as (plain, _), suppress(DamagedLogError):
        while read < FURTHER_BYTES and (block := plain.read(FURTHER_BLOCK)):
            read += len(block)
            whole, _, rest = (rest + block).rpartition(b"\n")
            lines = (line.removesuffix("\r") for line in whole.decode("utf-8", "replace").split("\n"))
            yield tuple(line for line in lines if line.strip())


def _bytes(plain: Readable) -> tuple[bytes, bool]:
    """Return the first bytes and whether those are all; of a damaged file what can be read."""
    read = b""
    while len(read) < FIRST_BYTES and read.count(b"\n") < 2 * FIRST_LINES:
        try:
            block = plain.read(BLOCK)
        except DamagedLogError:
            return read, True
        if not block:
            return read, True
        read += block
    return read, False


def look(path: Path) -> tuple[tuple[str, Likeness], ...]:
    """Say how far a file looks like each format.

    Args:
        path: the log, compressed or not.

    Returns:
        The ids of all formats and their likeness, the surest first; equally sure ones by name.

    Raises:
        OSError: the file can't be opened.
    """
    lines = first_lines(path)
    if is_archive(path) or _has_no_line_feed(lines):
        return tuple((reader.id, Likeness(0.0, "it is no log as it is")) for reader in READERS)
    found = _likenesses(lines)
    if found[0][1].sure < LEAST:
        # Other programs' lines may stand first, or a message of many lines.
        further = map(_likenesses, _further_lines(path))
        found = next((each for each in further if each[0][1].sure >= LEAST), found)
    return found


def _likenesses(lines: tuple[str, ...]) -> tuple[tuple[str, Likeness], ...]:
    """Say how far some lines look like each format, the surest first; equally sure ones by name."""
    found = ((reader.id, reader.detect(lines)) for reader in READERS)
    return tuple(sorted(found, key=lambda pair: (-pair[1].sure, pair[0])))


def choose(path: Path, named: str | None = None) -> Reader:
    """Return the reader for a file.

    Args:
        path: the log, compressed or not.
        named: the format's id where the operator gave one; then the file is not looked at.

    Raises:
        UnclearFormatError: nothing fits well enough, or two formats fit equally well.
        UnknownExtensionError: no format has the name.
        OSError: the file can't be opened.
    """
    if named is not None and not is_archive(path) and not _has_no_line_feed(first_lines(path)):
        return READERS[named]
    best, why_not = _best(look(path))
    if best is None:
        raise UnclearFormatError(path, wrapped(path) or _hint(path, why_not) or why_not)
    return READERS[best]


def is_archive(path: Path) -> bool:
    """Whether a file is a tar archive, packed or not: its logs would be read as one, with what parts them among their lines."""
    with opened(path) as (plain, _), suppress(DamagedLogError):
        begin = plain.read(_TAR_HEAD)
        while len(begin) < _TAR_HEAD and (more := plain.read(_TAR_HEAD)):
            begin += more
        return begin[_TAR_MARK:].startswith(b"ustar") and b"\0" in begin[:_TAR_MARK]
    return False


_TAR_HEAD: Final = 512
_TAR_MARK: Final = 257
"""Bytes of what stands before each file of a tar archive, and where the word in it stands that all have. Before it stands the
file's name, filled up with zeros; a client that says the word to a web server makes no archive of its log."""


def _has_no_line_feed(lines: tuple[str, ...]) -> bool:
    """Whether what is taken for one line is several, which end with a carriage return alone."""
    return len(lines) == 1 and "\r" in lines[0].rstrip("\r")


_WRAPPINGS: Final = (
    (b"\xfd7zXZ\x00", "It is packed with xz, which is not read: unpack it, or pack it with gzip or zstd."),
    (b"BZh", "It is packed with bzip2, which is not read: unpack it, or pack it with gzip or zstd."),
    (b"PK\x03\x04", "It is a zip archive, which is not read: unpack it."),
    (b"7z\xbc\xaf\x27\x1c", "It is a 7z archive, which is not read: unpack it."),
    (b"\xff\xfe", "It is in UTF-16, which is not read: turn it into UTF-8, as with iconv -f UTF-16 -t UTF-8."),
    (b"\xfe\xff", "It is in UTF-16, which is not read: turn it into UTF-8, as with iconv -f UTF-16 -t UTF-8."),
    (b"SQLite format 3", "It is a database, and no log."),
)
"""How files begin whose contents may well be a log, and what to do with them."""


def wrapped(path: Path) -> str:
    """Say what a log is wrapped into that is not taken off, and what to do; empty when it is nothing known."""
    if is_archive(path):
        return "It is a tar archive, which is not read: unpack it."
    with path.open("rb") as file:
        start = file.read(FIRST_BYTES)
    begin = start[:64]
    if begin[1:8:2] == bytes(4) and begin[:8:2].isascii():
        begin = b"\xff\xfe"  # UTF-16 without its mark: every other byte of plain text is nothing
    begin = begin.lstrip(b"\xef\xbb\xbf \t\r\n")
    said = next((said for mark, said in _WRAPPINGS if begin.startswith(mark)), "")
    if said:
        return said
    if b"\n" not in start and b"\r" in start.rstrip(b"\r") and b"\0" not in start:
        return "Its lines end with a carriage return alone: give them line feeds, as tr '\\r' '\\n' <FILE does."
    return ""


_NO_SHAPE: Final = "No format fits: no part of it has the shape of any."


def _hint(path: Path, why_not: str) -> str:
    """Say more of a file that has the shape of no format at all; empty where there is no more to say."""
    return hint(path, FURTHER_BYTES) if why_not == _NO_SHAPE else ""


def _best(found: tuple[tuple[str, Likeness], ...]) -> tuple[str | None, str]:
    """Return the format that a file is in; or None, and why that is not clear."""
    (best, likeness), *others = found
    if likeness.sure == 0:
        return None, _NO_SHAPE
    if likeness.sure < LEAST:
        return None, f"No format fits; the nearest is {best}: {likeness.why}."
    equal = [best, *(id_ for id_, other in others if other.sure == likeness.sure)]
    return (best, "") if len(equal) == 1 else (None, f"{' and '.join(equal)} fit equally well.")


def known() -> Iterator[dict[str, Any]]:
    """Tell of every format that is read, by name: ``id``, ``title``, ``clock``, ``needs_timezone``, ``doors``, ``behind``."""
    return (_told(reader) for reader in READERS)


def told_apart(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Say of each file which format it is in, and how far it looks like each.

    Args:
        paths: files, or folders with files.

    Yields:
        ``file``; ``format``, or None when it is not clear, then with ``why_not``; and ``formats``, the surest first, each with
        ``sure`` from 0 to 1, ``why``, and what ``known`` tells.

    Raises:
        FaultsError: PO401 a path does not exist, PO402 a folder has no files, PO407 a file can't be opened.
    """
    for path in logs_in(paths):
        try:
            found = look(path)
        except OSError as error:
            message, way_out = f"It can't be opened: {error.strerror}.", "Check the path, and that you may read the file."
            raise FaultsError((Fault(str(path), 0, 0, "PO407", message, way_out),)) from error
        best, why_not = _best(found)
        if best is None:
            why_not = wrapped(path) or _hint(path, why_not) or why_not
        formats = [{"id": id_, "sure": likeness.sure, "why": likeness.why, **_told(READERS[id_])} for id_, likeness in found]
        yield {"file": str(path), "format": best, "why_not": why_not, "formats": formats}


def _told(reader: Reader) -> dict[str, Any]:
    return {
        "id": reader.id,
        "title": reader.title,
        "clock": reader.clock.value,
        "needs_timezone": reader.clock is Clock.LOCAL,
        "doors": list(reader.doors),
        "behind": list(reader.behind),
    }
