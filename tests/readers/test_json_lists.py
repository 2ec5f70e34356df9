"""A list of JSON records says what the same records say a line each."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.logs.json_list import Records, begins_list
from phaseout.readers import READERS
from phaseout.runs.formats import choose

SAMPLES = Path(__file__).parents[1] / "samples" / "readers"
Observe = Callable[..., Any]
Wrap = Callable[[list[Any]], str]

WRAPPINGS: dict[str, Wrap] = {
    "a list": json.dumps,
    "a list over many lines": lambda records: "\ufeff" + json.dumps(records, indent=2).replace("\n", "\r\n"),
    "pages": lambda records: "".join(
        json.dumps({"@odata.context": 'https://x/["{', "count": 2, "value": half, "@odata.nextLink": "https://x/y]"}, indent=1)
        + "\n"
        for half in (records[: len(records) // 2], records[len(records) // 2 :])
    ),
    "a list each": lambda records: "".join(json.dumps([record]) + "\n" for record in records),
}
LOGS = [("entra", "graph"), ("entra", "powershell"), ("entra", "event_hub"), ("google", "activities"), ("m365", "audit")]


def records_of(text: str) -> list[Any]:
    """Return the lines of a sample that hold a record."""
    found = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(("id_", "name"), LOGS)
def test_a_list_says_what_its_records_say(id_: str, name: str, wrapping: str, tmp_path: Path, observe: Observe) -> None:
    records = records_of((SAMPLES / id_ / f"{name}.jsonl").read_text(encoding="utf-8"))
    lines, whole = tmp_path / "lines.json", tmp_path / "list.json"
    lines.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    whole.write_bytes(gzip.compress(WRAPPINGS[wrapping](records).encode()))
    assert choose(whole) is READERS[id_]
    assert len(records) > 5
    assert observe(READERS[id_], whole).text() == observe(READERS[id_], lines).text()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='ab"\\[]{},: \n\u00e9'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='v"\\{['), inner, max_size=3),
    max_leaves=8,
)


class Few:
    """A file of which few bytes are read at a time."""

    def __init__(self, text: bytes, size: int) -> None:
        self._file, self._size = io.BytesIO(text), size

    def read(self, size: int, /) -> bytes:
        return self._file.read(min(size, self._size))


def lines_of(text: bytes, size: int) -> list[bytes]:
    records, found = Records(Few(text, size), size), b""
    while block := records.read(size):
        found += block
    return found.splitlines()


@given(st.lists(st.dictionaries(st.text(), values, max_size=3)), st.sampled_from(sorted(WRAPPINGS)), st.integers(100, 400))
def test_every_record_is_one_line(records: list[Any], wrapping: str, size: int) -> None:
    text = WRAPPINGS[wrapping](records).encode()
    if records or wrapping != "a list each":
        assert begins_list(text)
    assert [json.loads(line) for line in lines_of(text, size)] == records


@given(st.binary(), st.integers(2, 40))
def test_any_bytes_behind_a_list_are_given(rest: bytes, size: int) -> None:
    given_ = b"".join(lines_of(b'[{"a": 1}] x' + rest, size))
    assert given_ == b"".join((b'{"a": 1}x' + rest).splitlines())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b'[{"a": 1}, {"a": 2', [b'{"a": 1}', b'{"a": 2']),
        (b'[{"a": 1}, 7, "x,\\"y", {"b": "\\', [b'{"a": 1}', b'7, "x,\\"y"', b'{"b": "\\']),
        (b'[{"a": 1}]\n{"a": 2}\n', [b'{"a": 1}', b'{"a": 2}']),
        (b"[]", []),
        (b'[{"a": 1},' + b" " * 200_000 + b'\n, {"b": 2}]', [b'{"a": 1}', b'{"b": 2}']),
    ],
)
def test_nothing_of_a_damaged_list_is_lost(text: bytes, lines: list[bytes]) -> None:
    for size in range(2, min(len(text), 60) + 1):
        assert lines_of(text, size) == lines


def test_a_list_that_is_cut_off_loses_its_last_record_alone(tmp_path: Path, observe: Observe) -> None:
    text = (SAMPLES / "entra" / "graph.jsonl").read_text(encoding="utf-8")
    log = tmp_path / "list.json"
    log.write_text(json.dumps(records_of(text))[:-20])
    seen = observe(READERS["entra"], log)
    assert seen.summary["lines"] == len(records_of(text))
    assert seen.summary["rejected"] == {"no JSON object": 1}


def test_a_record_that_is_too_long_is_rejected(tmp_path: Path, observe: Observe) -> None:
    log = tmp_path / "list.json"
    log.write_text(json.dumps([{"createdDateTime": "x" * (3 << 20)}, {"createdDateTime": "y"}]))
    assert observe(READERS["entra"], log).summary["rejected"] == {"line too long": 1, "no time stamp": 1}
