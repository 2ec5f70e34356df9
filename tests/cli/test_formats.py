"""``phaseout formats`` says what a file is taken for, and why."""

import json
from pathlib import Path

from click.testing import CliRunner

from phaseout.cli.formats import COMMAND
from phaseout.readers import READERS

SAMPLES = Path(__file__).parent.parent / "samples" / "readers"


def said(*arguments: str) -> str:
    result = CliRunner().invoke(COMMAND, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_without_files_it_lists_every_format() -> None:
    lines = said().splitlines()
    assert [line.split()[0] for line in lines[::2]] == list(READERS.ids)
    assert [json.loads(line)["id"] for line in said("--json").splitlines()] == list(READERS.ids)


def test_it_says_how_sure_it_is_and_why() -> None:
    text = said(str(SAMPLES / "sogo" / "sogo.log"))
    assert "sogo.log: sogo\n" in text
    assert "95 %  20 of 21 lines are sogod's" in text
    assert "give --timezone" in text


def test_it_says_the_same_as_json() -> None:
    (line,) = said("--json", str(SAMPLES / "iis" / "exchange.log")).splitlines()
    told = json.loads(line)
    assert told["format"] == "iis"
    assert told["formats"][0]["needs_timezone"] is False
    assert [format_["sure"] for format_ in told["formats"]] == sorted((f["sure"] for f in told["formats"]), reverse=True)


def test_a_file_in_no_format_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("buy milk\n")
    assert "in no format that is clear\n  No format fits" in said(str(tmp_path / "notes"))
