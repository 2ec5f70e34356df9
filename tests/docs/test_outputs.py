"""The page about reports names every key of a finding, and none that there isn't."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from phaseout.model.access import Place
from phaseout.model.answer import Evidence, Finding
from phaseout.model.device import Device, Grade
from phaseout.model.directive import Waiver
from phaseout.model.person import Person
from phaseout.model.verdict import Verdict
from phaseout.reporting.flat import finding_record

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "outputs.md").read_text(encoding="utf-8")
ROWS = re.search(r"## The keys of a finding\n(.*?)\n## ", PAGE, re.DOTALL)
NAME = re.compile(r"`(\w+)`")
AT = datetime(2026, 11, 1, tzinfo=UTC)
FINDING = Finding(
    id="1", person=Person("7", "Anna"), clause="1", verdict=Verdict.VIOLATION, device=Device(), device_ids=(), services=(),
    first=AT, last=AT, days=1, accesses=1, reason="", waivers=(Waiver("w", "1", "c", "", "", AT, AT),), waived_accesses=0,
    settles=(), evidence=(Evidence("combined", "ews", (), 1, Place("a", 1), Place("a", 1), AT, AT),),
)  # fmt: skip


def described() -> dict[str, str]:
    """Return what the page says of each key."""
    assert ROWS is not None
    found: dict[str, str] = {}
    for line in ROWS[1].splitlines():
        _, *cells, _ = line.split("|") if line.startswith("|") else ("", "")
        if cells and (names := NAME.findall(cells[0])):
            found |= dict.fromkeys(names, cells[1])
    return found


def test_every_key_is_described_and_none_else() -> None:
    assert set(described()) == set(finding_record(FINDING))


def test_what_has_keys_of_its_own_names_them_all() -> None:
    said, record = described(), finding_record(FINDING)
    whole = {"person": record["person"], "device": record["device"], "waivers": record["waivers"][0]}
    for key, inside in {**whole, "evidence": record["evidence"][0]}.items():
        assert set(inside) <= set(NAME.findall(said[key])), key
    assert {*record["evidence"][0]["first"]} <= set(NAME.findall(said["evidence"]))


def test_every_grade_and_verdict_of_findings_is_named() -> None:
    assert {f"`{grade.word}`" for grade in Grade} <= set(re.findall(r"`[\w ]+`", PAGE))
    for verdict in (Verdict.VIOLATION, Verdict.ADVISED, Verdict.CANNOT_TELL):
        assert f"`{verdict.word}`" in PAGE
