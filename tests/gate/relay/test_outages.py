"""What is told of gates that decide nothing."""

from __future__ import annotations

import logging

import pytest

from phaseout.gate.caller import CALLERS
from phaseout.gate.relay.outages import CALM, GATE, LAST_KNOWN, NONE, Outages


def test_a_gate_that_fails_now_and_then_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    outages, envoy = Outages(), CALLERS["envoy"]
    with caplog.at_level(logging.INFO):
        for whose in (GATE, LAST_KNOWN, GATE, NONE, *([GATE] * (CALM - 1)), LAST_KNOWN):
            outages.answered(envoy, whose, "frozen")
            outages.tell()
        assert caplog.messages == ["No gate decides for envoy (frozen). The last known decisions hold."]
        for _ in range(CALM + 5):
            outages.tell()
        assert len(caplog.messages) == 1, "nobody has asked since"
        for _ in range(3):
            outages.answered(envoy, GATE)
            outages.tell()
    assert caplog.messages[1:] == [
        "Gates decide for envoy again. Meanwhile questions with a last known decision: 2, without one: 1."
    ]
