"""A staff list's bytes as text, or a fault that says which byte is wrong."""

from __future__ import annotations

import codecs
import io
from typing import Final

from phaseout.model.fault import Fault, FaultsError
from phaseout.model.letters import composed
from phaseout.people.quote import quoted

LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes of a staff list at most; a list of a million people is smaller."""

LONGEST_LINE: Final = 100_000
"""Characters of a line at most."""

MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
"""What stands at the beginning of a file that says its encoding itself."""


def text_of(data: bytes, file: str, encoding: str | None) -> str:
    """Decode a staff list; what some programs write as a letter and a mark becomes the one character that everybody sees.

    Args:
        data: all of the file.
        file: its name, for the faults.
        encoding: which encoding the user says it has; None means UTF-8. A byte order mark in the file counts more.

    Raises:
        FaultsError: PO301 a byte does not fit the encoding, PO302 no such encoding, PO303 too large, PO304 a line too long.
    """
    if len(data) > LARGEST_FILE:
        message = f"The staff list is larger than {LARGEST_FILE >> 20} MiB."
        raise FaultsError(
            (Fault(file, 0, 0, "PO303", message, "Leave out columns that phaseout does not read, or rows of other bodies."),)
        )
    codec = next((name for mark, name in MARKS if data.startswith(mark)), encoding or "utf-8")
    try:
        text = data.decode(codec)
    except LookupError:
        message = f"There is no text encoding named {quoted(encoding or '')}."
        raise FaultsError((Fault(file, 0, 0, "PO302", message, "Name one such as utf-8, cp1251, koi8-r or latin-1."),)) from None
    except UnicodeDecodeError as error:
        raise FaultsError((_broken(data, file, codec, error.start),)) from None
    except UnicodeError:
        raise FaultsError((_broken(data, file, codec, 0),)) from None
    _refuse_hidden(text, file)
    return composed(text)


def _broken(data: bytes, file: str, codec: str, start: int) -> Fault:
    """Say which byte does not fit."""
    line = data.count(b"\n", 0, start) + 1
    byte = start - (data.rfind(b"\n", 0, start) + 1) + 1
    message = f"Byte {byte} of this line (0x{data[start]:02X}) is not {codec.removesuffix('-sig').upper()}."
    way_out = "Save the list as UTF-8, or name its encoding, such as --people-encoding cp1251."
    return Fault(file, line, byte, "PO301", message, way_out)


def _refuse_hidden(text: str, file: str) -> None:
    """Refuse what no list has: NUL characters, as UTF-16 read as something else has, and endless lines."""
    if (place := text.find("\0")) >= 0:
        line = text.count("\n", 0, place) + 1
        message = "The list has NUL characters, as UTF-16 without a byte order mark has."
        way_out = "Save the list as UTF-8, or name its encoding, such as --people-encoding utf-16-le."
        raise FaultsError((Fault(file, line, place - text.rfind("\n", 0, place), "PO301", message, way_out),))
    long = [number for number, line in enumerate(io.StringIO(text, newline=""), 1) if len(line) > LONGEST_LINE]
    if long:
        message = f"The line has more than {LONGEST_LINE:,} characters."
        way_out = "Look for a quotation mark that is never closed, or a file that is no staff list."
        raise FaultsError(tuple(Fault(file, number, LONGEST_LINE + 1, "PO304", message, way_out) for number in long))
