"""The compiled part of the reading, ``scan.c``, where it is there: found once, called through ``ctypes``."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char, c_char_p, c_int32, c_int64, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import Final

VERSION: Final = 4
"""Of the functions' arguments; a library of another one is not used."""

LIBRARY: Final = Path(__file__).with_name("libscan.so")
"""Where the build puts it; see ``hatch_build.py``. Without a compiler it is not there, and all is read without it."""


TEXT_ROOM: Final = 8
"""Bytes of the longest text behind a field."""


class Step(Structure):
    """One step of a form; as ``struct step``."""

    _fields_ = (
        ("kind", c_int32), ("size", c_int32), ("end", c_int32), ("cut", c_int32),
        ("unless_size", c_int32), ("text_size", c_int32), ("unless", c_char_p),
        ("text", c_char * TEXT_ROOM), ("mask", c_char * TEXT_ROOM),
    )  # fmt: skip


class Form(Structure):
    """A form; as ``struct form``."""

    _fields_ = (
        ("steps", POINTER(Step)), ("count", c_int32), ("never", c_int32), ("longest", c_int64), ("beyond", c_char_p),
        ("beyond_size", c_int64),
    )  # fmt: skip


class Span(Structure):
    """How time is cut; as ``struct span``."""

    _fields_ = (
        ("cuts", c_void_p), ("cut_count", c_int32), ("change_count", c_int32), ("changes", c_void_p), ("offsets", c_void_p),
        ("since", c_int64), ("until", c_int64), ("days", c_int64),
    )  # fmt: skip


class Stretch(Structure):
    """How far a part of a file is counted; as ``struct stretch``."""

    _fields_ = (("at", c_int64), ("lines", c_int64), ("runs", c_int64), ("error", c_int64))


RUN: Final = ("at", "size", "place", "lines")
"""The numbers of ``struct run``: lines one behind the other that are left."""

_FUNCTIONS: Final = {
    "scan_begin": (c_void_p, (POINTER(Form), POINTER(Span), c_uint64, c_uint64)),
    "scan_end": (None, (c_void_p,)),
    "scan_block": (c_int64, (c_void_p, c_void_p, c_int64, c_int64, c_void_p, c_int64, POINTER(c_int64), POINTER(c_int64))),
    "scan_stretch": (None, (c_void_p, c_int32, POINTER(Stretch), c_int64, c_int64, c_void_p, c_int64)),
    "scan_merge": (c_int32, (c_void_p, c_void_p)),
    "scan_keys": (c_int64, (c_void_p,)),
    "scan_tallies": (c_int64, (c_void_p,)),
    "scan_column_bytes": (c_int64, (c_void_p, c_int32)),
    "scan_write": (None, (c_void_p, POINTER(c_void_p), POINTER(c_void_p), c_void_p)),
}  # fmt: skip


@cache
def library() -> ctypes.CDLL | None:
    """Return the library with its functions' types set, or None where there is none that fits."""
    try:
        found = ctypes.CDLL(str(LIBRARY))
        found.scan_version.restype = c_int32
        if found.scan_version() != VERSION:
            return None
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(found, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return found


def needed() -> ctypes.CDLL:
    """Return the library, where it is known to be there."""
    found = library()
    assert found is not None, "there is no scan without it"  # noqa: S101
    return found
