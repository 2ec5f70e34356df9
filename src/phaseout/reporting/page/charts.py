"""The three charts: people on banned devices by day, platforms over time, units by state."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from matplotlib.axes import Axes
from msgspec import Struct

from phaseout.model.answer import DayCount, UnitState
from phaseout.model.device import PLATFORM_NAMES
from phaseout.reporting.page.drawing import NARROW, SIZES, Drawing, Size, colour
from phaseout.reporting.page.time_axis import lay_counts, lay_days
from phaseout.reporting.words import number, people, short_day

WEEK: Final = 7

STATES: Final = (
    ("violating", "violation", "Violation"), ("waived", "waived", "Waived"), ("advised", "advised", "Advised against"),
    ("cannot_tell", "cannot-tell", "Cannot tell"), ("clean", "clean", "Nothing found"), ("never_seen", "never", "Never seen"),
)  # fmt: skip
"""The states of a unit's people: the field, the colour, and the word; the worst first."""

NAMED_PLATFORMS: Final = 6
"""So many platforms have a colour of their own; the rest is put together."""

DEADLINES_DRAWN: Final = 4
"""So many deadlines have a line; all of them stand below the chart."""

UNITS_DRAWN: Final = 16
"""So many units have a bar, which is what a sheet of paper has room for; all of them stand in the table."""


_ROW, _LETTER = 15, 6.5
"""The height of a row of words and the width of a letter in it, in pixels."""


class Margins(Struct, frozen=True):
    """The room around the axes, in pixels."""

    left: int
    right: int
    bottom: int
    top: int


_MARGINS: Final = Margins(left=44, right=10, bottom=46, top=6)


class Key(Struct, frozen=True):
    """One entry of a legend: a colour of the page, and what it stands for."""

    colour: str
    word: str


class Chart(Struct, frozen=True):
    """A chart in every size, with its legend.

    Attributes:
        svgs: the elements; the style sheet shows one of them.
        keys: what the colours mean.
        label: what it shows, in a sentence.
    """

    svgs: tuple[str, ...]
    keys: tuple[Key, ...]
    label: str


def burn_down(days: Sequence[DayCount], deadlines: Sequence[date]) -> Chart | None:
    """Draw how many people used a banned device on each day, against the deadlines; None without days."""
    if not days:
        return None
    highs = week_highs([day.banned for day in days])
    first, last = days[0], days[-1]
    label = (
        f"People on banned devices by day: {number(first.banned)} on {short_day(first.day)}, "
        f"at most {number(max(day.banned for day in days))}, {number(last.banned)} on {short_day(last.day)}."
    )
    within = [day for day in deadlines if first.day <= day <= last.day][:DEADLINES_DRAWN]
    svgs = []
    for size in SIZES:
        drawing = Drawing("burn-down", size)
        with drawing as axes:
            places = range(len(days))
            _steps(axes, [day.banned for day in days], "banned")
            _steps(axes, [day.violating for day in days], "violation")
            axes.plot(places, highs, color=colour("ink"), linewidth=1.6, solid_joinstyle="round")
            lay_counts(axes, max(highs), above=len(within) * _ROW / (size.height - _MARGINS.bottom - _MARGINS.top))
            _deadlines(axes, first.day, last.day, within, size)
            lay_days(axes, first.day, last.day, size)
            axes.margins(x=0.01)
            _fill(axes, size)
            svgs.append(drawing.svg(label))
    keys = (
        Key("banned", "used a banned device that day"),
        Key("violation", "of these, against the order and without a waiver"),
        Key("ink", "highest of the last seven days"),
    )
    return Chart(tuple(svgs), keys, label)


def week_highs(counts: Sequence[int]) -> list[int]:
    """Return for each day the highest count of it and the six days before, which weekends leave as it is.

    Example:
        >>> week_highs([5, 3, 0, 0, 4])
        [5, 5, 5, 5, 5]
    """
    return [max(counts[max(0, place - WEEK + 1) : place + 1]) for place in range(len(counts))]


def _steps(axes: Axes, counts: Sequence[int], name: str) -> None:
    """Fill the area below counts by day, each day as wide as the next."""
    edges = [place + shift for place in range(len(counts)) for shift in (-0.5, 0.5)]
    heights = [count for count in counts for _ in range(2)]
    axes.fill_between(edges, heights, color=colour(name), linewidth=0)


def _deadlines(axes: Axes, first: date, last: date, shown: Sequence[date], size: Size) -> None:
    """Draw a line at each deadline, up to its own row of words: the earliest highest, so that no line crosses another's words."""
    top, pixels = axes.get_ylim()[1], size.height - _MARGINS.bottom - _MARGINS.top
    room = size.width - _MARGINS.left - _MARGINS.right
    for row, day in enumerate(shown):
        place = (day - first).days - 0.5
        words = f"deadline {short_day(day)}" if size is not NARROW else f"deadline {short_day(day).rsplit(' ', 1)[0]}"
        left = place / max(1, (last - first).days) * room + len(words) * _LETTER > room
        height = top * (1 - row * _ROW / pixels)
        axes.plot([place, place], [0, height], color=colour("ink"), linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            words,
            (place, height),
            xytext=(-5 if left else 5, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            fontsize=11,
            bbox={"facecolor": colour("paper"), "edgecolor": "none", "pad": 0.5} if left else None,
        )


def _fill(axes: Axes, size: Size) -> None:
    """Give the axes all of the drawing but the room for their labels, in pixels."""
    left, right, bottom, top = 44, 10, 46, 6
    axes.set_position(
        (
            left / size.width,
            bottom / size.height,
            1 - (left + right) / size.width,
            1 - (bottom + top) / size.height,
        )
    )


class Bucket(Struct, frozen=True):
    """Some days that are drawn as one: the first of them, how many, and people by platform on the busiest of them."""

    first: date
    length: int
    platforms: Mapping[str, int]


def buckets(days: Sequence[DayCount]) -> list[Bucket]:
    """Put days together so that a chart has room for them: single days, weeks, or four weeks.

    The busiest day stands for all of them, for an average would fall with every holiday and every week that is cut off.
    """
    length = 1 if len(days) <= 31 else WEEK if len(days) <= 60 * WEEK else 4 * WEEK  # noqa: PLR2004  # what a phone can show
    groups: dict[int, list[DayCount]] = defaultdict(list)
    for day in days:
        groups[(day.day - days[0].day).days // length].append(day)
    busiest = {place: max(group, key=lambda day: (day.seen, day.day)) for place, group in groups.items()}
    return [
        Bucket(days[0].day + timedelta(days=place * length), length, dict(day.platforms))
        for place, day in sorted(busiest.items())
    ]


def ranked(some: Sequence[Bucket]) -> tuple[list[str], list[str]]:
    """Return the platforms that are named, most used first, and those that are put together; unknown is neither."""
    totals: dict[str, int] = defaultdict(int)
    for bucket in some:
        for name, count in bucket.platforms.items():
            totals[name] += count
    order = sorted((name for name in totals if name != "unknown" and totals[name]), key=lambda name: (-totals[name], name))
    return order[:NAMED_PLATFORMS], order[NAMED_PLATFORMS:]


def platforms(days: Sequence[DayCount]) -> Chart | None:
    """Draw people by platform over time; None without days."""
    if not any(day.platforms for day in days):
        return None
    made = buckets(days)
    named, rest = ranked(made)
    layers: list[tuple[Key, list[int]]] = [
        (Key(f"p{place}", PLATFORM_NAMES.get(name, name)), [one.platforms.get(name, 0) for one in made])
        for place, name in enumerate(named, 1)
    ]
    if rest:
        layers.append((Key("p-other", "others"), [sum(one.platforms.get(name, 0) for name in rest) for one in made]))
    if any("unknown" in one.platforms for one in made):
        layers.append((Key("p-unknown", "cannot tell"), [one.platforms.get("unknown", 0) for one in made]))
    label = f"People by platform over time; most used: {', '.join(key.word for key, _ in layers[:3])}."
    svgs = tuple(_platforms_svg(days, made, layers, size, label) for size in SIZES)
    return Chart(svgs, tuple(key for key, _ in layers), label)


def _platforms_svg(
    days: Sequence[DayCount], made: Sequence[Bucket], layers: Sequence[tuple[Key, list[int]]], size: Size, label: str
) -> str:
    drawing = Drawing("platforms", size)
    first = days[0].day
    with drawing as axes:
        places = [(one.first - first).days + (one.length - 1) / 2 for one in made]
        bases = [0] * len(made)
        for key, heights in layers:
            axes.bar(places, heights, width=made[0].length * 0.86, bottom=bases, color=colour(key.colour), linewidth=0)
            bases = [base + height for base, height in zip(bases, heights, strict=True)]
        lay_counts(axes, max(bases))
        lay_days(axes, first, days[-1].day, size)
        axes.margins(x=0.01)
        _fill(axes, size)
        return drawing.svg(label)


def units(states: Sequence[tuple[str, UnitState]]) -> Chart | None:
    """Draw how each unit's people stand, as bars of their parts; None without units.

    Args:
        states: each unit's name and state, in the order of the bars; those past ``UNITS_DRAWN`` are left out, and so
            are those of which nobody counts.
    """
    drawn = [(name, state) for name, state in states if state.counted][:UNITS_DRAWN]
    if not drawn:
        return None
    violating = sum(state.violating for _, state in drawn)
    label = f"Units by state: {people(violating)} with a violation in {number(len(drawn))} units."
    svgs = tuple(_units_svg(drawn, Size(size.name, size.width, 0, 0), label) for size in SIZES)
    return Chart(svgs, tuple(Key(name, word) for _, name, word in STATES), label)


_LINE, _BAR, _GAP = 16, 16, 14
"""Heights of a line of a name, of a bar, and between units, in pixels."""


def _units_svg(drawn: Sequence[tuple[str, UnitState]], size: Size, label: str) -> str:
    names = [textwrap.wrap(name, size.width // 8) or [name] for name, _ in drawn]
    height = sum(len(lines) * _LINE + _BAR + _GAP for lines in names)
    drawing = Drawing("units", Size(size.name, size.width, height, 0))
    most = max(state.counted for _, state in drawn)
    with drawing as axes:
        axes.set_axis_off()
        axes.set_position((0, 0, 1, 1))
        axes.set_xlim(0, size.width)
        axes.set_ylim(height, 0)
        top = 0.0
        for lines, (_, state) in zip(names, drawn, strict=True):
            for line in lines:
                top += _LINE
                axes.text(0, top - 4, line, fontsize=12)
            _bar(axes, state, top + _BAR / 2, (size.width - 84) / most)
            top += _BAR + _GAP
        return drawing.svg(label)


def _bar(axes: Axes, state: UnitState, middle: float, scale: float) -> None:
    """Draw one unit's bar: its parts from the worst on, and the numbers behind it."""
    begin = 0.0
    for field, name, _ in STATES:
        width = getattr(state, field) * scale
        if width:
            axes.barh(middle, max(width - 1, 0.5), left=begin, height=_BAR, color=colour(name), linewidth=0)
        begin += width
    axes.text(
        begin + 6, middle, f"{number(state.violating)} of {number(state.counted)}", fontsize=11, va="center", color=colour("soft")
    )
