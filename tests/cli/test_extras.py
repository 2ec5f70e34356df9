"""An installation without extras says what it lacks; and the list of extras is the one that is declared."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from phaseout.cli._extras import MODULES

ROOT = Path(__file__).parents[2]


def name_of(requirement: str) -> str:
    return requirement.partition(">")[0].partition("[")[0].lower().replace("_", "-")


def test_every_extra_is_known_by_its_modules() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    del declared["all"]
    brought = {module: [name.lower().replace("_", "-") for name in names] for module, names in packages_distributions().items()}
    assert {extra: sorted(map(name_of, wanted)) for extra, wanted in declared.items()} == {
        extra: sorted({name for module in modules for name in brought[module]}) for extra, modules in MODULES.items()
    }


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["check", "access.log", "-d", "order.yaml", "-p", "staff.csv"], "check"),
        (["explain", "anna", "access.log", "-d", "order.yaml", "-p", "staff.csv"], "check"),
        (["check", "access.log", "-d", "order.yaml", "-p", "staff.csv", "--html", "out.html"], "html"),
        (["bundle", "keygen", "--out", "key"], "gate"),
    ],
)
def test_a_missing_extra_is_told_with_how_to_get_it(tmp_path: Path, arguments: list[str], extra: str) -> None:
    hidden = ", ".join(map(repr, MODULES[extra]))
    code = f"""
import sys
from importlib.abc import MetaPathFinder

class Hidden(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ({hidden},):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in ({hidden},) else real(name, package)
sys.meta_path.insert(0, Hidden())
sys.argv = ["phaseout", *{arguments!r}]
import phaseout.cli
phaseout.cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert f'pip install "phaseout[{extra}]"' in done.stderr
    assert "Traceback" not in done.stderr
