"""Which questions are alike, and which answers are decisions."""

from __future__ import annotations

import pytest

from phaseout.gate.asked import Asked
from phaseout.gate.caller import CALLERS
from phaseout.gate.http import Answer, Request
from phaseout.gate.relay.likeness import Likeness, is_decision, likeness

EAS = "/envoy/Microsoft-Server-ActiveSync"
PHONE = {"x-phaseout-door": "activesync", "x-user": "anna", "user-agent": "Apple-iPhone14C2/2001.362", "x-real-ip": "192.0.2.7"}
BROWSER = PHONE | {"x-phaseout-door": "webmail", "user-agent": "Firefox", "accept-language": "ru"}


def of(path: str, query: str, headers: dict[str, str], caller: str = "envoy") -> Likeness:
    request = Request("GET", path, query, headers)
    asked = CALLERS[caller].read(request)
    assert isinstance(asked, Asked)
    return likeness(CALLERS[caller], asked, request)


def test_pages_and_languages_are_no_other_facts() -> None:
    first = of("/envoy/mail/", "", BROWSER)
    assert of("/envoy/mail/message", "id=7", BROWSER | {"accept": "*/*", "x-request-id": "1"}) == first
    english = of("/envoy/mail/", "", BROWSER | {"accept-language": "en"})
    assert (english.facts, english.words) != first
    assert english.facts == first.facts
    assert english.words != first.words


@pytest.mark.parametrize(
    "changed",
    [
        {"x-user": "boris"},
        {"user-agent": "Firefox/1"},
        {"x-real-ip": "192.0.2.8"},
        {"x-phaseout-door": "caldav"},
        {"x-api-key": "k"},
    ],
)
def test_who_what_where_and_the_key_are(changed: dict[str, str]) -> None:
    assert of("/envoy/mail/", "", BROWSER | changed).facts != of("/envoy/mail/", "", BROWSER).facts


def test_activesync_is_told_in_the_words_of_its_command() -> None:
    query = "Cmd={}&User=anna&DeviceId=1&DeviceType=iPhone"
    sync, other = (of(EAS, query.format(command), PHONE) for command in ("Sync", "SendMail"))
    assert sync.facts == other.facts
    assert sync.words != other.words
    assert of(EAS, query.format("Ping"), PHONE).facts != sync.facts, "which is no use of the device"
    assert of(EAS, query.format("Sync").replace("iPhone", "iPad"), PHONE).facts != sync.facts
    assert of(EAS, query.format("Sync").replace("DeviceId=1", "DeviceId=2"), PHONE).facts != sync.facts


def test_the_parts_of_a_question_do_not_run_into_each_other() -> None:
    told = [
        {"x-user": "a", "user-agent": "b', 'c"},
        {"x-user": "a', 'b", "user-agent": "c"},
        {"x-user": "a\\", "user-agent": "c\ud800"},
    ]
    assert len({of("/envoy/mail/", "", BROWSER | each).facts for each in told}) == 3


DECIDED = (("X-Gate-Decision", "K7Q4MX-2F"), ("x-gate-effect", "allow"))

DECISIONS = [
    ("envoy", Answer(200, DECIDED)), ("envoy", Answer(403, DECIDED, b"page")), ("nginx", Answer(204, DECIDED)),
    ("dovecot", Answer(200, body=b'{"status":0,"msg":""}')), ("dovecot", Answer(200, body=b'{"status":-1,"msg":"x"}')),
    ("roundcube", Answer(200, body=b'{"refused":false,"decision":"K7Q4MX-2F"}')),
    ("postfix", Answer(200, body=b"action=DUNNO\n\n")),
]  # fmt: skip

OTHERS = [
    ("envoy", Answer(200)), ("envoy", Answer(200, DECIDED[:1])), ("envoy", Answer(204, DECIDED)), ("envoy", Answer(503, DECIDED)),
    ("nginx", Answer(200, DECIDED)), ("traefik", Answer(302, DECIDED)), ("dovecot", Answer(200, body=b'{"status":1,"msg":""}')),
    ("dovecot", Answer(200, body=b'{"status":0}')), ("dovecot", Answer(200, body=b"[")), ("dovecot", Answer(200, body=b"\xff")),
    ("roundcube", Answer(200, body=b'{"refused":false}')), ("postfix", Answer(200, body=b"HTTP/1.1 400\n\n")),
]  # fmt: skip


@pytest.mark.parametrize(("caller", "answer"), DECISIONS)
def test_what_a_gate_says_when_it_decides_is_a_decision(caller: str, answer: Answer) -> None:
    assert is_decision(CALLERS[caller], answer)


@pytest.mark.parametrize(("caller", "answer"), OTHERS)
def test_nothing_else_is(caller: str, answer: Answer) -> None:
    assert not is_decision(CALLERS[caller], answer)
