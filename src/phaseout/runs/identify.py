"""Say what client strings are: JSON lines in and out for programs, and words for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from phaseout.devices import identify
from phaseout.devices.activesync_query import parse_query
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import DEVICE_FIELDS, PLATFORM_NAMES, Device, Grade

MAX_LINE: Final = 65_536
"""Characters of one line of input; a longer one is answered with an error."""


as_json: Final = json.JSONEncoder(ensure_ascii=False).encode
"""Write an answer as a line of JSON."""


def identify_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Answer each ``{"kind", "value"}`` line, in order.

    Args:
        lines: JSON objects, one a line; an empty line is passed over.

    Yields:
        The device's fields, ``grade``, ``reason``, ``contradictions``; for a line that can't be read ``error`` and ``line``.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            answer = _answer(line)
            yield {**answer, "line": number} if "error" in answer else answer


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


class Explanation(Struct, frozen=True):
    """What a client string was taken for.

    Attributes:
        kind: which sort of evidence it was read as.
        guessed: whether the kind was found by looking, and not named.
        device: what it says.
    """

    kind: ClueKind
    guessed: bool
    device: Device


def explain_clue(value: str, kind: ClueKind | None = None) -> Explanation:
    """Read one string as evidence.

    Args:
        value: the string.
        kind: which sort of evidence it is; None to find out by looking.

    Returns:
        The kind, and what the string says as such.
    """
    query = None if kind else parse_query(value.rpartition("?")[2])
    if query is not None and query.device_type:
        device = identify(Clue(ClueKind.ACTIVESYNC, query.device_type))
        reason = f"An ActiveSync query with the DeviceType {query.device_type}. {device.reason}"
        return Explanation(ClueKind.ACTIVESYNC, guessed=True, device=replace(device, reason=reason))
    found = kind or kind_of(value)
    return Explanation(found, kind is None, identify(Clue(found, value)))


def kind_of(value: str) -> ClueKind:
    """Say which sort of evidence a string looks like; what nothing else fits is taken for a user agent.

    Example:
        >>> kind_of("Client=OutlookService;Outlook-iOS/2.0;").value, kind_of("name=iPhone Mail, os=iOS").value
        ('client_info', 'imap_id')
    """
    text = value.strip()
    return next((kind for pattern, kind in _LOOKS if pattern.match(text)), ClueKind.USER_AGENT)


_LOOKS: Final = (
    (re.compile(r"Client=", re.IGNORECASE), ClueKind.CLIENT_INFO),
    (re.compile(r'\(?"name"|name=', re.IGNORECASE), ClueKind.IMAP_ID),
    (re.compile(r"(?:maker|model|model_id|os|os_version|build|form_factor)=", re.IGNORECASE), ClueKind.INVENTORY),
    (re.compile(r"(?:CN|OU|O|C|DC|UID|emailAddress)=", re.IGNORECASE), ClueKind.CERTIFICATE),
    (re.compile(r"(?:iPhone|iPad|iPod(?: touch)?|Apple) Mail \(", re.IGNORECASE), ClueKind.X_MAILER),
    (
        re.compile(r"model:|(?:iPhone|iPad|iPod|SamsungDevice|Android|WindowsMail|WP8|Outlook)$", re.IGNORECASE),
        ClueKind.ACTIVESYNC,
    ),
)
"""How each kind opens, tried in order."""


def in_words(explanation: Explanation) -> tuple[str, ...]:
    """Say an explanation in sentences.

    Args:
        explanation: of one string.

    Returns:
        One line each: what it is, every field that is told, what can't be told, how much it proves, why, and what does not fit.
    """
    device = explanation.device
    told = [f"{_WORDS[name]}: {_shown(name, getattr(device, name))}." for name in DEVICE_FIELDS if getattr(device, name)]
    open_fields = [_WORDS[name].lower() for name in DEVICE_FIELDS if not getattr(device, name)]
    return (
        f"Taken for {_KINDS[explanation.kind]}{', by its looks' if explanation.guessed else ''}: {device.label}.",
        *told,
        *([f"Cannot tell: {', '.join(open_fields)}."] if open_fields else []),
        f"Grade: {device.grade.word}, {_GRADES[device.grade]}.",
        f"Why: {device.reason}",
        *(f"Does not fit: {sentence}" for sentence in device.contradictions),
    )


def _shown(name: str, value: str) -> str:
    """A field's value as people write it."""
    return PLATFORM_NAMES.get(value, value) if name == "platform" else value


_WORDS: Final = {
    "maker": "Maker", "platform": "Platform", "platform_version": "Version", "build": "Build", "model_id": "Model number",
    "model": "Model", "form_factor": "Form", "app": "Program",
}  # fmt: skip

_KINDS: Final = {
    ClueKind.USER_AGENT: "a user agent",
    ClueKind.ACTIVESYNC: "an ActiveSync device type, model or query",
    ClueKind.IMAP_ID: "an IMAP ID",
    ClueKind.X_MAILER: "the mail program of a sent message",
    ClueKind.CLIENT_INFO: "an Exchange ClientInfoString",
    ClueKind.INVENTORY: "an inventory record",
    ClueKind.CERTIFICATE: "the subject of a client certificate",
    ClueKind.EHLO: "the name with which an SMTP client greets",
}

_GRADES: Final = {
    Grade.WEAK: "easily forged or contradicted",
    Grade.CLAIMED: "the client's own word",
    Grade.MANAGED: "an inventory knows the device",
    Grade.PROVEN: "a checked certificate",
}
