"""What somebody's mail programs showed decides about those that show nothing, at the same address, by whatever login."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from phaseout.gate.answering import Answering
from phaseout.gate.caller import CALLERS
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.http import Request
from phaseout.gate.metrics import Metrics
from phaseout.gate.settings import Settings

Serving = Any  # what conftest gives; tests can't import from it
IPHONE, IPAD, DESK = '"name" "iPhone Mail"', '"name" "iPad Mail"', '"name" "Thunderbird"'
BLOCKED = datetime(2020, 10, 25, tzinfo=UTC)


class Gate:
    """A gate without a network."""

    def __init__(self, serving: Serving, log: Path) -> None:
        watch: Any = SimpleNamespace(serving=serving, is_there=True, is_refused=False)
        self.log = DecisionLog(log)
        callers = {name: CALLERS[name] for name in CALLERS.ids}
        self.answering = Answering(Settings(), callers, watch, self.log, Metrics(), lambda: BLOCKED)

    def imap(self, login: str, word: str = "", device: str = "", protocol: str = "imap") -> str:
        """Sign in by Dovecot, and return the effect."""
        asked = {"login": login, "protocol": protocol, "remote": "192.0.2.7", "device_id": word, "device": device}
        return self._asked(Request("POST", "/dovecot", "command=allow", {}, json.dumps(asked).encode()))

    def mail(self, login: str) -> str:
        """Send a mail by Postfix, and return the effect."""
        told = {"request": "smtpd_access_policy", "sasl_username": login, "client_address": "192.0.2.7", "helo_name": "x"}
        return self._asked(Request("POST", "/postfix", "", told))

    def _asked(self, request: Request) -> str:
        self.answering.ask(CALLERS[request.path.strip("/")], request)
        self.log.flush()
        return str(json.loads(self.log.path.read_text("utf-8").splitlines()[-1])["effect"])


@pytest.fixture
def gate(serving: Serving, tmp_path: Path) -> Iterator[Gate]:
    made = Gate(serving, tmp_path / "log")
    yield made
    made.log.close()


def test_of_two_devices_that_are_both_refused_neither_comes_in_by_silence(gate: Gate) -> None:
    assert [gate.imap("anna@example.org", word) for word in (IPHONE, IPAD)] == ["block", "block"]
    assert (gate.imap("anna@example.org"), gate.mail("anna@example.org")) == ("block", "block")


@pytest.mark.parametrize("words", [(IPHONE, DESK), (DESK, IPHONE)])
def test_where_one_of_them_is_allowed_it_may_be_that_one(gate: Gate, words: tuple[str, str]) -> None:
    assert sorted(gate.imap("anna@example.org", word) for word in words) == ["allow", "block"]
    assert (gate.imap("anna@example.org"), gate.mail("anna@example.org")) == ("allow", "allow")


@pytest.mark.parametrize("protocol", ["imap", "smtp", "pop3"])
def test_a_device_that_is_known_by_its_own_password_may_be_it(gate: Gate, protocol: str) -> None:
    gate.imap("anna@example.org", IPHONE)
    assert gate.mail("anna@example.org") == "block"
    assert gate.imap("anna@example.org", device="os=android; maker=Samsung", protocol=protocol) == "allow"
    assert gate.mail("anna@example.org") == "allow"


@pytest.mark.parametrize("protocol", ["pop3", "submission"])
def test_pop3_is_no_way_around_what_was_said_over_imap(gate: Gate, protocol: str) -> None:
    assert gate.imap("anna@example.org", protocol=protocol) == "allow"
    assert gate.imap("anna@example.org", IPHONE) == "block"
    assert gate.imap("anna@example.org", protocol=protocol) == "block"
    assert gate.imap("boris@example.org", protocol=protocol) == "allow"
    assert gate.imap("anna@example.org", DESK) == "allow"
    assert gate.imap("anna@example.org", protocol=protocol) == "allow", "it may be that one"


def test_a_person_is_the_same_by_any_login(gate: Gate) -> None:
    assert gate.imap("ANNA", IPHONE) == "block"
    assert gate.mail("anna@example.org") == "block"
    assert (gate.mail("boris@example.org"), gate.mail("stranger")) == ("allow", "allow")
