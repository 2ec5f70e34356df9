"""What Roundcube's plugin is answered: whether the device is refused, and a letter in the language of the browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gate import KEY
from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, Asked
from phaseout.gate.caller import NoQuestionError
from phaseout.gate.callers import roundcube
from phaseout.gate.http import Request
from phaseout.model.clue import Clue, ClueKind

Start = Callable[..., Any]
Known = Gate = Any  # what conftest gives; tests can't import from it
RUSSIAN = "Apple phones and tablets: запрещено с 8 октября 2020 г. Служба: рабочая почта."  # noqa: RUF001 - Russian letters


def asked(**body: object) -> Asked:
    return roundcube.read(Request("POST", "/roundcube", "", {}, json.dumps(body).encode()))


def test_the_facts() -> None:
    found = asked(login="anna", agent="Mozilla/5.0", address="192.0.2.7", password="none of its business")  # noqa: S106
    assert found == Asked(
        "roundcube", "webmail", "mail", "anna", (Clue(ClueKind.USER_AGENT, "Mozilla/5.0"),), address="192.0.2.7"
    )
    assert asked(login="anna") == Asked("roundcube", "webmail", "mail", "anna")
    long = asked(login="a" * 9999, agent="b" * 9999)
    assert (len(long.login), len(long.clues[0].value)) == (LONGEST_LOGIN, LONGEST_CLUE)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b'{"login": 1}', b'{"login": null}', b'{"login":"a"', b"[" * 9999])
def test_what_is_no_question(body: bytes) -> None:
    with pytest.raises(NoQuestionError, match="no such JSON"):
        roundcube.read(Request("POST", "/roundcube", "", {}, body))


@pytest.fixture
def gate(start_gate: Start, tmp_path: Path) -> Iterator[Gate]:
    (tmp_path / "roundcube.key").write_text(KEY, "ascii")
    with start_gate('[callers.roundcube]\nkeys = ["roundcube.key"]\n[texts]\ncontact = "it@example.org"\n') as running:
        running.headers = {"X-API-Key": KEY}
        yield running


def told(gate: Gate, login: str, agent: str, language: str = "") -> dict[str, Any]:
    body = json.dumps({"login": login, "agent": agent, "address": "192.0.2.7"}).encode()
    status, headers, answer = gate.ask("/roundcube", {"Accept-Language": language}, body)
    assert (status, headers["content-type"]) == (200, "application/json")
    return dict(json.loads(answer))


def test_the_refused_have_a_letter(gate: Gate, known: Known) -> None:
    answer = told(gate, "anna", known.iphone)
    decision = gate.decisions()[-1]
    assert (decision["caller"], decision["door"], decision["effect"]) == ("roundcube", "webmail", "block")
    reason = "Apple phones and tablets: not allowed since 8 October 2020. Service: work mail."
    assert answer == {
        "refused": True,
        "decision": decision["id"],
        "clause": "seat",
        "line": f"{reason} [{decision['id']}]",
        "letter": {
            "language": "en",
            "title": "This device can't be used for work here",
            "reason": reason,
            "words": "No Apple phones for work.",
            "source": "Replacement of Apple phones. order-12, clause seat.",
            "personal": "You may go on using it privately.",
            "heading": "What to do now",
            "to_do": [
                "Get this instead: Android phone. At the service desk.",
                "Open your work mail on another device, such as your work computer.",
            ],
            "questions": "Questions: it@example.org",
            "number": "Tell the help desk this number:",
            "decision": decision["id"],
        },
    }


def test_the_letter_is_in_the_browser_s_language(gate: Gate, known: Known) -> None:
    answer = told(gate, "anna", known.iphone, "ru-RU,ru;q=0.9,en;q=0.8")
    assert answer["line"].startswith(RUSSIAN)
    assert (answer["letter"]["language"], answer["letter"]["words"]) == ("ru", "No Apple phones for work.")
    assert told(gate, "anna", known.iphone, "de")["letter"]["language"] == "en"


def test_others_have_none(gate: Gate, known: Known) -> None:
    for login, agent in (("anna", known.firefox), ("stranger", known.iphone), ("", "")):
        answer = told(gate, login, agent)
        assert answer == {"refused": False, "decision": gate.decisions()[-1]["id"]}


def test_a_warning_has_a_letter_too(gate: Gate, known: Known) -> None:
    answer = told(gate, "vera", known.iphone)
    assert (answer["refused"], answer["clause"]) == (False, "region")
    assert answer["line"].startswith("Apple phones and tablets: advised against since")
    assert answer["letter"]["title"] == "This device should not be used for work here"


def test_a_wrong_key_is_no_answer(gate: Gate, known: Known) -> None:
    gate.headers = {"X-API-Key": "mistyped"}
    status, _, body = gate.ask("/roundcube", body=json.dumps({"login": "anna", "agent": known.iphone}).encode())
    assert (status, body) == (500, b"")
    assert gate.log.read_bytes() == b""
