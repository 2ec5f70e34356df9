"""What every writer of logs shares: lines with their fate, files, and what was planted in them."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from random import Random
from typing import Final

from msgspec import Struct

from phaseout.demo.calendar import A_DAY, midnight
from phaseout.demo.devices import Tells
from phaseout.demo.life import Deed

ACCESS: Final = "access"
"""The fate of a line that is an access."""

REJECTED: Final = "rejected"
"""The fate of a line that can't be read. Any other fate is the reason why a line is set aside."""

REPEAT: Final = "repeat"
"""The fate of a line that is an access, but shows what another log shows too."""

Line = tuple[int, str, str]
"""When, the text without its line end, and the fate."""


class LogFile(Struct, frozen=True):
    """One log.

    Attributes:
        path: below the folder of logs.
        format: the reader's id.
        data: the bytes, compressed when the path ends so.
        fates: how many lines are what.
    """

    path: str
    format: str
    data: bytes
    fates: Mapping[str, int]


def log_file(path: str, format_id: str, lines: Iterable[Line]) -> LogFile:
    """Make a log of its lines."""
    kept = list(lines)
    data = "".join([f"{text}\n" for _, text, _ in kept]).encode()
    if path.endswith(".gz"):
        data = gzip.compress(data, compresslevel=6, mtime=0)
    return LogFile(path, format_id, data, Counter(fate for _, _, fate in kept))


by_time: Final = itemgetter(0)
"""Sorts lines; those of one second keep their order."""


class Planted(Struct, frozen=True):
    """What a log shows of a deed.

    Attributes:
        deed: what was done.
        format: of the log.
        login: as the log writes it.
        protocol: the door, as the product names it.
        tells: how far the log tells what the device is.
        clues: the evidence by kind, as the client sent it.
        device_id: the device's own id, or empty.
        action: what it was.
        at: when; a part of the deed's instants when the log shows them differently.
        also_in: formats that show the same requests once more.
    """

    deed: Deed
    format: str
    login: str
    protocol: str
    tells: Tells
    clues: Mapping[str, str]
    device_id: str = ""
    action: str = ""
    at: tuple[int, ...] = ()
    also_in: tuple[str, ...] = ()


@dataclass(slots=True)
class Written:
    """What a writer made.

    Attributes:
        files: the logs.
        planted: what they show.
    """

    files: list[LogFile] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)


class Writer(Struct, frozen=True):
    """One log format of the demo.

    Attributes:
        id: the reader's id, which is also the file's name here.
        takes: whether a deed stands in such a log.
        write: makes the logs of the deeds that it takes, of the demo's days, and of chance.
    """

    id: str
    takes: Callable[[Deed], bool]
    write: Callable[[Sequence[Deed], range, Random], Written]


def spelt(deed: Deed) -> str:
    r"""Return a login as clients of Exchange write it: some with the domain before, some as an address, some in capitals."""
    member = deed.member
    kind = deed.device.number % 5
    if kind == 0:
        return member.address
    return member.domain_login.upper() if kind == 1 else member.domain_login


def guid(at: int, number: int = 0) -> str:
    """Return a request's id: any, but always the same for an instant, and for a number that tells apart requests of one."""
    mixed = f"{(at * 0x9E3779B97F4A7C15 + number * 0xC2B2AE3D27D4EB4F165667B19E3779F9) & (1 << 128) - 1:032x}"
    return f"{mixed[:8]}-{mixed[8:12]}-4{mixed[13:16]}-a{mixed[17:20]}-{mixed[20:]}"


def moments(days: range, share: float, chance: Random) -> list[int]:
    """Return instants on some of the days, ascending; more than one a day when the share is above one."""
    return sorted(midnight(day) + chance.randrange(A_DAY) for day in days for _ in range(int(share + chance.random())))
