"""A reader: how the lines of one log format become accesses."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from phaseout.reading.on_demand import ir
from phaseout.reading.shape import Shape


class Clock(StrEnum):
    """What a format's time stamps mean."""

    UTC = "utc"
    """Always UTC, by the format's own definition."""
    OFFSET = "offset"
    """Each stamp carries its offset from UTC."""
    LOCAL = "local"
    """The server's local time: the operator must say which zone that is."""


class Likeness(Struct, frozen=True):
    """How far a file looks like a format.

    Attributes:
        sure: from 0 (not at all) to 1 (every line that was looked at has the format's shape).
        why: one sentence.
    """

    sure: float
    why: str


class ZoneNeededError(ValueError):
    """A log's time stamps are local, and nobody said of which time zone."""

    def __init__(self, file: str) -> None:
        """Remember which file it is."""
        super().__init__(f"The time stamps of {file or 'this log'} name no time zone: say which one the server keeps.")
        self.file = file


class Setting(Struct, frozen=True):
    """What a reader must be told about a file.

    Attributes:
        last_year: until when time zones' changes are followed: the year after the one in which the check is made.
        zone: the zone of stamps that carry none; None for formats that need none.
        file: the file's name as given, for messages; rows don't depend on it, for files that are alike in all else share
            what is compiled for them.
        is_zoned: whether each stamp is to carry its own offset from UTC, in a format whose stamps may; those that carry none
            can't be read.
        by_day: whether each day is counted apart, so that days on which another log shows the same can be found.
        tells_aside: whether what is set aside for a reason of ``ASIDE`` is told apart by who asked for it, and with what.
    """

    last_year: int
    zone: ZoneInfo | None = None
    file: str = ""
    by_day: bool = False
    is_zoned: bool = False
    tells_aside: bool = False

    @property
    def needed_zone(self) -> ZoneInfo:
        """The zone, for formats with local stamps.

        Raises:
            ZoneNeededError: there is none.
        """
        if self.zone is None:
            raise ZoneNeededError(self.file)
        return self.zone


class Reader(Struct, frozen=True):
    """One log format.

    ``rows`` does the work that grows with the log and must be cheap: it cuts each line into columns of raw text.
    The engine then counts equal rows, and ``meaning`` says what each distinct row is.

    Attributes:
        id: the file's name.
        title: for people.
        clock: what its time stamps mean.
        doors: the doors (``PROTOCOLS``) whose use it can show.
        detect: looks at the first lines of a file, which come without their line ends; blank ones are left out.
        rows: from ``line: string, row: int64, head: string`` (the columns' names) to one row a line with
            ``line`` and ``row`` as they came, ``at: timestamp`` (UTC, without zone; null where the line has none),
            ``fault: string`` (null, or why the line can't be read), and any number of further string columns.
            Every column but ``line``, ``row`` and ``at`` becomes part of what makes rows distinct, so it must not
            hold what differs from line to line (ports, sizes, request ids).
        meaning: from the distinct rows to the columns of ``MEANING``; any that it leaves out are null.
            ``ignored`` is null for an access, else the reason for which the row is set aside.
        head: lines that start with one of these texts name the columns of those that follow; the latest one stands in
            ``head``, without its line end.
        dated: lines that start with this text give the day of those that follow whose stamps have none; the latest one stands in
            ``head``, behind the names of the columns and ``DATED``.
        packed: gives, of the distinct rows, the ActiveSync query where it is packed in base64, else null. The engine decodes
            those and hands ``meaning`` the columns of ``PACKED``.
        behind: ids of formats that show the same requests from further out; where those show the same use of the
            same device, this format's lines are a repeat.
        beside: ids of formats that show the same requests and may tell more of the device; where one does, this format's lines
            are a repeat: of a device of the same id, or of any where the other is ``by_door``, for that is asked at each request.
        by_door: whether it knows a request's door alone, and takes the service from that.
        beforehand: whether it writes requests down before anybody knows what becomes of them. Those are claims, and repeats of
            whatever another log shows that they came to.
        exported: whether its files are exports of one log that a service keeps, so that two of them, or one, may hold a record
            more than once. Then ``rows`` gives ``record: string``, too: the id that the service gave the record, the same in
            every form in which it is exported; null where it gave none. It is no part of what makes rows distinct.
        yearless: whether its stamps may carry no year.
        may_be_zoned: whether its stamps, local as a rule, may carry their offset from UTC, so that a log of such needs no zone.
        by_day: whether its days are always counted apart, for it tells of other logs' requests.
        shape: what ordinary lines look like, for formats whose ``rows`` does no more with them than to cut them: those are then
            read several times faster, and only all others go through ``rows``. Not for exports, whose lines each have an id.
    """

    id: str
    title: str
    clock: Clock
    doors: tuple[str, ...]
    detect: Callable[[tuple[str, ...]], Likeness]
    rows: Callable[[ir.Table, Setting], ir.Table]
    meaning: Callable[[ir.Table], ir.Table]
    head: tuple[str, ...] = ()
    dated: str = ""
    packed: Callable[[ir.Table], ir.StringValue] | None = None
    behind: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    by_door: bool = False
    beforehand: bool = False
    exported: bool = False
    yearless: bool = False
    may_be_zoned: bool = False
    by_day: bool = False
    shape: Shape | None = None

    @property
    def repeats(self) -> tuple[str, ...]:
        """The formats whose requests its lines may show once more."""
        return (*self.behind, *self.beside)


DATED: Final = "\x1f"
"""Stands between the names of the columns and the line that gives the day."""

REFUSED: Final = "refused "
PASSED: Final = "passed "
"""What stands before the action of a request of which a server further in says that it refused it, or let it pass, where the one
in front shows it as if it had passed."""

REPEATED: Final = "repeated "
"""What stands before the action of a request that a back end shows, which is a repeat where a front end's log is read, too."""

BACK_END: Final = "back-end repeat"
"""Why the lines of a server further in are set aside that a server's own log holds beside its own."""

SAME_RECORD: Final = "the same record again"
"""Why a record of an export is set aside that stands in it, or in another one, before."""

OPEN_WEBMAIL: Final = "webmail that names nobody"
"""Why a page of a webmail is no access that a web server gave to somebody who had not signed in, as it does where the webmail has
a form for that. Then a name in such a log is one that came with a password which nobody looked at."""

ASKED_TO_SIGN_IN: Final = "asked to sign in"
PART_OF_PAGE: Final = "part of a page"
OPEN_LINK: Final = "a link open to anybody"
ASIDE: Final = (ASKED_TO_SIGN_IN, PART_OF_PAGE, OPEN_LINK)
"""Why requests are no accesses that may name somebody all the same: a log that is written beforehand has claims of them."""

CLUE_COLUMNS: Final = ("user_agent", "activesync", "imap_id", "x_mailer", "client_info", "inventory", "certificate")
"""One nullable string column for each kind of evidence."""

MEANING: Final = ("ignored", "login", "service", "protocol", "action", "outcome", "device_id", *CLUE_COLUMNS)
"""The columns that ``Reader.meaning`` gives, all nullable strings."""

PACKED: Final = ("packed_command", "packed_device_id", "packed_device_type", "packed_user")
"""What is decoded from packed ActiveSync queries, all nullable strings."""
