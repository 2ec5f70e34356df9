"""Open a log file, compressed or not, as a stream of bytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Protocol

from phaseout.logs.json_list import LOOKED_AT, Records, begins_list

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"

FED: Final = 4096
"""Compressed bytes that are unpacked at a time: few, so that a file made to burst can't fill the memory."""


class Readable(Protocol):
    """Plain bytes, whatever they were compressed with."""

    def read(self, size: int, /) -> bytes:
        """Return at most about this many bytes; none at the end."""


class DamagedLogError(Exception):
    """A compressed log is damaged or cut off; everything before that has been given."""


class Unpacked:
    """The plain bytes of a compressed file, up to the very byte where it is damaged or cut off.

    The libraries' own file objects lose what they had unpacked before the damage, or don't notice that a file is cut off.

    Args:
        raw: the compressed bytes.
        begin: makes the unpacker of one member; a file may have several, one after the other.
        broken: the error by which the unpacker shows damage.
    """

    def __init__(self, raw: IO[bytes], begin: Callable[[], Any], broken: type[Exception]) -> None:
        """Begin with the first member."""
        self._raw, self._begin, self._broken = raw, begin, broken
        self._member = begin()
        self._damage: str | None = None

    def read(self, size: int, /) -> bytes:
        """Return about this many bytes; none at the end.

        Raises:
            DamagedLogError: there is nothing more but damage.
        """
        if self._damage is not None:
            raise DamagedLogError(self._damage)
        found = bytearray()
        while len(found) < size:
            packed = self._raw.read(FED)
            if not packed:
                if not self._member.eof and not found:
                    message = "the file ends in the middle"
                    raise DamagedLogError(message)
                break
            if not self._unpack(packed, found):
                break
        return bytes(found) if found or self._damage is None else self.read(size)

    def _unpack(self, packed: bytes, found: bytearray) -> bool:
        """Unpack some bytes; go on to the next member where one ends; say whether they were sound."""
        while packed:
            if self._member.eof:
                self._member = self._begin()
            try:
                found += self._member.decompress(packed)
            except self._broken as error:
                self._damage = str(error)
                return False
            packed = self._member.unused_data if self._member.eof else b""
        return True


@contextmanager
def opened(path: Path) -> Iterator[tuple[Readable, IO[bytes]]]:
    """Open a log; gzip, zstd and lists of JSON records are recognised by what they begin with, whatever the file is called.

    Args:
        path: the file.

    Yields:
        The plain bytes, a record of a list a line, and the file itself, whose position tells how far the disk has been read.

    Raises:
        OSError: it can't be opened.
    """
    with path.open("rb", buffering=0) as raw:
        plain = _unpacked(raw)
        try:
            start = plain.read(LOOKED_AT)
        except DamagedLogError:  # who reads it is told
            start = b""
        plain = _unpacked(raw)
        yield Records(plain) if begins_list(start) else plain, raw


def _unpacked(raw: IO[bytes]) -> Readable:
    """Return the plain bytes of a file from its beginning on; the file itself where it is not compressed."""
    raw.seek(0)
    start = raw.read(4)
    raw.seek(0)
    if start.startswith(GZIP):
        return Unpacked(raw, lambda: zlib.decompressobj(wbits=31), zlib.error)
    if start.startswith(ZSTD):
        import zstandard  # noqa: PLC0415 - only for files that need it

        return Unpacked(raw, zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError)
    return raw
