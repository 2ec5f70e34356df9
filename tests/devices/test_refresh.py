"""The tables are made anew from copies of their sources."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import phaseout.devices
from phaseout.devices.android_models import _listed, android_model
from phaseout.devices.literal_patterns import literals
from phaseout.devices.refresh import android_makers, main

TABLES = Path(phaseout.devices.__file__).parent / "tables"


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.reader(table))


def test_apple_models_are_taken_once_and_in_order(tmp_path: Path) -> None:
    source = tmp_path / "AppleTypes.yaml"
    source.write_text(
        "config:\n- lookup:\n    name: 'AppleDeviceVersion'\n    map:\n"
        '      "iPhone14,2" : "iPhone 13 Pro"\n      "iPhone14C2" : "iPhone 13 Pro"\n      "iPhone4,1" : "iPhone 4S"\n',
        encoding="utf-8",
    )
    assert main(["--tables", str(tmp_path), "apple-models", str(source)]) == 0
    assert rows(tmp_path / "apple_models.csv") == [
        ["model_id", "name"],
        ["iPhone4,1", "iPhone 4S"],
        ["iPhone14,2", "iPhone 13 Pro"],
    ]


def test_apple_models_that_the_first_source_lacks_come_from_the_second(tmp_path: Path) -> None:
    source = tmp_path / "AppleTypes.yaml"
    source.write_text(
        "config:\n- lookup:\n    name: 'AppleDeviceVersion'\n    map:\n"
        '      "iPad13,1" : "iPad Air 4"\n      "iPhone14,2" : "iPhone 13 Pro"\n',
        encoding="utf-8",
    )
    folder = tmp_path / "deviceFiles" / "iPad"
    folder.mkdir(parents=True)
    for name, identifier, released in (
        ("iPad13,18", "iPad13,18", "2022-10-26"),
        ("iPad13,1", "iPad13,1", "2020-10-23"),
        ("iPad13,19-china", "iPad13,19", "2022-10-26"),
        ("iPad99,1", "iPad99,1", ""),
    ):
        entry = {"name": f"The {name}", "identifier": identifier, "released": released}
        (folder / f"{name}.json").write_text(json.dumps(entry), encoding="utf-8")
    assert main(["--tables", str(tmp_path), "apple-models", str(source), str(tmp_path)]) == 0
    assert rows(tmp_path / "apple_models.csv") == [
        ["model_id", "name"],
        ["iPad13,1", "iPad Air 4"],
        ["iPad13,18", "The iPad13,18"],
        ["iPhone14,2", "iPhone 13 Pro"],
    ]


def test_apple_builds_leave_out_betas(tmp_path: Path) -> None:
    folder = tmp_path / "osFiles" / "iOS" / "20x - 16.x"
    folder.mkdir(parents=True)
    (tmp_path / "osFiles" / "iPadOS").mkdir()
    for build, version in (("20G75", "16.6"), ("20A5283p", "16.0 beta"), ("20A362", "16.0")):
        (folder / f"{build}.json").write_text(json.dumps({"build": build, "version": version}), encoding="utf-8")
    assert main(["--tables", str(tmp_path), "apple-builds", str(tmp_path)]) == 0
    assert rows(tmp_path / "ios_builds.csv") == [["build", "version"], ["20A362", "16.0"], ["20G75", "16.6"]]


def test_android_models_say_maker_and_tablet(tmp_path: Path) -> None:
    devices = tmp_path / "devices.json"
    devices.write_text(
        json.dumps(
            [
                {"brand": "LGE", "name": "G Pad 8.3", "device": "awifi", "model": "LG-V500"},
                {"brand": "Lenovo", "name": "K5", "device": "k5", "model": "Lenovo K5"},
                {"brand": "Samsung", "name": "Galaxy S21", "device": "o1s", "model": "SM-G991B"},
                {"brand": "Sprint", "name": "X", "device": "x", "model": "SPX1"},
                {"brand": "One", "name": "A", "device": "a", "model": "A1000"},
                {"brand": "Two", "name": "A", "device": "a", "model": "A1000"},
            ]
        ),
        encoding="utf-8",
    )
    patterns = tmp_path / "mobile-detect.js"
    patterns.write_text(
        'x = {\n        "tablets": {\n        "AcerTablet": "Android.*\\\\b(A3-A10|B1-710)\\\\b"\n    }\n}', encoding="utf-8"
    )
    assert main(["--tables", str(tmp_path), "android-models", str(devices), str(patterns)]) == 0
    assert rows(tmp_path / "android_models.csv")[1:] == [
        ["a3-a10", "Acer", "t"],
        ["b1-710", "Acer", "t"],
        ["k5", "Lenovo", ""],
        ["lg-v500", "LG", "t"],
    ]
    assert rows(tmp_path / "android_makers.csv") == [["maker"]]


def test_every_model_of_the_table_is_found_and_no_other() -> None:
    models = rows(TABLES / "android_models.csv")[1:]
    assert [model for model, *_ in models] == sorted({model for model, *_ in models})
    for model, maker, form in models:
        found = _listed(model)
        assert found is not None, model
        assert (found.maker or "", found.form_factor or "") == (maker, {"t": "tablet", "p": "phone", "": ""}[form])
    known = {model for model, *_ in models}
    around = {model[:-1] for model, *_ in models} | {f"{model}," for model, *_ in models} | {"", "\x00", "\U0010ffff", '"'}
    assert not any(_listed(name) for name in around - known)


def test_the_makers_are_those_of_the_models() -> None:
    assert [tuple(row) for row in rows(TABLES / "android_makers.csv")] == list(
        android_makers(rows(TABLES / "android_models.csv")[1:])
    )


def test_patterns_that_are_no_list_are_left_out() -> None:
    assert literals(r"A[12]0|(x|y)?Z|B\d+|C{2}") == ["A10", "A20", "xZ", "yZ", "Z"]


def test_model_names_tell_maker_and_shape() -> None:
    told = {
        name: (android_model(name).maker, android_model(name).form_factor)
        for name in ("SM-T860", "HUAWEI MediaPad T5", "CPH2211", "K1")
    }
    assert told == {
        "SM-T860": ("Samsung", "tablet"),
        "HUAWEI MediaPad T5": ("Huawei", "tablet"),
        "CPH2211": ("OPPO", "phone"),
        "K1": (None, None),
    }
