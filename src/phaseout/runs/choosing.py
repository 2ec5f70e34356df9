"""Choose how each log is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from phaseout.model.fault import Fault, FaultsError
from phaseout.readers import READERS
from phaseout.reading.reader import Clock, Reader, Setting
from phaseout.reading.syslog import all_zoned
from phaseout.runs.formats import UnclearFormatError, choose, first_lines
from phaseout.runs.inputs import Asked
from phaseout.runs.no_format import is_empty


class Log(Struct, frozen=True):
    """One log, and how it will be read.

    Attributes:
        path: as given.
        reader: its format; None when the file is empty, or stood in a folder and is in no known format.
        setting: what the reader must know.
        note: why it has no reader.
        latest: the last local day that its stamps may show, where they may carry no year.
    """

    path: Path
    reader: Reader | None
    setting: Setting
    note: str = ""
    latest: date | None = None

    @property
    def zone_name(self) -> str:
        """How its times are read, for people."""
        if self.reader is None:
            return "none"
        if self.reader.clock is Clock.LOCAL and self.setting.zone is not None:
            return str(self.setting.zone)
        return "UTC" if self.reader.clock is Clock.UTC else "as each line says"


def chosen(asked: Asked) -> tuple[Log, ...]:
    """Choose each log's reader.

    Raises:
        FaultsError: PO403 no format fits, PO404 a format needs a time zone and none is given, PO406 no format has the name
            that was given, PO407 a log can't be opened, PO408 none of the logs can be read, PO409 what was given for a path
            is of no log.
    """
    if faults := (*_unknown_formats(asked), *_of_no_log(asked)):
        raise FaultsError(faults)
    found = tuple(_log(asked, path) for path in asked.logs)
    logs = tuple(each for each in found if isinstance(each, Log))
    faults = tuple(each for each in found if isinstance(each, Fault)) or _nothing(logs)
    if faults:
        raise FaultsError(faults)
    return logs


def _unknown_formats(asked: Asked) -> tuple[Fault, ...]:
    """Say which formats were named that there are not."""
    named = {name for name in (asked.format, *(name for _, name in asked.formats)) if name is not None}
    way_out = f"Name one of these: {', '.join(READERS.ids)}."
    unknown = sorted(named - set(READERS.ids))
    return tuple(Fault("--format", 0, 0, "PO406", f'There is no log format "{name}".', way_out) for name in unknown)


def _of_no_log(asked: Asked) -> Iterator[Fault]:
    """Say what was given for a path at or below which there is no log."""
    for option, given in (("--timezone", asked.zones), ("--format", asked.formats), ("--written", asked.written)):
        for path, value in given:
            if not any(log.is_relative_to(path) for log in asked.logs):
                message = f'"{path}={value}" is for no log: none that is read is {path} or lies below it.'
                yield Fault(option, 0, 0, "PO409", message, "Write the path as the logs are given, or leave this out.")


def _log(asked: Asked, path: Path) -> Log | Fault:
    """Choose one log's reader, or say why that can't be done."""
    try:
        reader = choose(path, asked.format_of(path))
    except UnclearFormatError as error:
        return _unclear(asked, path, error)
    except OSError as error:
        way_out = "Check the path, and that you may read the file."
        return Fault(str(path), 0, 0, "PO407", f"It can't be opened: {error.strerror}.", way_out)
    zone = asked.zone_of(path)
    is_zoned = zone is None and reader.may_be_zoned and all_zoned(first_lines(path))
    if reader.clock is Clock.LOCAL and zone is None and not is_zoned:
        message = (
            f"Times in this format ({reader.title}) are the server's local time, and the log doesn't say which zone that is."
        )
        return Fault(str(path), 0, 0, "PO404", message, "Give --timezone, such as --timezone Europe/Moscow.")
    latest = asked.latest_of(path) if reader.yearless and not is_zoned else None
    return Log(path, reader, Setting(asked.at.year + 1, zone, str(path), is_zoned=is_zoned), latest=latest)


def _unclear(asked: Asked, path: Path, error: UnclearFormatError) -> Log | Fault:
    """Refuse a log in no known format where it was named; let it pass, and account for it, where it only lay in a folder."""
    if is_empty(path):
        return Log(path, None, Setting(asked.at.year + 1), "the file is empty")
    if path not in asked.named:
        return Log(path, None, Setting(asked.at.year + 1), error.why)
    way_out = f"Name it with --format, one of these: {', '.join(READERS.ids)}; or leave the file out."
    return Fault(str(path), 0, 0, "PO403", error.why, way_out)


def _nothing(logs: Sequence[Log]) -> tuple[Fault, ...]:
    """Refuse to answer from nothing at all."""
    if any(log.reader is not None for log in logs):
        return ()
    way_out = "Name the folder that the logs are in, or a log's format with --format."
    return tuple(
        Fault(str(log.path), 0, 0, "PO408", f"There is nothing to read: {log.note.rstrip('.')}.", way_out) for log in logs
    )
