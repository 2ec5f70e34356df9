"""Open a log file, compressed or not, as a stream of bytes."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"


class Readable(Protocol):
    """Plain bytes, whatever they were compressed with."""

    def read(self, size: int, /) -> bytes:
        """Return at most this many bytes; none at the end."""


@contextmanager
def opened(path: Path) -> Iterator[tuple[Readable, IO[bytes]]]:
    """Open a log; gzip and zstd are recognised by their first bytes, whatever the file is called.

    Args:
        path: the file.

    Yields:
        The plain bytes, and the file itself, whose position tells how far the disk has been read.

    Raises:
        OSError: it can't be opened.
    """
    with path.open("rb", buffering=0) as raw:
        start = raw.read(4)
        raw.seek(0)
        if start.startswith(GZIP):
            with gzip.GzipFile(fileobj=io.BufferedReader(raw, 1 << 20)) as plain:
                yield plain, raw
        elif start.startswith(ZSTD):
            import zstandard  # noqa: PLC0415 - only for files that need it

            with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=False) as plain:
                yield plain, raw
        else:
            yield raw, raw


def damage() -> tuple[type[Exception], ...]:
    """Return the errors by which a damaged or cut-off compressed file shows."""
    import zstandard  # noqa: PLC0415 - only for files that need it

    return (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError)
