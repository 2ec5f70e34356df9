"""Plans on disk, in the user's own cache folder, as Python keeps compiled modules; a plan that can't be read is made again."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from phaseout.plans.plan import Plan, read_schema, written_schema

MOST: Final = 256
"""Plans that are kept; beyond that the oldest half goes. A check of one format needs some twenty."""

LARGEST: Final = 1 << 20
"""Bytes of a plan that is kept."""


class Shelf:
    """A folder with plans, each in a file of its own that is named by what it is the plan of.

    Plans are run as they are, so nobody else may lay one here: the folder and each file must be the user's own, and nobody
    else's to write. Nothing here ever fails: what can't be read is not found, and what can't be written is not kept.

    Args:
        folder: where; it is made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        """Remember where; nothing is looked for yet."""
        self.folder = folder

    def find(self, key: str) -> Plan | None:
        """Return the plan that was kept for a key, or None.

        Args:
            key: a digest of everything that the plan depends on.
        """
        try:
            if not _is_own(self.folder.stat(), stat.S_ISDIR):
                return None
            return _read(_bytes_of(self.folder / f"{key}.json"), key)
        except (OSError, ValueError, RecursionError):
            return None

    def keep(self, key: str, plan: Plan) -> None:
        """Keep a plan for a key, where that can be done."""
        text = _written(key, plan)
        if text is None:
            return
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_own(self.folder.stat(), stat.S_ISDIR):
                self._put(f"{key}.json", text)
                self._thin()

    def _put(self, name: str, text: bytes) -> None:
        """Write a file beside its place and move it there when it is whole."""
        with NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as beside:
            try:
                beside.write(text)
                beside.close()
                Path(beside.name).replace(self.folder / name)
            except BaseException:
                Path(beside.name).unlink(missing_ok=True)
                raise

    def _thin(self) -> None:
        """Take away the oldest half when there are too many."""
        found = list(self.folder.iterdir())
        if len(found) > MOST:
            for path in sorted(found, key=lambda each: each.lstat().st_mtime)[: -MOST // 2]:
                path.unlink(missing_ok=True)


def shelf_of(environment: Mapping[str, str]) -> Shelf | None:
    """Return the shelf in the user's cache folder, or None where there is none, or where nobody can say whose a file is.

    Args:
        environment: ``XDG_CACHE_HOME`` may name the cache folder; else it is ``.cache`` in the home folder.
    """
    if not hasattr(os, "geteuid"):
        return None
    named = environment.get("XDG_CACHE_HOME", "")
    try:
        cache = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return Shelf(cache / "phaseout")


def _bytes_of(path: Path) -> bytes:
    """Return what stands in a file, if it is the user's own and no larger than plans are; nothing of all others."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        return file.read() if _is_own(found, stat.S_ISREG) and found.st_size <= LARGEST else b""


def _is_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether something is of the right kind, the user's own, and nobody else's to write."""
    return is_kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _written(key: str, plan: Plan) -> bytes | None:
    """Write a plan down; None when it can't be."""
    schema = written_schema(plan.schema)
    if schema is None:
        return None
    text = json.dumps({"key": key, "sql": plan.sql, "schema": schema, "sum": _sum(key, plan.sql, schema)}).encode()
    return text if len(text) <= LARGEST else None


def _read(text: bytes, key: str) -> Plan | None:
    """Read what was written down for a key; None when it is anything else, or damaged."""
    match json.loads(text):
        case {"key": str(said), "sql": str(sql), "schema": list(columns), "sum": str(total), **rest} if not rest:
            schema = read_schema(columns)
            if schema is None or said != key or total != _sum(key, sql, columns):
                return None
            return Plan(sql, schema)
    return None


def _sum(key: str, sql: str, schema: list[Any]) -> str:
    """Return a digest by which damage is noticed."""
    return hashlib.sha256(json.dumps([key, sql, schema]).encode()).hexdigest()
