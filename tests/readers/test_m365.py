"""The shapes of Microsoft 365's export that differ from one tool to the next, around the same record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseout.devices.clues.inventory import CLUE
from phaseout.model.device import Grade
from phaseout.readers.m365 import READER

Observe = Callable[..., Any]

RECORD = json.dumps({
    "CreationTime": "2026-11-20T06:00:00", "Operation": "MailItemsAccessed", "Workload": "Exchange", "UserId": "anna@example.org",
    "ClientInfoString": "Client=OWA;Mozilla/5.0 (X11; Linux x86_64);", "Note": 'a "brace}", a comma',
})  # fmt: skip
DOUBLED = RECORD.replace('"', '""')


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(RECORD, id="the record alone"),
        pytest.param("\ufeff" + RECORD, id="behind a byte order mark"),
        pytest.param(f'a-1,2026-11-20,50,"{DOUBLED}",,', id="a column in the middle"),
        pytest.param(f'"a-1";"{DOUBLED}";"x"', id="semicolons"),
        pytest.param(f'2026-11-20,anna,"{DOUBLED}"', id="the last column"),
        pytest.param(json.dumps({"RecordType": 50, "AuditData": RECORD}), id="within another object"),
    ],
)
def test_the_record_is_found(line: str, observe: Observe, tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_text('#TYPE Deserialized\n"RunspaceId","AuditData"\n' + line + "\r\n", "utf-8")
    found = observe(READER, path)
    assert [(row["login"], row["protocol"]) for row in found.sightings] == [("anna@example.org", "webmail")]
    assert found.summary == {"lines": 3, "accesses": 1, "ignored": {"column names": 2}, "rejected": {}}


def test_what_only_the_client_says_is_no_inventory() -> None:
    assert CLUE.device("os=Ios; managed=no").grade is Grade.CLAIMED
    assert CLUE.device("os=Ios; managed=yes").grade is Grade.MANAGED
