"""Every reader finds in the demo's logs what was planted in them, no more and no less."""

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from phaseout.demo.logs import WRITERS
from phaseout.model.login import normal_login
from phaseout.readers import READERS
from phaseout.runs.formats import choose

Key = tuple[str | None, ...]

each_format = pytest.mark.parametrize("format_id", WRITERS.ids)


def logs_of(ministry: SimpleNamespace, format_id: str) -> list[str]:
    return [name for name, account in ministry.logs.items() if account["format"] == format_id]


def test_every_reader_has_logs_in_the_demo() -> None:
    ours = ("decisions",)  # what our own gate writes; the sample ministry does not run one
    assert WRITERS.ids == tuple(name for name in READERS.ids if name not in ours)


@each_format
def test_the_logs_are_taken_for_what_they_are(format_id: str, ministry: SimpleNamespace) -> None:
    for name in logs_of(ministry, format_id):
        assert choose(ministry.folder / name).id == format_id, name


@each_format
def test_every_line_has_its_fate(format_id: str, ministry: SimpleNamespace, reading: SimpleNamespace) -> None:
    for name in logs_of(ministry, format_id):
        taken, account = reading.taken[name], ministry.logs[name]
        fates = Counter[str]()
        for row in taken.fates:
            fates[row["fate"]] += row["n"]
        again = reading.repeats.get(name, 0)
        got = (taken.lines, fates["accesses"] - again, fates["rejected"], fates["ignored"] + again)
        assert got == (account["lines"], account["accesses"], account["rejected"], account["ignored"]), name


@each_format
def test_the_sightings_are_what_was_planted(format_id: str, ministry: SimpleNamespace, reading: SimpleNamespace) -> None:
    got: dict[Key, tuple[int, datetime, datetime]] = {}
    for row in reading.sightings:
        key = (
            normal_login(row["login"]),
            row["service"],
            row["protocol"],
            row["action"],
            row["outcome"],
            row["device_id"] or None,
        )
        add(got, key, row["n"], *(row[name].replace(microsecond=0, tzinfo=UTC) for name in ("first", "last")))
    want: dict[Key, tuple[int, datetime, datetime]] = {}
    for line in ministry.truth:
        if line["format"] == format_id or format_id in shown_in(line):
            key = (
                normal_login(line["login"]),
                *(line[name] for name in ("service", "protocol", "action", "outcome", "device_id")),
            )
            add(want, key, line["count"], *(datetime.fromisoformat(line[name]) for name in ("first", "last")))
    assert got == want


def shown_in(line: dict[str, object]) -> tuple[str, ...]:
    """Say where a use is shown once more."""
    again = line["repeat_in"]
    return tuple(again) if isinstance(again, list) else ()


def add(found: dict[Key, tuple[int, datetime, datetime]], key: Key, count: int, first: datetime, last: datetime) -> None:
    known = found.get(key, (0, first, last))
    found[key] = (known[0] + count, min(known[1], first), max(known[2], last))
