"""One test holds every kind of evidence to its promises; what the kinds say is data in tests/samples/clues."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from phaseout.devices import READERS, identify
from phaseout.devices.clue_reader import MAX_LENGTH
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import DEVICE_FIELDS, FORM_FACTORS, PLATFORMS, Device, Grade

SAMPLES = Path(__file__).parent.parent / "samples" / "clues"

SLOWEST = 0.1
"""Seconds of the processor that any string may take once the tables are read; usual ones take a thousandth of it."""


def cases(kind: ClueKind) -> dict[str, list[dict[str, Any]]]:
    return yaml.safe_load((SAMPLES / f"{kind.value}.yaml").read_text(encoding="utf-8"))


def every(list_name: str) -> list[Any]:
    return [
        pytest.param(kind, case["value"], case["told"], id=f"{kind.value}-{case['value'][:60]}")
        for kind in ClueKind
        for case in cases(kind)[list_name]
    ]


def said(device: Device, name: str) -> object:
    if name == "grade":
        return device.grade.word
    return bool(device.contradictions) if name == "contradictions" else getattr(device, name)


def check_promises(device: Device) -> None:
    assert device.reason.strip()
    assert device.reason.strip().endswith(".")
    assert device.platform is None or device.platform in PLATFORMS
    assert device.form_factor is None or device.form_factor in FORM_FACTORS
    assert device.platform_version is None or all(part.isdigit() for part in device.platform_version.split("."))
    assert all(getattr(device, name) != "" for name in DEVICE_FIELDS)
    if device.contradictions and device.grade < Grade.MANAGED:
        assert device.grade is Grade.WEAK


def test_the_folder_has_every_kind_and_no_other() -> None:
    assert set(READERS.ids) == {kind.value for kind in ClueKind}
    assert all(READERS[kind.value].kind is kind for kind in ClueKind)


@pytest.mark.parametrize("kind", ClueKind)
def test_every_kind_has_samples_for_and_against(kind: ClueKind) -> None:
    lists = cases(kind)
    assert len(lists["is"]) > 2
    assert lists["not"]


@pytest.mark.parametrize(("kind", "value", "told"), every("is"))
def test_a_sample_is_told_right(kind: ClueKind, value: str, told: dict[str, Any]) -> None:
    device = identify(Clue(kind, value))
    check_promises(device)
    assert {name: said(device, name) for name in told} == told


@pytest.mark.parametrize(("kind", "value", "told"), every("not"))
def test_a_trap_is_not_fallen_into(kind: ClueKind, value: str, told: dict[str, Any]) -> None:
    device = identify(Clue(kind, value))
    check_promises(device)
    assert all(said(device, name) != word for name, word in told.items())


WORDS = st.sampled_from([
    "Apple-iPhone", "14C2", "/", "2001.362", "iOS/", "16.3 (20D47)", "Mozilla/5.0", "(", ")", ";", "Android", "Linux", "U",
    "SM-G991B", "Build/", "Client=", "UserAgent=", "ActiveSync", '"name"', '"os"', "os=", "NIL", "model:", "iPad Mail (",
    "CFNetwork/", "Darwin/24", "CN=", "\\,", "%2C", "+", "HarmonyOS", "UCBrowser/", "Version/", "Mobile Safari", "Windows NT 6.1",
    "101.404", "-EAS-2.0", "[AppId=", "0", "999999999999", "\x00", "é", "\u202e",
])  # fmt: skip

TEXT = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=30).map("".join), st.lists(WORDS, max_size=30).map(" ".join))


@pytest.mark.parametrize("kind", ClueKind)
@settings(max_examples=150, deadline=None)
@given(value=TEXT)
def test_any_text_is_answered_and_never_raises(kind: ClueKind, value: str) -> None:
    check_promises(identify(Clue(kind, value)))


@pytest.mark.parametrize("kind", ClueKind)
@pytest.mark.parametrize(
    "piece",
    [
        "(",
        ";",
        " ",
        "a",
        "=",
        "0",
        "Build/",
        "Mozilla/5.0 (Linux; ",
        '"',
        "Client=(",
        "%",
        "iPhone OS 1_",
        "Linux",
        "Android ",
        "CN=\\",
    ],
)
def test_long_repetition_is_cut_and_costs_little(kind: ClueKind, piece: str) -> None:
    identify(Clue(kind, "Mozilla/5.0 (warm)"))
    value = piece * (2 * MAX_LENGTH // len(piece) + 1)
    start = time.process_time()
    device = identify(Clue(kind, value))
    assert time.process_time() - start < SLOWEST
    assert f"Only the first {MAX_LENGTH:,} of" in device.reason
