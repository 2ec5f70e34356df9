"""Files are written whole or not at all, and never over what a command reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PHASEOUT = Path(sys.executable).parent / "phaseout"
ORDER = """\
id: test
title: No Apple phones
issuer: Ministry of Examples
version: "1"
time_zone: Europe/Moscow
issued: 2026-01-01
devices:
  apple: {title: Apple phones and tablets, is: {maker: Apple}}
clauses:
  - {id: "1", text: None., strength: must, who: {everyone: true}, devices: apple, services: mail, from: 2026-02-01}
"""
LINE = (
    '192.0.2.7 - anna [03/Mar/2026:10:00:00 +0300] "POST /Microsoft-Server-ActiveSync?Cmd=Sync&User=anna&DeviceId=D'
    '&DeviceType=iPhone HTTP/1.1" 200 1 "-" "Apple-iPhone14C2/2001.362"\n'
)
CHECK = ("check", "access.log", "-d", "order.yaml", "-p", "staff.csv", "--at", "2026-04-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "order.yaml").write_text(ORDER)
    (tmp_path / "staff.csv").write_text("id,name,login,unit\n1,Anna Petrova,anna,Ministry\n")
    (tmp_path / "access.log").write_text(LINE * 3)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PHASEOUT, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--html", "staff.csv"), "--html staff.csv would overwrite what is read"),
        (("--csv", "./access.log"), "--csv access.log would overwrite what is read"),
        (("--csv", "linked.log"), "--csv linked.log would overwrite what is read"),
        (("--html", "out", "--csv", "./out"), "--csv and --html name the same file, out"),
        (("--rejects", "order.yaml"), "--rejects order.yaml would overwrite what is read"),
        (("--csv", "-"), "--csv - would be a file of that name"),
        (("--since", "2026-05-01"), "--since isn't before --at"),
        (("--since", "2026-03-01", "--until", "2026-03-01"), "--since isn't before --until"),
        (("--pseudonym-key", "staff.csv"), "--pseudonym-key says how --pseudonymise is done"),
        (("--door", "window"), "'window' is not one of"),
    ],
)
def test_what_would_do_harm_or_nothing_is_refused(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    (folder / "linked.log").symlink_to("access.log")
    before = {each: each.read_bytes() for each in folder.iterdir()}
    done = run(folder, *CHECK, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert {each: each.read_bytes() for each in folder.iterdir()} == before


def test_a_link_stays_and_its_target_is_replaced_with_the_rights_that_it_had(folder: Path) -> None:
    (folder / "real.html").write_text("old")
    (folder / "real.html").chmod(0o604)
    (folder / "report.html").symlink_to("real.html")
    assert run(folder, *CHECK, "--html", "report.html").returncode == 0
    assert (folder / "report.html").is_symlink()
    assert "<html" in (folder / "real.html").read_text()
    assert (folder / "real.html").stat().st_mode & 0o777 == 0o604


def test_what_is_no_ordinary_file_is_written_to_as_it_is(folder: Path) -> None:
    done = run(folder, *CHECK, "--jsonl", "/dev/stderr", "--csv", "/dev/null")
    assert done.returncode == 0
    assert '"kind":"finding"' in done.stderr.replace(" ", "")
    assert Path("/dev/null").is_char_device()


def test_a_full_disk_is_told_with_the_file(folder: Path) -> None:
    done = run(folder, *CHECK, "--html", "/dev/full")
    told = "Error: /dev/full: it can't be written: No space left on device. Make room, or name a file on another disk.\n"
    assert (done.returncode, done.stderr) == (1, told)
    assert Path("/dev/full").is_char_device()


def test_a_place_for_rejected_lines_that_cannot_be_written_is_told_before_the_reading(folder: Path) -> None:
    done = run(folder, *CHECK, "--rejects", "nowhere/rejected.jsonl")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nowhere/rejected.jsonl: it can't be written" in done.stderr


def test_a_closed_output_is_no_fault(folder: Path) -> None:
    closed = f"exec {PHASEOUT} {' '.join(CHECK)} --html report.html >&-"
    done = subprocess.run(["sh", "-c", closed], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_a_bundle_is_not_written_over_its_key(folder: Path) -> None:
    assert run(folder, "bundle", "keygen", "--out", "gate.key").returncode == 0
    key = (folder / "gate.key").read_bytes()
    made = run(folder, "bundle", "--directive", "order.yaml", "--people", "staff.csv", "--key", "gate.key", "--out", "b")
    assert (made.returncode, made.stdout[:10]) == (0, "Written: b"), made.stderr
    done = run(folder, "bundle", "make", "-d", "order.yaml", "-p", "staff.csv", "--key", "gate.key", "--out", "gate.key")
    assert (done.returncode, (folder / "gate.key").read_bytes()) == (2, key)


def test_the_sample_ministry_overwrites_nothing_but_itself(folder: Path) -> None:
    before = {each: each.read_bytes() for each in folder.iterdir()}
    done = run(folder, "demo", ".", "--days", "1", "--people", "60")
    assert (done.returncode, {each: each.read_bytes() for each in folder.iterdir()}) == (2, before)
    assert "Name a new folder, or an empty one." in done.stderr
    for _ in range(2):
        assert run(folder, "demo", "ministry", "--days", "1", "--people", "60").returncode == 0


def test_no_text_of_an_input_moves_the_cursor(folder: Path) -> None:
    title = r'title: "No \e[31mApple\u202e phones"'
    (folder / "order.yaml").write_text(ORDER.replace("title: No Apple phones", title))
    (folder / "access.log").write_text(LINE.replace("14C2/", "14C2\x1b[2J/") * 3)
    for arguments in (("directive", "show", "order.yaml"), CHECK, ("explain", "anna", *CHECK[1:])):
        done = run(folder, *arguments)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout
        assert r"\x1b" in done.stdout  # written as an escape, and not left to the terminal
