"""Apple's build arithmetic and the table of builds."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.devices.apple_builds import Build, build_from_arithmetic, build_from_text, ios_version, is_impossible


def arithmetic(build: Build) -> str:
    """The published arithmetic, forwards."""
    tail = f"000{ord(build.suffix.upper()) - 64:02}" if build.suffix else ""
    return f"{build.train}{ord(build.letter) - 64:02}.{build.number}{tail}"


BUILDS = st.builds(
    Build,
    train=st.integers(1, 99),
    letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    number=st.integers(1, 99_999).filter(lambda number: "000" not in str(number)),
)


@given(build=BUILDS)
def test_the_arithmetic_can_be_undone(build: Build) -> None:
    assert build_from_arithmetic(arithmetic(build)) == build


@given(text=st.text(alphabet="0123456789.", max_size=20))
def test_any_digits_are_answered(text: str) -> None:
    build = build_from_arithmetic(text)
    assert build is None or build_from_text(str(build)) is not None


@pytest.mark.parametrize(
    ("digits", "build"),
    [
        ("705.018", "7E18"),
        ("705.18", "7E18"),
        ("508.01100001", "5H11A"),
        ("1607.77", "16G77"),
        ("2001.362", "20A362"),
        ("2307.71", "23G71"),
    ],
)
def test_published_examples_decode(digits: str, build: str) -> None:
    assert str(build_from_arithmetic(digits)) == build


@pytest.mark.parametrize("digits", ["2000.1", "2027.1", "20.1", "2001", "2001.", "x"])
def test_what_no_build_gives_decodes_to_none(digits: str) -> None:
    assert build_from_arithmetic(digits) is None


@pytest.mark.parametrize(
    ("build", "version"),
    [("20A362", "16.0"), ("20G75", "16.6"), ("15D100", "11.2.6"), ("19E258", "15.4.1"), ("10B329", "6.1.3"), ("5A347", "2.0")],
)
def test_a_listed_build_tells_its_version(build: str, version: str) -> None:
    parsed = build_from_text(build)
    assert parsed
    assert ios_version(parsed) == version


@pytest.mark.parametrize("digits", ["1704.10", "2011.300", "2007.85", "702.67", "2001.62"])
def test_numbers_that_developers_wrote_are_impossible(digits: str) -> None:
    build = build_from_arithmetic(digits)
    assert build
    assert is_impossible(build)


@pytest.mark.parametrize("build", [Build(23, "Z", 1), Build(24, "A", 300), Build(22, "D", 8063), Build(21, "F", 5048, "f")])
def test_newer_special_and_beta_builds_are_not_impossible(build: Build) -> None:
    assert not is_impossible(build)


def branches() -> dict[tuple[int, str], int]:
    """Every branch of the table with its highest ordinary number, read independently of the product."""
    with (files("phaseout.devices") / "tables" / "ios_builds.csv").open(encoding="utf-8") as table:
        parsed = [re.fullmatch(r"(\d+)([A-Z])(\d{1,3})[a-z]?", row["build"]) for row in csv.DictReader(table)]
    numbers = sorted((int(found[1]), found[2], int(found[3])) for found in parsed if found)
    return {(train, letter): number for train, letter, number in numbers}


HIGHEST = branches()
TRAINS = sorted({train for train, _ in HIGHEST})


@pytest.mark.parametrize("train", TRAINS)
@given(beyond=st.integers(1, 999))
def test_a_later_update_of_an_older_version_is_newer_than_the_table(train: int, beyond: int) -> None:
    letter = max(letter for other, letter in HIGHEST if other == train)
    build = Build(train, letter, min(HIGHEST[train, letter] + beyond, 999))
    assert not is_impossible(build)
    version = ios_version(build)
    assert version
    listed = ios_version(Build(train, letter, HIGHEST[train, letter]))
    assert listed
    assert f"{listed}.".startswith(f"{version}.")


@pytest.mark.parametrize("train", TRAINS[:-1])
def test_a_branch_that_its_train_has_left_gets_no_more_builds(train: int) -> None:
    last = max(letter for other, letter in HIGHEST if other == train)
    assert all(
        is_impossible(Build(train, letter, number + 1))
        for (other, letter), number in HIGHEST.items()
        if other == train and letter != last
    )
    assert is_impossible(Build(train, chr(ord(last) + 1), 1))


def test_numbers_between_listed_ones_stay_impossible() -> None:
    assert is_impossible(Build(20, "H", 391))
    assert is_impossible(Build(23, "G", 85))


def test_no_listed_build_is_impossible_and_every_version_fits_its_train() -> None:
    with (files("phaseout.devices") / "tables" / "ios_builds.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) > 500
    for row in rows:
        build = build_from_text(row["build"])
        assert build
        assert not is_impossible(build)
        major = int(row["version"].partition(".")[0])
        older = {5: 2, 7: 3}
        assert major == (older.get(build.train) or (build.train + 3 if build.train >= 23 else build.train - 4))
