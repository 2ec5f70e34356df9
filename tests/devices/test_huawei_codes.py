"""Codes that Huawei and Honor share: the table tells whose one is; where it doesn't, nobody is named without a reason."""

from __future__ import annotations

import csv
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from phaseout.devices import identify
from phaseout.devices.android_models import android_model
from phaseout.devices.huawei_codes import is_shared_code
from phaseout.model.clue import Clue, ClueKind


def rows() -> list[tuple[str, str]]:
    with (files("phaseout.devices") / "tables" / "android_models.csv").open(encoding="utf-8") as table:
        return [(row["model"].upper(), row["maker"]) for row in csv.DictReader(table)]


LISTED = [(model, maker) for model, maker in rows() if is_shared_code(model) and maker in {"Huawei", "Honor"}]

CODES = st.from_regex(r"[XQZ][A-Z]{2}-(?:NX9|LX1|AN00|AL10|TN00|L29|N19)", fullmatch=True)
"""Codes that no table lists; no listed one begins so."""


def told(code: str, version: int, *, build: str = "", system: str = "") -> str | None:
    agent = (
        f"Mozilla/5.0 (Linux; Android {version}; {system}{code}{build}) AppleWebKit/537.36 Chrome/124.0.0.0 Mobile Safari/537.36"
    )
    return identify(Clue(ClueKind.USER_AGENT, agent)).maker


def test_the_table_has_the_last_word_of_a_listed_code() -> None:
    assert {maker for _, maker in LISTED} == {"Huawei", "Honor"}
    for model, maker in LISTED:
        assert android_model(model).maker == maker, model
        assert told(model, 12) == maker, model


@given(code=CODES, version=st.integers(11, 20))
def test_an_unlisted_code_on_a_newer_android_is_nobodys_without_a_word_of_the_maker(code: str, version: int) -> None:
    assert not any(model[:3] == code[:3] for model, _ in LISTED)
    assert told(code, version) is None
    assert told(code, version, build=f" Build/HONOR{code}") == "Honor"
    assert told(code, version, build=f" Build/HUAWEI{code}") == "Huawei"
    assert told(code, version, system="HarmonyOS; ") == "Huawei"


@given(code=CODES, version=st.integers(4, 9))
def test_what_came_before_honor_was_a_maker_is_huaweis(code: str, version: int) -> None:
    assert told(code, version) == "Huawei"
    assert told(code, version, build=f" Build/HONOR{code}") == "Huawei"
