"""Whose version stands behind a system's name, whatever the program is called."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from phaseout.devices import identify
from phaseout.devices.system_versions import is_of_the_system
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.device import Device

SYSTEMS = {"iOS": "ios", "iPadOS": "ipados", "Android": "android"}

WORDS = st.lists(st.text("QWZJXVBHUqwzjxvbhu", min_size=4, max_size=8), min_size=1, max_size=3).map(" ".join)
"""Names of programs that nobody knows: the letters give no maker, no model and no system."""

NUMBERS = st.lists(st.integers(1, 40), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))


def told(agent: str) -> Device:
    return identify(Clue(ClueKind.USER_AGENT, agent))


@pytest.mark.parametrize("system", SYSTEMS)
@given(program=WORDS, own=NUMBERS, between=st.sampled_from([" ", " for ", "-"]), slash=st.sampled_from("/ "))
def test_a_system_in_the_programs_name_has_no_version(system: str, program: str, own: str, between: str, slash: str) -> None:
    device = told(f"{program}{between}{system}{slash}{own}")
    assert device.platform_version is None
    if slash == "/":
        assert device.platform == SYSTEMS[system]


@pytest.mark.parametrize("system", SYSTEMS)
@given(program=WORDS, own=NUMBERS, version=NUMBERS)
def test_a_system_behind_a_program_with_a_version_has_its_own(system: str, program: str, own: str, version: str) -> None:
    for agent in (
        f"{program}/{own} {system}/{version}",
        f"{program}/{own} ({system} {version})",
        f"{system}/{version} {program}/{own}",
        f"{program} for {system}/{own} ({system} {version})",
    ):
        device = told(agent)
        assert (device.platform, device.platform_version) == (SYSTEMS[system], version), agent


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_any_text_is_answered_and_a_beginning_is_the_systems(before: str, after: str) -> None:
    assume("(" not in before)
    assert is_of_the_system(f"iOS/{after}", 0)
    assert is_of_the_system(f"{before}(iOS/{after}", len(before) + 1)
    assert isinstance(is_of_the_system(f"{before}iOS/{after}", len(before)), bool)
