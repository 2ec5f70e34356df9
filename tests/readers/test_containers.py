"""What ``docker compose logs`` writes before each line changes nothing of what the line says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseout.readers import READERS
from phaseout.reading.reader import Clock

SAMPLES = Path(__file__).parent.parent / "samples" / "readers"


@pytest.mark.parametrize(
    "log",
    [
        "combined/apache-groupware.log", "combined/behind-the-gate.log", "dovecot/syslog.log", "dovecot/own_file.log",
        "sogo/syslog.log", "zimbra/mailbox.log",
    ],
)  # fmt: skip
def test_the_name_of_a_container_is_passed_over(log: str, observe: Callable[..., Any], tmp_path: Path) -> None:
    path, reader = SAMPLES / log, READERS[log.partition("/")[0]]
    lines = path.read_text("utf-8", "replace").splitlines()
    named = [f"mail_{reader.id}-1  | {line}" for line in lines]
    (tmp_path / "log").write_text("\n".join(named) + "\n", "utf-8")
    zone = None if reader.clock is Clock.OFFSET else "Europe/Moscow"
    plain, seen = (observe(reader, each, zone=zone) for each in (path, tmp_path / "log"))
    assert (seen.sightings, seen.summary) == (plain.sightings, plain.summary)
    assert reader.detect(tuple(named)).sure == reader.detect(tuple(lines)).sure
