"""Write files for the command line: whole or not at all, and never over what a command reads."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO, cast

import click

HALVES: Final = "backslashreplace"
"""How what is no character is written, such as a byte of a file name that isn't UTF-8: as JSON escapes it, for people to see."""


@contextmanager
def written(path: Path, wanted: Callable[[TextIO], bool] = lambda _: True) -> Iterator[TextIO]:
    """Write a file beside its place and move it there when it is whole; on any error nothing is left.

    What is no ordinary file, such as ``/dev/stdout`` or a named pipe, is written to as it is; a link stays, and its target is
    replaced.

    Args:
        path: the file.
        wanted: asked at the end whether the file is to be kept.

    Raises:
        click.ClickException: it can't be written.
    """
    plain = _is_plain(path)
    target = path.resolve() if plain else path
    with telling(path):
        handle = _beside(target) if plain else path.open("w", encoding="utf-8", errors=HALVES, newline="")
    try:
        yield handle
        with telling(path):
            keep = plain and wanted(handle)
            handle.close()
            if keep:
                Path(handle.name).chmod(_mode(target))
                Path(handle.name).replace(target)
    finally:
        with suppress(OSError):
            handle.close()
        if plain:
            Path(handle.name).unlink(missing_ok=True)


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file beside its place, on the disk for sure, and move it there when it is whole.

    Raises:
        click.ClickException: it can't be written.
    """
    with telling(path):
        if not _is_plain(path):
            path.write_bytes(data)
            return
        target = path.resolve()
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{path.name}.", delete=False) as stream:
            beside = Path(stream.name)
            try:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
                beside.chmod(_mode(target))
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)


def keep_apart(outputs: Mapping[str, Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse to write over what is read, twice to one place, or into a file that somebody meant for the output.

    Args:
        outputs: by the options that name them.
        inputs: what is read; folders stand for themselves alone.

    Raises:
        click.UsageError: an output is an input or another output.
    """
    read = {_place(path) for path in inputs if path is not None}
    taken: dict[Path | tuple[int, int], str] = {}
    for option, path in outputs.items():
        if path == Path("-"):
            message = f"{option} - would be a file of that name. Name one, such as /dev/stdout; --json prints JSON lines alone."
            raise click.UsageError(message)
        if path is None or not _is_plain(path):
            continue
        place = _place(path)
        if place in read:
            message = f"{option} {path} would overwrite what is read. Name another file."
            raise click.UsageError(message)
        if place in taken:
            message = f"{option} and {taken[place]} name the same file, {path}. Name two."
            raise click.UsageError(message)
        taken[place] = option


_WAYS_OUT: Final = {
    errno.ENOENT: " Make its folder first, or name another.",
    errno.ENOTDIR: " Name a file in a folder.",
    errno.ENOSPC: " Make room, or name a file on another disk.",
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), " Name a place where you may write."),
}


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Tell which file it is that can't be written.

    Raises:
        click.ClickException: instead of what the system said.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"{path}: it can't be written: {error.strerror or error}.{_WAYS_OUT.get(error.errno or 0, '')}"
        raise click.ClickException(message) from None


def _beside(target: Path) -> TextIO:
    """Open a file of its own in the same folder."""
    return cast(
        "TextIO",
        tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix=f".{target.name}.", delete=False, encoding="utf-8", errors=HALVES, newline=""
        ),
    )


def _is_plain(path: Path) -> bool:
    """Whether a path is, or would be, an ordinary file of its own."""
    if path.absolute().parts[1:2] in {("dev",), ("proc",)}:
        return False
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return True


def _mode(path: Path) -> int:
    """Return the rights of the file that is replaced; of a new one, those of its owner and, but for findings, its group."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0o600 if path.suffix == ".jsonl" else 0o640


def _place(path: Path) -> Path | tuple[int, int]:
    """Return what is the same for two names of one file."""
    try:
        told = path.stat()
    except OSError:
        return path.resolve()
    return told.st_dev, told.st_ino
