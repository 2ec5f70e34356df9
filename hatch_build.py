"""Build hook: compile ``scan.c`` with the machine's own compiler where it has one.

A machine without a compiler gets the same product, which reads some logs more slowly: every line can be read without it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FLAGS: Final = ("-std=gnu11", "-O3", "-fPIC", "-shared", "-Wall", "-Wextra")


class Scan(BuildHookInterface[Any]):
    """Compiles the scan beside its source, and lets the wheel take it along."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 # codespell:ignore initialize
        """Compile; say so where that can't be done."""
        source = Path(self.root) / "src" / "phaseout" / "logs" / "scan.c"
        target = source.with_name("libscan.so")
        target.unlink(missing_ok=True)
        compiler = shlex.split(os.environ.get("CC", "cc"))
        if not sys.platform.startswith("linux") or shutil.which(compiler[0]) is None:
            self.app.display_warning("No C compiler (cc): access logs of web servers will be read more slowly.")
            return
        done = subprocess.run([*compiler, *FLAGS, "-o", target, source], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            self.app.display_warning(f"scan.c could not be compiled, access logs will be read more slowly:\n{done.stderr}")
            return
        build_data["artifacts"].append(f"/{target.relative_to(self.root)}")
        build_data["pure_python"] = False
        # It uses no function of Python's own, so one library serves every version.
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
