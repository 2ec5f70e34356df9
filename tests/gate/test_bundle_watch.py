"""Which of the bundles that come into a gate's folder it takes, by its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from phaseout.bundle.content import Content
from phaseout.bundle.keys import trusted_key
from phaseout.gate.bundle_watch import BundleWatch
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.figures import figures
from phaseout.gate.metrics import Metrics

Keys = Any  # what conftest gives; tests can't import from it


def test_a_bundle_of_the_future_is_taken_when_the_clock_is_set(keys: Keys, content: Content, tmp_path: Path) -> None:
    now, bundle = datetime(2020, 10, 25, tzinfo=UTC), tmp_path / "gate.bundle"
    watch = BundleWatch(bundle, [trusted_key(keys.public)], Metrics())

    def put(made_at: datetime) -> None:
        bundle.write_bytes(keys.seal(replace(content, made_at=made_at)))
        watch.take(now)

    def served() -> datetime | None:
        watch.look_after(now)
        if watch.has_changed():
            watch.take(now)
        return watch.serving and watch.serving.made_at

    good, ahead = now - timedelta(days=1), now + timedelta(days=300)
    put(good)
    put(ahead)
    assert served() == good
    put(now)
    assert served() == now, "the next right one is not older than what was refused"
    put(ahead)
    now = ahead
    assert served() == ahead, "the gate's clock was wrong, and was set"
    now = good
    put(ahead + timedelta(days=1))
    assert served() == ahead + timedelta(days=1), "with what is served nothing is decided anyway"


def test_a_file_that_was_refused_is_told_until_it_is_a_good_one(
    keys: Keys, content: Content, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    now, bundle, metrics = datetime(2030, 10, 25, tzinfo=UTC), tmp_path / "gate.bundle", Metrics()
    watch = BundleWatch(bundle, [trusted_key(keys.public)], metrics)
    log = DecisionLog(tmp_path / "d.jsonl")
    good = keys.seal(content)

    def refused_after(held: bytes) -> bool:
        bundle.write_bytes(held)
        watch.take(now)
        return "phaseout_gate_bundle_file_refused 1" in figures(metrics, watch, log, now)

    assert [refused_after(held) for held in (good, b"damaged", good, good)] == [False, True, False, False]
    assert [message.split()[0] for message in caplog.messages] == ["Serving", str(bundle), "The"]
    assert "holds what is served again" in caplog.messages[-1]
    assert metrics.reloads == 1
    log.close()
