"""Every export of every sample is exactly what its golden file says; a file that is missing or old is written beside it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from phaseout.exporting.export import Export
from phaseout.exports import EXPORTS

from .conftest import SAMPLES, Sample

FOLDERS = sorted(path.name for path in SAMPLES.iterdir())


def names(export: Export) -> dict[str, str]:
    return {export.suffix: f"{export.id}{export.suffix}"} | {suffix: f"{export.id}{suffix}" for suffix in export.beside}


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("kind", EXPORTS.ids)
def test_an_export_is_what_its_golden_file_says(kind: str, folder: str, sample: Sample, tmp_path: Path) -> None:
    export = EXPORTS[kind]
    for suffix, name in names(export).items():
        stream = io.StringIO(newline="")
        {export.suffix: export.write, **export.beside}[suffix](sample(folder), stream)
        (tmp_path / name).write_bytes(stream.getvalue().encode())
    for name in names(export).values():
        golden, written = SAMPLES / folder / name, tmp_path / name
        assert golden.exists(), f"check {written} line by line, then keep it as {golden}"
        assert written.read_bytes() == golden.read_bytes(), f"{written} is not {golden}"


def test_no_golden_file_is_left_over() -> None:
    made = {name for export in EXPORTS for name in names(export).values()}
    given = {"order.yaml", "staff.csv", "waivers.yaml", "access.log", "ids.toml"}
    assert {path.name for path in SAMPLES.glob("*/*")} == made | given


@pytest.mark.parametrize("kind", EXPORTS.ids)
def test_an_export_is_found_under_its_name(kind: str) -> None:
    assert EXPORTS[kind].id == kind
    assert EXPORTS[kind].title
    assert EXPORTS[kind].doors


@pytest.mark.parametrize("kind", EXPORTS.ids)
def test_the_order_of_what_was_seen_changes_nothing(kind: str, sample: Sample) -> None:
    rules = sample("everyone")
    texts = []
    for each in (rules, replace(rules, seen=rules.seen[::-1])):
        stream = io.StringIO(newline="")
        EXPORTS[kind].write(each, stream)
        texts.append(stream.getvalue())
    assert texts[0] == texts[1]
