"""Extensions are found in their folder, and in installed packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, DistributionFinder
from pathlib import Path
from zipfile import ZipFile

import pytest

from phaseout.catalogue import Catalogue, UnknownExtensionError
from phaseout.readers import READERS
from phaseout.reading.reader import Reader

POINTS = "[phaseout.readers]\nstranger = {module}\n"


def catalogue() -> Catalogue[Reader]:
    return Catalogue(package="phaseout.readers", constant="READER", kind=Reader)


@contextmanager
def module(folder: Path, name: str) -> Iterator[None]:
    """A third party's reader, which is really the one of combined logs."""
    (folder / f"{name}.py").write_text("from phaseout.readers.combined import READER\n", encoding="utf-8")
    try:
        yield
    finally:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("information", ["stranger-1.0.dist-info", "stranger.egg-info"])
def test_a_third_partys_extension_is_found(information: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / information).mkdir()
    (tmp_path / information / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8")
    (tmp_path / information / "entry_points.txt").write_text(POINTS.format(module="stranger_reader"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with module(tmp_path, "stranger_reader"):
        found = catalogue()
        assert set(found.ids) == {*READERS.ids, "stranger"}
        assert found["stranger"] is READERS["combined"]


def test_a_third_partys_extension_is_found_in_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("packed-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: packed\nVersion: 1.0\n")
        archive.writestr("packed-1.0.dist-info/entry_points.txt", POINTS.format(module="packed_reader"))
    monkeypatch.syspath_prepend(str(tmp_path / "packed.zip"))
    assert "stranger" in catalogue().ids


def test_a_third_partys_extension_is_found_by_a_finder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "entry_points.txt").write_text(POINTS.format(module="found_reader"), encoding="utf-8")
    (tmp_path / "METADATA").write_text("Metadata-Version: 2.1\nName: found\nVersion: 1.0\n", encoding="utf-8")

    class Finder(DistributionFinder):
        def find_distributions(self, context: DistributionFinder.Context = DistributionFinder.Context()) -> list[Distribution]:  # noqa: ARG002, B008 - its signature
            return [Distribution.at(tmp_path)]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])
    assert "stranger" in catalogue().ids


def test_an_extension_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownExtensionError, match=r"There is no reader 'nowhere'\. Known: combined, "):
        catalogue()["nowhere"]
