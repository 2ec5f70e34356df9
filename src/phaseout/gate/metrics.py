"""Figures for Prometheus, in its text form.

Written by hand: a decision costs some five microseconds, and the client library's labelled counters would add half of that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

BOUNDS_US: Final = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000, 100_000)
"""Upper bounds of the latency's classes, in microseconds."""

Labels = tuple[str, ...]


class Tally:
    """How often decisions with the same labels were made; whoever makes many of them keeps it, and need not look it up."""

    __slots__ = ("_took", "number")

    def __init__(self, took: Took) -> None:
        """Begin at nothing."""
        self.number = 0
        self._took = took

    def add(self, cost_us: float) -> None:
        """Count a decision.

        Args:
            cost_us: how long it took, in microseconds.
        """
        self.number += 1
        took = self._took
        took.classes[bisect_left(BOUNDS_US, cost_us)] += 1
        took.sum_us += cost_us


class Took:
    """How long decisions took."""

    __slots__ = ("classes", "sum_us")

    def __init__(self) -> None:
        """Begin at nothing."""
        self.classes = [0] * (len(BOUNDS_US) + 1)
        self.sum_us = 0.0


class Metrics:
    """What a gate counts."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._tallies: Final[dict[Labels, Tally]] = {}
        self.no_opinions: Final[Counter[Labels]] = Counter()
        """By caller and reason: answers without a decision."""
        self.refused_requests: Final[Counter[Labels]] = Counter()
        """By reason: requests that were no question."""
        self.bundles_refused: Final[Counter[Labels]] = Counter()
        """By code."""
        self.kicks: Final[Counter[Labels]] = Counter()
        """By outcome: attempts to end sessions."""
        self.certificates_refused: Final[Counter[Labels]] = Counter()
        """By code."""
        self.certificate_ends: datetime | None = None
        """Until when the certificate is valid that is shown over TLS, in UTC; None when none is."""
        self.reloads = 0
        """How often another bundle was taken."""
        self._took: Final = Took()

    def tally(self, caller: str, labels: Labels) -> Tally:
        """Return what counts decisions.

        Args:
            caller: the id of the caller's protocol.
            labels: door, verdict, stage, effect.
        """
        key = (caller, *labels)
        found = self._tallies.get(key)
        if found is None:
            found = self._tallies[key] = Tally(self._took)
        return found

    @property
    def decisions(self) -> dict[Labels, float]:
        """How many were made, by caller, door, verdict, stage, effect."""
        return {labels: tally.number for labels, tally in self._tallies.items() if tally.number}

    def latency(self) -> Iterable[str]:
        """Give the lines of the latency's histogram."""
        name, below = "phaseout_gate_decision_seconds", 0
        yield f"# HELP {name} How long decisions took, reading and answering HTTP left aside."
        yield f"# TYPE {name} histogram"
        for bound, number in zip(BOUNDS_US, self._took.classes, strict=False):
            below += number
            yield f'{name}_bucket{{le="{bound / 1e6:g}"}} {below}'
        yield f'{name}_bucket{{le="+Inf"}} {sum(self._took.classes)}'
        yield f"{name}_sum {self._took.sum_us / 1e6:.6f}"
        yield f"{name}_count {sum(self._took.classes)}"


def counters(name: str, told: str, names: Labels, values: Mapping[Labels, float]) -> Iterable[str]:
    """Give the lines of one counter.

    Args:
        name: of the counter.
        told: what it counts, as a sentence.
        names: of the labels.
        values: by the labels' values.
    """
    return _lines("counter", name, told, names, values)


def gauges(name: str, told: str, names: Labels, values: Mapping[Labels, float]) -> Iterable[str]:
    """Give the lines of one figure that goes up and down, by the labels' values; the arguments are those of a counter."""
    return _lines("gauge", name, told, names, values)


def _lines(kind: str, name: str, told: str, names: Labels, values: Mapping[Labels, float]) -> Iterable[str]:
    yield f"# HELP {name} {told}"
    yield f"# TYPE {name} {kind}"
    for labels, value in sorted(values.items()):
        inside = ",".join(f'{key}="{escaped(text)}"' for key, text in zip(names, labels, strict=True))
        yield f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def gauge(name: str, told: str, value: float) -> Iterable[str]:
    """Give the lines of one figure that goes up and down."""
    return (f"# HELP {name} {told}", f"# TYPE {name} gauge", f"{name} {value:.12g}")


def escaped(text: str) -> str:
    r"""Return a label's value as the text form writes it.

    Example:
        >>> escaped('a"b')
        'a\\"b'
    """
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
