"""A shape and how time is cut, as the compiled scan knows them."""

from __future__ import annotations

from ctypes import addressof, c_int64
from itertools import zip_longest
from typing import Final

from phaseout.logs.native import TEXT_ROOM, Form, Span, Step
from phaseout.logs.pieces import LONGEST_LINE
from phaseout.reading.shape import Part, Shape
from phaseout.reading.span import Times

_NOTHING, _SKIPPED, _KEY, _FIXED, _STAMP = range(5)

_LEAST: Final = -(2**63)
_GREATEST: Final = 2**63 - 1


class Ordinary:
    """What ordinary lines of a format look like, as the library knows it; it must outlive the tables that are made with it.

    Args:
        shape: what they look like.
        times: how time is cut.
    """

    def __init__(self, shape: Shape, times: Times) -> None:
        """Put it down, once for all files."""
        self.columns = shape.columns
        self.form, self._steps = _form_of(shape)
        self.span, self._arrays = _span_of(times)


def _form_of(shape: Shape) -> tuple[Form, list[object]]:
    """Return a shape as the library knows it, and what must stay alive with it."""
    steps: list[Step] = []
    for part, behind in zip_longest(shape.parts, shape.parts[1:]):
        if not part.text:
            steps.append(_field(shape, part, "" if behind is None else behind.text))
            continue
        for text in (part.text[at : at + TEXT_ROOM] for at in range(0, len(part.text), TEXT_ROOM)):
            if not steps or steps[-1].text_size:
                steps.append(Step(_NOTHING, end=-1, cut=-1))
            steps[-1].text_size, steps[-1].text, steps[-1].mask = len(text), text.encode("ascii"), b"\xff" * len(text)
    array = (Step * len(steps))(*steps)
    beyond = shape.beyond.encode("ascii")
    return Form(array, len(steps), ord(shape.never), LONGEST_LINE, beyond, len(beyond)), [array, beyond]


def _field(shape: Shape, part: Part, behind: str) -> Step:
    """Return the step of a field, without the text behind it; where that begins, the field ends."""
    if part.is_stamp:
        return Step(_STAMP, end=-1, cut=-1)
    if part.size:
        return Step(_FIXED, part.size, end=-1, cut=-1)
    end = ord(behind[0])
    if not part.name:
        return Step(_SKIPPED, end=end, cut=-1)
    shortened = shape.shortened.get(part.name)
    if shortened is None:
        return Step(_KEY, end=end, cut=-1)
    unless = b"".join(each.encode("ascii") + b"\0" for each in shortened.unless)
    return Step(_KEY, end=end, cut=ord(shortened.at), unless_size=len(unless), unless=unless)


def _span_of(times: Times) -> tuple[Span, list[object]]:
    """Return how time is cut as the library knows it, and what must stay alive with it."""
    arrays = [(c_int64 * len(each))(*each) for each in (times.cuts, times.changes, times.offsets)]
    cuts, changes, offsets = (addressof(array) for array in arrays)
    since = _LEAST if times.since is None else times.since
    until = _GREATEST if times.until is None else times.until
    return Span(cuts, len(times.cuts), len(times.changes), changes, offsets, since, until, times.days), [*arrays]
