"""A request in somebody's name that nothing proves accuses nobody; what proves it makes it use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from asking import answered, sync
from phaseout.model.answer import Answer
from phaseout.model.verdict import Verdict

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Mobile/15E148 Safari/604.1"
)
CHROME = "Mozilla/5.0 (Linux; Android 14; SM-S901B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
VIEW, MARK = "GET /SOGo/so/anna/Mail/view 200", "POST /SOGo/so/anna/Mail/0/folderINBOX/1/markMessageRead 204"


def web(log: Path, requests: Sequence[str], agent: str = SAFARI) -> Path:
    """Write requests as nginx logs them before SOGo, which tells it nobody's name."""
    with log.open("a", encoding="utf-8") as file:
        for number, each in enumerate(requests):
            request, _, status = each.rpartition(" ")
            stamp = f"03/Mar/2026:10:00:{number:02d} +0300"
            file.write(f'192.0.2.7 - - [{stamp}] "{request} HTTP/1.1" {status} 37958 "-" "{agent}"\n')
    return log


def decision(log: Path, **fields: object) -> Path:
    """Write a decision of the gate, which was asked by nginx."""
    line = {
        "id": "K7Q4MX-1", "at": "2026-03-03T07:00:01Z", "caller": "nginx", "door": "webmail", "service": "mail", "action": "use",
        "login": "anna", "grade": "claimed", "verdict": "violation", "stage": "warn", "effect": "warn", "reason": "Apple.",
        "bundle": "5f", "cost_us": 4.2, "clues": {"user_agent": SAFARI},
    }  # fmt: skip
    log.write_text(json.dumps(line | fields) + "\n", "utf-8")
    return log


def verdicts(answer: Answer) -> list[tuple[str, Verdict, int]]:
    return [(each.person.name, each.verdict, each.accesses) for each in answer.findings]


def test_a_page_that_sogo_shows_to_anybody_accuses_nobody(tmp_path: Path) -> None:
    answer = answered(web(tmp_path / "access.log", [VIEW, VIEW]))
    assert verdicts(answer) == [("Anna", Verdict.CANNOT_TELL, 2)]
    assert "not proven" in answer.findings[0].reason
    assert [(each.unit, each.violating, each.cannot_tell) for each in answer.units] == [(("M",), 0, 1)]


def test_what_sogo_answers_the_owner_alone_proves_the_rest(tmp_path: Path) -> None:
    assert verdicts(answered(web(tmp_path / "access.log", [VIEW, MARK]))) == [("Anna", Verdict.VIOLATION, 2)]


def named(log: Path, *requests: tuple[str, str, int]) -> Path:
    """Write requests as nginx does in front of a webmail: the user, the address, the status."""
    with log.open("a", encoding="utf-8") as file:
        for number, (user, target, status) in enumerate(requests):
            stamp = f"03/Mar/2026:11:00:{number:02d} +0300"
            file.write(f'192.0.2.7 - {user} [{stamp}] "GET {target} HTTP/1.1" {status} 37958 "-" "{SAFARI}"\n')
    return log


INBOX = "/roundcube/?_task=mail&_mbox=INBOX"


def test_a_name_before_a_webmail_with_a_form_is_claimed(tmp_path: Path) -> None:
    log = named(tmp_path / "access.log", ("-", "/roundcube/", 200), ("anna", INBOX, 200))
    answer = answered(log)
    assert verdicts(answer) == [("Anna", Verdict.CANNOT_TELL, 1)]
    assert answer.coverage.logs[0].ignored == {"webmail that names nobody": 1}


def test_where_the_web_server_signs_people_in_a_name_is_proven(tmp_path: Path) -> None:
    log = named(tmp_path / "access.log", ("-", "/roundcube/", 401), ("-", "/roundcube/skins/a.css", 200), ("anna", INBOX, 200))
    assert verdicts(answered(log)) == [("Anna", Verdict.VIOLATION, 1)]


def test_a_webmail_that_answers_anybody_says_nothing_of_other_doors(tmp_path: Path) -> None:
    log = named(tmp_path / "access.log", ("-", "/roundcube/", 200), ("anna", "/remote.php/dav/calendars/anna/x", 207))
    log.write_text(log.read_text("utf-8") + sync("anna", 1), "utf-8")
    assert [each[1] for each in verdicts(answered(log))] == [Verdict.VIOLATION]


def test_a_proof_with_another_client_proves_nothing(tmp_path: Path) -> None:
    log = web(tmp_path / "access.log", [VIEW])
    assert verdicts(answered(web(log, [MARK], CHROME))) == [("Anna", Verdict.CANNOT_TELL, 1)]


def test_a_proof_of_another_person_proves_nothing(tmp_path: Path) -> None:
    log = web(tmp_path / "access.log", [VIEW, MARK.replace("anna", "boris")])
    assert [each[:2] for each in verdicts(answered(log))] == [("Boris", Verdict.VIOLATION), ("Anna", Verdict.CANNOT_TELL)]


def test_nobody_is_well_for_what_is_only_claimed(tmp_path: Path) -> None:
    answer = answered(web(tmp_path / "access.log", [VIEW], CHROME))
    (unit,) = answer.units
    assert (unit.clean, answer.violations) == (0, ())


def test_what_nginx_asked_the_gate_before_the_password_accuses_nobody(tmp_path: Path) -> None:
    assert verdicts(answered(decision(tmp_path / "gate.jsonl"))) == [("Anna", Verdict.CANNOT_TELL, 1)]


@pytest.mark.parametrize("proof", [{"caller": "roundcube"}, {"clues": {"user_agent": SAFARI, "certificate": "CN=PHONE-1"}}])
def test_who_had_signed_in_before_the_gate_was_asked_is_told(tmp_path: Path, proof: dict[str, object]) -> None:
    assert verdicts(answered(decision(tmp_path / "gate.jsonl", **proof))) == [("Anna", Verdict.VIOLATION, 1)]


def test_another_log_proves_whom_the_gate_was_asked_about(tmp_path: Path) -> None:
    log = web(tmp_path / "access.log", [MARK])
    later = decision(tmp_path / "gate.jsonl", at="2026-03-09T07:00:01Z")
    assert verdicts(answered(log, later)) == [("Anna", Verdict.VIOLATION, 2)]
