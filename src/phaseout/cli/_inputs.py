"""The options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from phaseout.model.access import PROTOCOLS

Function = TypeVar("Function", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, dir_okay=False)


class Zone(click.ParamType[ZoneInfo]):
    """An IANA time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ZoneInfo:  # noqa: ANN401
        """Find the zone."""
        if isinstance(value, ZoneInfo):
            return value
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"there is no time zone {value!r}; write one such as Europe/Moscow or UTC", param, ctx)


class Instant(click.ParamType[datetime]):
    """A day or an instant; without an offset it is meant in the directive's time zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401
        """Read ISO 8601."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write 2026-10-01 or 2026-10-01T09:30 or 2026-10-01T09:30+03:00", param, ctx)


class Day(click.ParamType[date]):
    """A day."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Read ISO 8601."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write one such as 2026-10-01", param, ctx)


class ForPath(click.ParamType[tuple[Path | None, Any]]):
    """A value for all logs, or ``PATH=VALUE`` for the logs at or below a path.

    Args:
        of: the type of the value.
    """

    def __init__(self, of: click.ParamType[Any]) -> None:
        """Remember how a value is read."""
        self.of = of
        self.name = f"[path=]{of.name}"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[Path | None, Any]:
        """Split at the last equals sign."""
        if isinstance(value, tuple):
            return value
        path, _, own = value.rpartition("=")
        return (Path(path) if path else None), self.of.convert(own, param, ctx)


class SameDomain(click.ParamType[tuple[str, str]]):
    """A login's domain and what it is the same as: ``MINEX=example.org``."""

    name = "name=domain"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:  # noqa: ANN401
        """Split at the equals sign."""
        if isinstance(value, tuple):
            return value
        one, _, other = value.partition("=")
        if not one or not other:
            self.fail(f"{value!r} is no pair; write one such as MINEX=example.org", param, ctx)
        return one, other


def instant(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return a given time in UTC; without an offset it is meant in the zone."""
    if at is None:
        return None
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)


def inputs(function: Function) -> Function:
    """Add the options that say what is held against what."""
    options = (
        click.option("--directive", "-d", type=FILE, required=True, help="The order, as YAML."),
        click.option("--people", "-p", type=FILE, required=True, help="The staff list, as CSV."),
        click.option("--waivers", "-w", type=FILE, help="The exceptions, as YAML."),
        click.option(
            "--people-encoding", metavar="NAME", help="The staff list's encoding, when it isn't UTF-8 (such as cp1251)."
        ),
        click.option(
            "--timezone",
            "zones",
            multiple=True,
            type=ForPath(Zone()),
            help="The time zone of logs whose times carry none; PATH=ZONE for the logs of one place (repeatable).",
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            type=ForPath(click.STRING),
            help="The logs' format, when looking doesn't find it; PATH=FORMAT for the logs of one place (repeatable).",
        ),
        click.option(
            "--written",
            multiple=True,
            type=ForPath(Day()),
            help="The day on which logs were last written, for stamps that carry no year; PATH=DAY for the logs of one place "
            "(repeatable). Each file's own time of change, unless given.",
        ),
        click.option("--since", type=Instant(), help="Leave out what was before."),
        click.option("--until", type=Instant(), help="Leave out what was then or later."),
        click.option("--at", type=Instant(), help="The time for which the answer holds; now, unless given."),
        click.option(
            "--domain", "domains", multiple=True, type=SameDomain(), help="What a login's domain is the same as (repeatable)."
        ),
        click.option(
            "--door",
            "doors",
            multiple=True,
            type=click.Choice(PROTOCOLS),
            help="A door that you have open (repeatable); all, unless given.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function
