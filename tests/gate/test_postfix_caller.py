"""What Postfix's question is taken for, and what it is told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.gate.ascii_text import in_ascii
from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, Asked
from phaseout.gate.caller import CALLERS, NoQuestionError
from phaseout.gate.callers.postfix import LONGEST_TEXT, read, request, say
from phaseout.gate.decision import Decision, Outcome
from phaseout.gate.http import Answer
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device
from phaseout.model.effect import Effect
from phaseout.model.verdict import Verdict

DAY = datetime(2026, 10, 1, tzinfo=UTC)
USUAL = {
    "request": "smtpd_access_policy", "protocol_state": "RCPT", "protocol_name": "ESMTP", "client_address": "192.0.2.7",
    "helo_name": "smtpclient.apple", "sender": "anna@example.org", "recipient": "boris@example.net", "sasl_method": "PLAIN",
    "sasl_username": "anna@example.org", "ccert_subject": "", "ccert_fingerprint": "", "policy_context": "",
}  # fmt: skip


def asked(**attributes: str) -> Asked | Answer:
    text = "".join(f"{name}={value}\n" for name, value in (USUAL | attributes).items())
    return read(request(text.encode() + b"\n"))


def test_the_facts_of_a_question() -> None:
    assert asked() == Asked(
        "postfix", "smtp", "mail", "anna@example.org", (Clue(ClueKind.EHLO, "smtpclient.apple"),), address="192.0.2.7"
    )  # fmt: skip


@pytest.mark.parametrize("state", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "END-OF-MESSAGE", "VRFY", "ETRN"])
def test_in_every_state_it_is_the_person_that_counts(state: str) -> None:
    assert isinstance(asked(protocol_state=state), Asked)
    assert asked(protocol_state=state, sasl_username="") == Answer(200, body=b"action=DUNNO\n\n")


@pytest.mark.parametrize("kind", ["", "junk", "SMTPD_ACCESS_POLICY"])
def test_another_request_is_no_question(kind: str) -> None:
    with pytest.raises(NoQuestionError):
        asked(request=kind)


@pytest.mark.parametrize(
    ("name", "clue"),
    [
        ("LAPTOP-0042", "CN=LAPTOP-0042"),
        ("Laptop+2042,+20B+C3+BCro", "CN=Laptop 42\\, Büro"),
        ("a+2Bb+3Dc", "CN=a\\+b\\=c"),
        ("+FF", "CN=\ufffd"),
        ("+2", "CN=\\+2"),
        ("x,O+3DExample Ministry", "CN=x\\,O\\=Example Ministry"),
    ],
)
def test_the_name_of_a_certificate_is_one_name_whatever_stands_in_it(name: str, clue: str) -> None:
    found = asked(ccert_subject=name)
    assert isinstance(found, Asked)
    assert found.clues[0] == Clue(ClueKind.CERTIFICATE, clue)


def test_a_fingerprint_alone_proves_nothing() -> None:
    found = asked(ccert_fingerprint="AA:BB:CC", ccert_pubkey_fingerprint="DD:EE")
    assert isinstance(found, Asked)
    assert [clue.kind for clue in found.clues] == [ClueKind.EHLO]


def test_nothing_of_the_mail_and_no_key_is_taken() -> None:
    found = asked(sender="secret@example.org", recipient="secret@example.net", policy_context="secret", queue_id="secret")
    assert "secret" not in repr(found)


@pytest.mark.parametrize("address", ["", "unknown"])
def test_an_address_that_is_none(address: str) -> None:
    found = asked(client_address=address)
    assert isinstance(found, Asked)
    assert found.address is None


def test_what_is_long_is_cut() -> None:
    found = asked(sasl_username="a" * 999, helo_name="b" * 9999, ccert_subject="c" * 9999)
    assert isinstance(found, Asked)
    assert len(found.login) == LONGEST_LOGIN
    assert [len(clue.value) for clue in found.clues] == [LONGEST_CLUE, LONGEST_CLUE]


def told(effect: Effect, text: str = "Not allowed.") -> bytes:
    outcome = Outcome(effect, Verdict.VIOLATION, None, None, None, "", "7", Device())
    answer = say(Decision("K-1", DAY, Asked("postfix", "smtp", "mail", "anna"), outcome, "00", text))
    assert answer.status == 200
    return answer.body


def test_each_effect_is_an_action() -> None:
    assert told(Effect.ALLOW) == b"action=DUNNO\n\n"
    assert told(Effect.WARN) == b"action=WARN Not allowed. [K-1]\n\n"
    assert told(Effect.QUARANTINE) == b"action=HOLD Not allowed. [K-1]\n\n"
    assert told(Effect.BLOCK) == b"action=554 5.7.1 Not allowed. [K-1]\n\n"


@given(st.text(max_size=900))
def test_any_text_is_one_line_of_ascii_with_the_id_behind_it(text: str) -> None:
    line = told(Effect.BLOCK, text)
    assert line.isascii()
    assert line[:-2].decode().isprintable()
    assert line.endswith(b" [K-1]\n\n")
    assert len(line) <= len("action=554 5.7.1  [K-1]\n\n") + LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("Распоряжение № 12, пункт 3: Щука, объём, съезд, ЁЖ", "Rasporyazhenie No 12, punkt 3: Shchuka, obem, sezd, EZh"),
        ("Телефони ґанок їжак", "Telefoni ganok yizhak"),
        ("„Käse“ \u2013 naïve… ½", '"Kase" - naive... 1?2'),
        ("日本\n\x00\u202e", "?? " + " ?"),
        ("plain", "plain"),
    ],
)
def test_letters(text: str, latin: str) -> None:
    assert in_ascii(text) == latin


def test_every_protocol_of_its_own_puts_a_question_together() -> None:
    assert [caller.id for caller in CALLERS if caller.wire] == ["postfix"]
