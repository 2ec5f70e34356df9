"""ActiveSync's WBXML, as much of it as a phone needs to sync a mailbox ([MS-ASWBXML], WBXML 1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

Element = tuple[str, "str | Sequence[Element]"]
"""A name and what is in it: a text, or further elements."""

PAGES: Final = {
    0: {"Sync": 0x05, "Add": 0x07, "Change": 0x08, "SyncKey": 0x0B, "ServerId": 0x0D, "Status": 0x0E, "Collection": 0x0F,
        "CollectionId": 0x12, "GetChanges": 0x13, "MoreAvailable": 0x14, "WindowSize": 0x15, "Commands": 0x16, "Options": 0x17,
        "FilterType": 0x18, "Collections": 0x1C, "ApplicationData": 0x1D},
    2: {"To": 0x16, "From": 0x18, "Subject": 0x14, "DateReceived": 0x0F, "Read": 0x15},
    7: {"DisplayName": 0x07, "ServerId": 0x08, "ParentId": 0x09, "Type": 0x0A, "Status": 0x0C, "Changes": 0x0E, "Add": 0x0F,
        "SyncKey": 0x12, "FolderSync": 0x16, "Count": 0x17},
    17: {"BodyPreference": 0x05, "Type": 0x06, "TruncationSize": 0x07, "Body": 0x0A, "Data": 0x0B, "EstimatedDataSize": 0x0C},
}  # fmt: skip
"""The tokens that are used here, by code page."""

_NAMES: Final = {(page, token): name for page, tokens in PAGES.items() for name, token in tokens.items()}
_SWITCH, _END, _TEXT, _OPAQUE, _HAS_CONTENT = 0x00, 0x01, 0x03, 0xC3, 0x40


def packed(element: Element, page: int) -> bytes:
    """Write a document whose root is of a code page; what stands in ``BodyPreference`` is of page 17."""
    here = [0]

    def parts(name: str, inside: str | Sequence[Element], page: int) -> Iterator[bytes]:
        page = 17 if name == "BodyPreference" else page
        if here[0] != page:
            here[0] = page
            yield bytes((_SWITCH, page))
        yield bytes((PAGES[page][name] | (_HAS_CONTENT if inside else 0),))
        if isinstance(inside, str):
            yield bytes((_TEXT,)) + inside.encode() + b"\0" if inside else b""
        else:
            for each in inside:
                yield from parts(*each, page)
        if inside:
            yield bytes((_END,))

    return bytes.fromhex("03016a00") + b"".join(parts(*element, page))


def texts(document: bytes) -> list[tuple[str, str]]:
    """Return the texts of a document in their order, each with the name of its element."""
    found, page, place, names = [], 0, 4, [""]
    while place < len(document):
        token = document[place]
        place += 1
        if token == _SWITCH:
            page, place = document[place], place + 1
        elif token == _END:
            names.pop()
        elif token == _TEXT:
            end = document.index(0, place)
            found.append((names[-1], document[place:end].decode()))
            place = end + 1
        elif token == _OPAQUE:
            length, place = _count(document, place)
            found.append((names[-1], document[place : place + length].decode("utf-8", "replace")))
            place += length
        elif token & _HAS_CONTENT:
            names.append(_NAMES.get((page, token & 0x3F), f"{page}:{token & 0x3F:#x}"))
    return found


def _count(document: bytes, place: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and say where it ends."""
    number = 0
    while True:
        number = number << 7 | document[place] & 0x7F
        place += 1
        if document[place - 1] < 0x80:
            return number, place
