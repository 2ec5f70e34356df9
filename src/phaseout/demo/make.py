"""Makes the sample ministry: staff, order, waivers, logs, and the truth about them."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from typing import Final

from phaseout.demo.calendar import LAST_DAY, day_number, days_before_end, midnight
from phaseout.demo.fleet import fleet, keepers, strangers
from phaseout.demo.life import Deed, lived
from phaseout.demo.logs import WRITERS
from phaseout.demo.order import directive_yaml, exceptions, waivers_yaml
from phaseout.demo.staff import staff, staff_csv
from phaseout.demo.truth import totals, truth_lines
from phaseout.demo.writing import LogFile, Planted

DAYS, PEOPLE, SEED = 90, 400, 1
"""What the demo is when nothing is said."""

LEAST_PEOPLE: Final = 60
"""So that every mail system has somebody."""


def make(out: Path, seed: int = SEED, days: int = DAYS, people: int = PEOPLE) -> None:
    """Make the sample ministry; the same numbers give the same bytes.

    Args:
        out: the folder; it is made, and what is in the way is overwritten.
        seed: of chance.
        days: how many days the logs cover; they end on 31 October 2026.
        people: how many people the staff list has, at least 60.

    Raises:
        ValueError: too few people or days.
        OSError: the folder can't be written.
    """
    if people < LEAST_PEOPLE or days < 1:
        message = f"The sample ministry needs at least {LEAST_PEOPLE} people and one day, not {people} and {days}."
        raise ValueError(message)
    calendar = days_before_end(days)
    members = staff(people, calendar, Random(f"{seed}-staff"))  # noqa: S311 - nothing here is secret
    holdings = fleet((*members, *strangers()), calendar, Random(f"{seed}-fleet"))  # noqa: S311
    deeds = lived(holdings, Random(f"{seed}-life"))  # noqa: S311
    early, _, late, *_ = (member for member in members if member.id in keepers(members))
    waivers = exceptions(early, late)
    files, planted = _written(deeds, calendar, seed)
    ended = midnight(day_number(LAST_DAY) + 1)
    out.mkdir(parents=True, exist_ok=True)
    _save(out / "staff.csv", staff_csv(members))
    _save(out / "directive.yaml", directive_yaml())
    _save(out / "waivers.yaml", waivers_yaml(waivers))
    for file in files:
        path = out / "logs" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
        os.utime(path, (ended, ended))  # stamps without a year are dated by it
    _save(out / "truth.jsonl", "".join(f"{line}\n" for line in truth_lines(planted, waivers)))
    _save(out / "truth-totals.json", totals(files, members, waivers))


def not_ours(out: Path) -> bool:
    """Whether a folder holds anything that no sample ministry was made among: nothing of it must be overwritten."""
    return out.is_dir() and any(out.iterdir()) and not (out / "truth.jsonl").exists()


def _written(deeds: tuple[Deed, ...], days: range, seed: int) -> tuple[list[LogFile], list[Planted]]:
    """Write every log."""
    files, planted = [], []
    for writer in WRITERS:
        taken = [deed for deed in deeds if writer.takes(deed)]
        written = writer.write(taken, days, Random(f"{seed}-{writer.id}"))  # noqa: S311
        files += written.files
        planted += written.planted
    return files, planted


def _save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
