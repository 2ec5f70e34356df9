"""``phaseout directive``: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from phaseout.cli.directive import COMMAND
from phaseout.directive.shipped import example_names, example_text
from phaseout.directive.source import read_text
from phaseout.model.fault import FaultsError

Changed = Callable[..., str]
WARNS = ("clauses:\n", "  more: {title: more, is: {platform: ios}}\nclauses:\n")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(COMMAND, arguments)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str) -> str:
        Path(name).write_text(text, encoding="utf-8")
        return name

    return write


def test_a_right_file_ends_with_nought(written: Callable[[str, str], str], changed: Changed) -> None:
    result = run("check", written("a.yaml", changed()))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 file: 0 errors, 0 warnings.\n"


def test_errors_end_with_one_and_stand_as_compilers_write_them(written: Callable[[str, str], str], changed: Changed) -> None:
    one = written("a.yaml", changed(("from: 2027-01-01", "from: 2027-13-01")))
    two = written("b.yaml", changed(("services: mail", "services: post")))
    result = run("check", one, two, "gone.yaml")
    assert result.exit_code == 1
    assert [line.split(" ")[:2] for line in result.stdout.splitlines()] == [
        ["a.yaml:16:11", "PO104"],
        ["b.yaml:15:15", "PO124"],
        ["gone.yaml", "PO101"],
    ]


def test_warnings_pass_unless_strict(written: Callable[[str, str], str], changed: Changed) -> None:
    file = written("a.yaml", changed(WARNS))
    assert run("check", file).exit_code == 0
    assert run("check", file).stdout.startswith("warning: a.yaml:10:3 PO150 ")
    assert run("check", "--strict", file).exit_code == 1


def test_json_says_the_same(written: Callable[[str, str], str], changed: Changed) -> None:
    result = run("check", "--json", written("a.yaml", changed(WARNS, ("from: 2027-01-01", "from: soon"))))
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["errors"], answer["warnings"]) == (1, 1, 1)
    assert [(fault["line"], fault["code"], fault["severity"]) for fault in answer["faults"]] == [
        (10, "PO150", "warning"),
        (18 - 1, "PO104", "error"),
    ]


def test_waivers_are_checked_against_their_directive(written: Callable[[str, str], str], changed: Changed) -> None:
    order = written("order.yaml", example_text("minimum-versions"))
    waivers = written("w.yaml", example_text("minimum-versions.waivers"))
    assert run("check", order, "--waivers", waivers).exit_code == 0
    other = written("other.yaml", changed())
    assert "PO209" in run("check", other, "--waivers", waivers).stdout
    assert run("check", order, other, "--waivers", waivers).exit_code == 2
    assert "PO101" in run("check", order, "--waivers", "gone.yaml").stdout


def test_a_command_that_is_not_understood_ends_with_two() -> None:
    assert run("check").exit_code == 2
    assert run("schema", "people").exit_code == 2
    result = run("example", "nothing")
    assert (result.exit_code, "minimum-versions" in result.stderr) == (2, True)


def test_show_says_it_in_sentences(written: Callable[[str, str], str]) -> None:
    order = written("order.yaml", example_text("minimum-versions"))
    waivers = written("w.yaml", example_text("minimum-versions.waivers"))
    result = run("show", order, "--waivers", waivers)
    assert result.exit_code == 0
    assert "From 19 April 2027, all staff" in result.stdout
    assert "19 April 2027      Waiver W-1 for anna.berg@example.org begins." in result.stdout
    answer = json.loads(run("show", order, "--json").stdout)
    assert answer["calendar"][0] == {"on": "2027-01-11", "what": "The order is given.", "clause": None}


def test_show_tells_what_is_wrong_instead(written: Callable[[str, str], str], changed: Changed) -> None:
    result = run("show", written("a.yaml", changed(("from: 2027-01-01", "from: soon"))))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("a.yaml:16:11 PO104 ")


def test_every_example_is_printed_as_it_is() -> None:
    assert run("example").stdout.split() == list(example_names())
    for name in example_names():
        assert run("example", name).stdout == example_text(name)


@pytest.mark.parametrize("name", ["folder", "folder/none", "no\x00name"])
def test_names_that_are_no_file_are_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FaultsError) as caught:
        read_text(tmp_path / name, name)
    assert [(fault.file, fault.code) for fault in caught.value.faults] == [(name, "PO101")]


@pytest.mark.parametrize("arguments", [[], ["check"], ["show"], ["schema"], ["example"]])
def test_help_has_examples(arguments: list[str]) -> None:
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert not arguments or "Examples:\n    phaseout directive " in result.stdout


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    script = (
        "import sys, phaseout.directive, phaseout.cli.directive\n"
        "print(sorted({'pydantic', 'yaml', 'ibis', 'duckdb', 'rich', 'json'} & set(sys.modules) - {'json'}))\n"
        "import phaseout.directive.load, phaseout.directive.waivers, phaseout.directive.page\n"
        "print(sorted({'ibis', 'duckdb', 'pyarrow', 'pandas', 'rich', 'click'} & set(sys.modules) - {'click'}))"
    )
    answer = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert answer.stdout.split("\n") == ["[]", "[]", ""]
