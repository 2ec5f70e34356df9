"""Say what client strings are: JSON lines in and out for programs, and words for people."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from phaseout.devices import identify
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import DEVICE_FIELDS, Device

MAX_LINE: Final = 65_536
"""Characters of one line of input; a longer one is answered with an error."""


def identify_lines(lines: Iterable[str]) -> Iterator[str]:
    """Answer each ``{"kind", "value"}`` line with one JSON line, in order.

    Args:
        lines: JSON objects, one a line; an empty line is passed over.

    Yields:
        The device's fields, ``grade``, ``reason`` and ``contradictions``, or ``error`` for a line that can't be read.
    """
    for line in lines:
        if line.strip():
            yield json.dumps(_answer(line), ensure_ascii=False)


def _answer(line: str) -> dict[str, Any]:
    """The answer to one line."""
    if len(line) > MAX_LINE:
        return {"error": f"The line has more than {MAX_LINE:,} characters."}
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as fault:
        return {"error": f"Not JSON: {fault}."}
    if not isinstance(case, dict) or not isinstance(case.get("kind"), str) or not isinstance(case.get("value"), str):
        return {"error": 'Each line must be {"kind": "…", "value": "…"} with two texts.'}
    try:
        kind = ClueKind(case["kind"])
    except ValueError:
        return {"error": f"There is no kind of evidence {case['kind']!r}. Known: {', '.join(ClueKind)}."}
    return as_record(identify(Clue(kind, case["value"])))


def as_record(device: Device) -> dict[str, Any]:
    """A device as plain data: its fields, the grade as a word, the reason and the contradictions."""
    return {
        **{name: getattr(device, name) for name in DEVICE_FIELDS},
        "grade": device.grade.word,
        "reason": device.reason,
        "contradictions": list(device.contradictions),
    }
