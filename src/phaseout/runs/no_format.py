"""Why a file that holds a log all the same is in no format, and what its owner can do about it."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from phaseout.logs.opened import DamagedLogError, Readable, opened

_START: Final = 1 << 16
"""How many bytes are looked at."""

_JSON: Final = re.compile(r'[{\[]\s*(?:["{\[]|$)')
_OF_A_CONTAINER: Final = frozenset({"log", "stream"})
"""Members of each record that Docker keeps."""

_OF_DOCKER: Final = "It is what Docker keeps of a container: take its lines out, as jq -j .log FILE does."
_OTHER_JSON: Final = (
    "It is JSON, and neither a record a line nor a list of records that is known: make it a record a line, as jq -c . FILE does,"
    " or jq -c '.NAME[]' FILE where the member NAME holds the records."
)


def is_empty(path: Path) -> bool:
    """Whether a log holds nothing but blanks: of a JSON list, whether it has no records. A damaged one holds something.

    Raises:
        OSError: the file can't be opened.
    """
    with opened(path) as (plain, _), suppress(DamagedLogError):
        while block := plain.read(_START):
            if block.strip(b"\xef\xbb\xbf \t\r\n"):
                return False
        return True
    return False


def hint(path: Path, looked_at: int) -> str:
    """Say what a file that has the shape of no format is, and what to do; empty when that is not known.

    Args:
        path: the log, compressed or not.
        looked_at: how many of its plain bytes were looked at.

    Raises:
        OSError: the file can't be opened.
    """
    if is_empty(path):
        return "It is empty."
    with opened(path) as (plain, _):
        start = _bytes(plain, _START)
        first = start.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
        line = first.partition("\n")[0]
        if _JSON.match(first) and len(line) < _START:
            record = _record(line)
            if record is None:
                return _OTHER_JSON
            if record >= _OF_A_CONTAINER:
                return _OF_DOCKER
        if len(_bytes(plain, looked_at - len(start) + 1)) > looked_at - len(start):
            return (
                f"No format fits: none of its first {looked_at >> 20} MB has the shape of any. Where other programs' lines stand"
                " first, name it with --format PATH=FORMAT."
            )
    return ""


def _bytes(plain: Readable, size: int) -> bytes:
    """Return at least so many bytes, where there are so many to be read."""
    found = bytearray()
    with suppress(DamagedLogError):
        while len(found) < size and (block := plain.read(_START)):
            found += block
    return bytes(found)


def _record(line: str) -> frozenset[str] | None:
    """Return the names of a JSON object's members; None where a line is no object."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return frozenset(found) if isinstance(found, dict) else None
