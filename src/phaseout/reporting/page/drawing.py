"""How a chart becomes SVG that lives in a page: its colours, its typeface, no address, and the same bytes each time."""

from __future__ import annotations

import io
import re
from typing import Final

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from msgspec import Struct

COLOURS: Final = (
    "ink", "soft", "line", "paper", "violation", "banned", "waived", "advised", "cannot-tell", "clean", "never",
    "p1", "p2", "p3", "p4", "p5", "p6", "p-other", "p-unknown",
)  # fmt: skip
"""The names of the page's colours; in charts, each stands for ``var(--name)``."""

_MARKS: Final = {name: f"#fe{number:02x}dc" for number, name in enumerate(COLOURS)}
"""Matplotlib wants real colours; these stand for ours until the SVG is there."""

_SETTINGS: Final = {
    "svg.fonttype": "none", "svg.hashsalt": "phaseout", "font.family": "sans-serif", "font.size": 12.0,
    "figure.dpi": 72.0, "savefig.dpi": 72.0, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
    "axes.edgecolor": _MARKS["line"], "axes.facecolor": "none", "figure.facecolor": "none", "axes.axisbelow": True,
    "text.color": _MARKS["ink"], "xtick.color": _MARKS["line"], "xtick.labelcolor": _MARKS["soft"],
    "ytick.color": _MARKS["line"], "ytick.labelcolor": _MARKS["soft"], "ytick.major.size": 0.0, "grid.color": _MARKS["line"],
    "grid.linewidth": 0.8, "axes.linewidth": 1.0,
}  # fmt: skip


class Size(Struct, frozen=True):
    """How large a chart is drawn, in the page's pixels.

    Attributes:
        name: part of the ids in the SVG, which must differ within a page.
        width: in pixels.
        height: in pixels.
        ticks: how many days are written below a time axis, about.
    """

    name: str
    width: int
    height: int
    ticks: int


WIDE: Final = Size("wide", 760, 280, 7)
"""For screens and paper."""

NARROW: Final = Size("narrow", 340, 250, 4)
"""For phones; drawn anew, so that its letters stay as large as the text around."""

SIZES: Final = (WIDE, NARROW)
"""A page has both and shows one."""


def colour(name: str) -> str:
    """Return what stands in a drawing for one of the page's colours."""
    return _MARKS[name]


class Drawing:
    """One chart while it is drawn; global state of the plotting library is set while it lives and put back after.

    Args:
        name: of the chart, for the ids in the SVG.
        size: how large.
    """

    def __init__(self, name: str, size: Size) -> None:
        """Remember the name; nothing is drawn yet."""
        self._prefix = f"{name}-{size.name}-"
        self._settings = matplotlib.style.context(["default", _SETTINGS])
        self._size = size

    def __enter__(self) -> Axes:
        """Begin, with the whole area for the axes."""
        self._settings.__enter__()
        self._figure = Figure(figsize=(self._size.width / 72, self._size.height / 72))
        return self._figure.subplots()

    def __exit__(self, *raised: object) -> None:
        """Put the plotting library's settings back."""
        self._settings.__exit__(None, None, None)

    def svg(self, label: str) -> str:
        """Return the chart as an ``svg`` element.

        Args:
            label: what the chart shows, for those who can't see it; plain text.
        """
        out = io.StringIO()
        self._figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return cleaned(out.getvalue(), self._prefix, label, self._size.name)


def cleaned(svg: str, prefix: str, label: str, kind: str) -> str:
    """Make of a whole SVG document an element for a page.

    Args:
        svg: as the plotting library wrote it.
        prefix: put before every id, for a page may hold each id once.
        label: what the chart shows.
        kind: the name of its size, which becomes its class.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', svg)
    inside = svg[svg.index(">") + 1 :]
    inside = inside.replace("xlink:href", "href")
    inside = re.sub(r'<g id="[^"]*">', "<g>", inside)
    inside = re.sub(r'\bid="', f'id="{prefix}', inside)
    inside = re.sub(r'(href="|url\()#', rf"\1#{prefix}", inside)
    inside = re.sub(r"font: (?:\S+ )?([\d.]+px)[^;\"]*", r"font-size: \1", inside)
    inside = re.sub(r"font-family: [^;\"]*;? ?", "", inside)
    for name, mark in _MARKS.items():
        inside = inside.replace(mark, f"var(--{name})")
    inside = re.sub(r"<style[^>]*>.*?</style>", "", inside, flags=re.DOTALL)
    escaped = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    shape = box[1] if box is not None else "0 0 1 1"
    return f'<svg class="chart {kind}" viewBox="{shape}" role="img" aria-label="{escaped}">{inside}'.rstrip()
