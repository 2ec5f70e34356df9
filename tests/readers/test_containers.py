"""What carries a line and writes something before it changes nothing of what the line says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseout.readers import READERS
from phaseout.reading.reader import Clock

SAMPLES = Path(__file__).parent.parent / "samples" / "readers"


@pytest.mark.parametrize("mark", ["mail_imap-1  | ", "[pod/mail-0/imap] "])
@pytest.mark.parametrize(
    "log",
    [
        "combined/apache-groupware.log", "combined/behind-the-gate.log", "dovecot/syslog.log", "dovecot/own_file.log",
        "sogo/syslog.log", "zimbra/mailbox.log",
    ],
)  # fmt: skip
def test_the_name_of_a_container_is_passed_over(mark: str, log: str, observe: Callable[..., Any], tmp_path: Path) -> None:
    path, reader = SAMPLES / log, READERS[log.partition("/")[0]]
    lines = path.read_text("utf-8", "replace").splitlines()
    named = [mark + line for line in lines]
    (tmp_path / "log").write_text("\n".join(named) + "\n", "utf-8")
    zone = None if reader.clock is Clock.OFFSET else "Europe/Moscow"
    plain, seen = (observe(reader, each, zone=zone) for each in (path, tmp_path / "log"))
    assert (seen.sightings, seen.summary) == (plain.sightings, plain.summary)
    assert reader.detect(tuple(named)).sure == reader.detect(tuple(lines)).sure


STAMPED = re.compile(r"(?:[A-Z][a-z]{2} [ \d]\d (?:20\d\d )?|20\d\d-\d\d-\d\d )\d\d:\d\d:\d\d(?![.,]?\d*(?:Z|[+-]\d))")


@pytest.mark.parametrize("mark", ["", "mail_imap-1  | ", "[pod/mail-0/imap] "])
@pytest.mark.parametrize("log", ["dovecot/syslog.log", "dovecot/own_file.log", "sogo/syslog.log", "zimbra/mailbox.log"])
def test_a_container_s_stamp_before_a_line_s_own_is_passed_over(
    log: str, mark: str, observe: Callable[..., Any], tmp_path: Path
) -> None:
    path, reader = SAMPLES / log, READERS[log.partition("/")[0]]
    lines = list(filter(STAMPED.match, path.read_text("utf-8", "replace").splitlines()))
    named = [f"{mark}2026-11-20T05:00:01.123456789Z {line}" for line in lines]
    (tmp_path / "plain").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "log").write_text("\n".join(named) + "\n", "utf-8")
    plain, seen = (observe(reader, tmp_path / name, zone="Europe/Moscow") for name in ("plain", "log"))
    assert plain.summary["accesses"] > 1
    assert (seen.sightings, seen.summary) == (plain.sightings, plain.summary)
    assert reader.detect(tuple(named)).sure == reader.detect(tuple(lines)).sure


HEADS = (
    "Nov 12 10:00:01 web nginx: ", "Nov  2 10:00:01 httpd[123]: ", "2026-11-12T10:00:01.123456+03:00 web nginx: ",
    "2026-11-12T07:00:01.123456789Z stdout F ", "<190>Nov 12 10:00:01 web nginx[12]: ",
    "<190>1 2026-11-12T10:00:01.1Z web nginx 12 - - ", "<190>1 2026-11-12T10:00:01+03:00 web nginx - access [x@1 y] ",
    "198.51.100.7, 2001:db8::7, ", "unknown, ", "-, ", "198.51.100.7:5512, [2001:db8::7]:443, ",
    "mail.example.org:443 198.51.100.7, ", '<190>1 2026-11-12T10:00:01Z web nginx - access [x@1 y="z" w="\\] "] ',
)  # fmt: skip


@pytest.mark.parametrize("log", ["apache-groupware.log", "behind-the-gate.log", "exchange-behind-nginx.log"])
@pytest.mark.parametrize("head", HEADS)
def test_what_carried_a_line_of_a_web_server_is_passed_over(
    log: str, head: str, observe: Callable[..., Any], tmp_path: Path
) -> None:
    path, reader = SAMPLES / "combined" / log, READERS["combined"]
    lines = path.read_text("utf-8", "replace").splitlines()
    # A line of another server's name before the address can't also have addresses there.
    lines = [line for line in lines if line[:1].isdigit()]
    (tmp_path / "plain").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "log").write_text("\n".join(head + line for line in lines) + "\n", "utf-8")
    plain, seen = (observe(reader, tmp_path / name) for name in ("plain", "log"))
    assert plain.summary["accesses"] > 5
    assert (seen.sightings, seen.summary) == (plain.sightings, plain.summary)
    assert reader.detect(tuple(head + line for line in lines)).sure >= reader.detect(tuple(lines)).sure - 0.01


@pytest.mark.parametrize("head", ["", "2026-11-12T07:00:01.123456789Z ", "[pod/web-5d/nginx] "])
@pytest.mark.parametrize("user", ["anna", "Kim Wu", "EXAMPLE\\\\Kim Wu", "Kim van der Wu"])
def test_one_word_before_a_line_is_no_part_of_a_name(head: str, user: str, observe: Callable[..., Any], tmp_path: Path) -> None:
    line = f'192.0.2.7 - {user} [12/Nov/2026:10:00:00 +0300] "GET /owa/ HTTP/1.1" 200 5 "-" "x"\n'
    (tmp_path / "plain").write_text(line)
    (tmp_path / "log").write_text(head + line)
    plain, seen = (observe(READERS["combined"], tmp_path / name) for name in ("plain", "log"))
    assert plain.sightings[0]["login"].replace("%5C", "\\").endswith(user.rpartition("\\")[2])
    assert (seen.sightings, seen.summary) == (plain.sightings, plain.summary)


@pytest.mark.parametrize("address", ["192.0.2.7", "host.example.net"])
@pytest.mark.parametrize("head", ["web01 > access > ", "Nov 12, 10:00:01 | web | ", "x y z "])
def test_what_is_not_known_before_a_line_makes_nobody_s_name(
    head: str, address: str, observe: Callable[..., Any], tmp_path: Path
) -> None:
    line = f'{head}{address} - anna [12/Nov/2026:10:00:00 +0300] "GET /owa/ HTTP/1.1" 200 5 "-" "x"\n'
    (tmp_path / "log").write_text(line)
    seen = observe(READERS["combined"], tmp_path / "log")
    assert (seen.sightings, seen.summary["rejected"]) == ([], {"something before the address": 1})
