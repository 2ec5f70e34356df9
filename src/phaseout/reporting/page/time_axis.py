"""Days along the bottom of a chart."""

from __future__ import annotations

from datetime import date, timedelta

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from phaseout.reporting.page.drawing import Size, colour
from phaseout.reporting.words import number, short_day


def day_ticks(first: date, last: date, at_most: int) -> list[date]:
    """Return the days that are written: evenly apart, by whole weeks where there is room for some.

    Example:
        >>> [day.isoformat() for day in day_ticks(date(2026, 9, 1), date(2026, 9, 30), 3)]
        ['2026-09-01', '2026-09-15', '2026-09-29']
    """
    span = (last - first).days
    step = max(1, -(-span // max(1, at_most)))
    if step > 3:  # noqa: PLR2004  # from half a week on, whole weeks
        step = -(-step // 7) * 7
    return [first + timedelta(days=n) for n in range(0, span + 1, step)]


def lay_days(axes: Axes, first: date, last: date, size: Size) -> None:
    """Write days below a chart whose x values are days from the first; the year stands where it begins to hold."""
    ticks = day_ticks(first, last, size.ticks)
    year = None
    for day in ticks:
        if day.year != year:
            year = day.year
            axes.annotate(
                str(year),
                ((day - first).days, 0),
                xytext=(0, -36),
                textcoords="offset points",
                ha="center",
                va="baseline",
                fontsize=11,
                color=colour("soft"),
            )
    axes.set_xticks([(day - first).days for day in ticks], [short_day(day).rsplit(" ", 1)[0] for day in ticks])
    axes.tick_params(axis="x", labelsize=11, pad=7)


def lay_counts(axes: Axes, highest: float, above: float = 0) -> None:
    """Write whole numbers left of a chart, with faint lines across.

    Args:
        axes: where.
        highest: the highest value that is drawn.
        above: which part of the height stays free above it.
    """
    axes.set_ylim(0, max(1.0, highest * 1.06) / (1 - above))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(round(value))))
    axes.grid(axis="y")
    axes.tick_params(axis="y", labelsize=11)
