"""What the product stands on, and when it is fetched."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "pyproject.toml"
HEAVY = ("ibis", "duckdb", "pyarrow", "pandas", "numpy", "pydantic", "matplotlib", "jinja2", "ua_parser", "py_ocsf_models")


def requirements() -> Iterator[str]:
    """Give every requirement of the project file, but for the project's own extras."""
    tables = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
    yield from tables["build-system"]["requires"]
    yield from tables["project"]["dependencies"]
    for each in (*tables["project"]["optional-dependencies"].values(), *tables["dependency-groups"].values()):
        yield from (text for text in each if isinstance(text, str) and not text.startswith("phaseout["))


@pytest.mark.parametrize("requirement", sorted(set(requirements())))
def test_every_dependency_says_why(requirement: str) -> None:
    lines = [line for line in PROJECT.read_text(encoding="utf-8").splitlines() if f'"{requirement}"' in line]
    assert lines
    for line in lines:
        assert re.search(r"# *\w", line), line


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "module",
    [
        "phaseout",
        "phaseout.catalogue",
        "phaseout.cli",
        "phaseout.judge",
        "phaseout.model.answer",
        "phaseout.people",
        "phaseout.people.sources.csv",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_used(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert "phaseout" in loaded
    assert sorted(loaded.intersection(HEAVY)) == []


@pytest.mark.parametrize("module", ["phaseout.runs.formats", "phaseout.runs.explain", "phaseout.engines.duckdb"])
def test_no_run_and_no_reader_loads_ibis_before_it_builds_an_expression(module: str) -> None:
    loaded = loaded_by(f"import {module}\nfrom phaseout.readers import READERS\nassert list(READERS)")
    assert "phaseout" in loaded
    assert sorted(loaded & {"ibis", "sqlglot", "pandas"}) == []


def test_help_loads_nothing_heavy() -> None:
    loaded = loaded_by("import phaseout.cli\nphaseout.cli.command.main(['--help'], standalone_mode=False)")
    assert {"click", "check"} <= loaded, "the help, which names the sub-commands, was printed beside the modules"
    assert sorted(loaded.intersection(HEAVY)) == []


@pytest.mark.parametrize("module", ["phaseout.model.answer", "phaseout.judge", "phaseout.people.sources.csv"])
def test_model_judge_and_people_are_the_standard_library_and_values(module: str) -> None:
    fetched = loaded_by(f"import {module}") - loaded_by("import sysconfig, zoneinfo; sysconfig.get_config_vars()")
    assert fetched - sys.stdlib_module_names == {"phaseout", "msgspec", "typing_extensions"}, "msgspec brings the last"


def test_the_rooms_keep_to_who_may_import_whom() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout
