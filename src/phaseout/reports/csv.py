"""The findings as a table: CSV after RFC 4180, UTF-8 with its byte order mark, lines ended by CR and LF, one header row.

The mark is what Excel knows UTF-8 by.

Spreadsheets run a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula, and what logs hold is anybody's to choose. So
such a cell gets an apostrophe put before it, and control characters are written as escapes. That is for eyes: machines had better
read the JSON lines file, which holds everything as it was, and what was not seen beside the findings.
Times are ISO 8601 in UTC. Several values of one cell are parted by "; ", a unit's path by " / ".
"""

from __future__ import annotations

import csv
from typing import Final, TextIO

from phaseout.model.answer import Answer, Finding
from phaseout.model.device import DEVICE_FIELDS
from phaseout.reporting.report import Report
from phaseout.reporting.words import clues_text, iso, plain_lines

COLUMNS: Final = (
    "finding", "verdict", "waived", "clause", "person_id", "person", "account", "unit", "device", *DEVICE_FIELDS, "grade",
    "contradictions", "device_ids", "services", "first", "last", "days", "accesses", "waived_accesses", "weaker_accesses",
    "waived_until", "settles", "reason", "device_reason", "evidence",
)  # fmt: skip
"""The header row."""

_BEGIN_FORMULAS: Final = ("=", "+", "-", "@")


def write(answer: Answer, stream: TextIO) -> None:
    """Write the findings as CSV; the stream must leave line ends as they are."""
    stream.write("\ufeff")
    rows = csv.writer(stream, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for finding in answer.findings:
        cells = _cells(finding)
        rows.writerow([safe(cells[column]) for column in COLUMNS])


def safe(text: str) -> str:
    """Return a cell's text so that no spreadsheet takes it for a formula, and no terminal for a command.

    Example:
        >>> safe("=HYPERLINK(1)"), safe("Anna")
        ("'=HYPERLINK(1)", 'Anna')
    """
    shown = plain_lines(text)
    return f"'{shown}" if shown.startswith(_BEGIN_FORMULAS) else shown


def _cells(finding: Finding) -> dict[str, str]:
    person, device = finding.person, finding.device
    until = max((waiver.ends for waiver in finding.waivers), default=None)
    return {
        "finding": finding.id,
        "verdict": finding.verdict.word,
        "waived": "yes" if finding.waived else "no",
        "clause": finding.clause,
        "person_id": person.id,
        "person": person.name,
        "account": str(person.kind),
        "unit": " / ".join(person.unit),
        "device": device.label,
        **{name: getattr(device, name) or "" for name in DEVICE_FIELDS},
        "grade": device.grade.word,
        "contradictions": "; ".join(device.contradictions),
        "device_ids": "; ".join(finding.device_ids),
        "services": "; ".join(finding.services),
        "first": iso(finding.first) or "",
        "last": iso(finding.last) or "",
        "days": str(finding.days),
        "accesses": str(finding.accesses),
        "waived_accesses": str(finding.waived_accesses),
        "weaker_accesses": str(finding.weaker_accesses),
        "waived_until": iso(until) or "",
        "settles": "; ".join(finding.settles),
        "reason": finding.reason,
        "device_reason": device.reason,
        "evidence": "; ".join(
            f"{one.format} {one.protocol}: {one.accesses} accesses, {one.first} to {one.last} ({clues_text(one.clues)})"
            for one in finding.evidence
        ),
    }


REPORT = Report(id="csv", title="the findings as a table", suffix=".csv", write=write)
