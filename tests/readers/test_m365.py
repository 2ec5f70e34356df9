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


@pytest.fixture
def fate(observe: Observe, tmp_path: Path) -> Callable[..., str]:
    """Return a function that says what becomes of one record: ``fate(Operation="Create", …)``."""

    def of(**fields: Any) -> str:  # noqa: ANN401 - a record's fields
        path = tmp_path / "audit"
        path.write_text(json.dumps(json.loads(RECORD) | fields) + "\n", "utf-8")
        found = observe(READER, path)
        told = [f"{row['login']} {row['protocol']} {row['action']} {row['outcome']}" for row in found.sightings]
        return (told or list(found.summary["ignored"]))[0]

    return of


@pytest.mark.parametrize(
    ("client", "becomes"),
    [
        ("Client=MicrosoftOutlookLite;OutlookLite/3.1 (Android 14);", "anna@example.org rest use success"),
        ("Client=Yonder Mail/4 (iPhone15,2)", "anna@example.org rest use success"),
        ("Client=Hubble/1.0;", "anna@example.org rest use success"),
        ("Client=POP3/IMAP4;Protocol=IMAP4", "anna@example.org pop3 use success"),
        ("Client=TBA;Service=MSExchangeMailboxAssistants;Action=CalendarAssistant;", "the service's own"),
        ("Client=Hub Transport", "the service's own"),
        ("Client=EventBasedAssistants;Action=x", "the service's own"),
        ("Client=ELC;Action=ELC", "the service's own"),
    ],
)
def test_a_client_that_nobody_knows_is_somebody_s(client: str, becomes: str, fate: Callable[..., str]) -> None:
    assert fate(Operation="Update", ClientInfoString=client) == becomes


def test_the_server_s_own_account_is_nobody(fate: Callable[..., str]) -> None:
    assert fate(UserId="S-1-5-18", ClientInfoString="Client=Unheard") == "the service's own"
    assert fate(UserId="NT AUTHORITY\\SYSTEM (w3wp)", ClientInfoString="Client=Unheard") == "the service's own"


RULE = {
    "Operation": "New-InboxRule", "UserType": 2, "ClientInfoString": "", "AppId": "00000002-0000-0ff1-ce00-000000000000",
    "ClientIP": "203.0.113.5:4711", "ResultStatus": "True", "Parameters": [{"Name": "MoveToFolder", "Value": "Archive"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("other", "becomes"),
    [
        pytest.param({}, "anna@example.org webmail use success", id="in Outlook on the web"),
        pytest.param({"ResultStatus": "False"}, "anna@example.org webmail attempt failure", id="refused"),
        pytest.param({"AppId": "fb78d390-0c51-40cd-8e17-fdbfab77341b"}, "administration", id="by PowerShell"),
        pytest.param({"AppId": ""}, "administration", id="by nobody knows what"),
        pytest.param({"ClientIP": ""}, "administration", id="from nowhere"),
        pytest.param({"Parameters": [{"Name": "Mailbox", "Value": "vera"}]}, "administration", id="in another's mailbox"),
        pytest.param({"Operation": "Set-Mailbox"}, "administration", id="another cmdlet"),
    ],
)
def test_a_rule_of_one_s_own_inbox_is_use(other: dict[str, Any], becomes: str, fate: Callable[..., str]) -> None:
    assert fate(**RULE | other) == becomes


def test_what_only_the_client_says_is_no_inventory() -> None:
    assert CLUE.device("os=Ios; managed=no").grade is Grade.CLAIMED
    assert CLUE.device("os=Ios; managed=yes").grade is Grade.MANAGED
