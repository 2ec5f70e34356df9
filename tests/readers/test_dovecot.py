"""What no sample can show, because its stamps don't move with the server's zone, and what joins across lines must not do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phaseout.devices.clues.imap_id import CLUE
from phaseout.model.clue import CARRIED
from phaseout.model.device import Grade
from phaseout.readers.dovecot import READER

Observe = Callable[..., Any]

PHONE = "name=iPhone Mail, version=21F90, os=iOS, os-version=17.5.1 (21F90)"
MAC = "name=Mac OS X Mail, os=Mac OS X, os-version=14.5 (23F79)"


def login(at: str, session: str, *, user: str = "anna", address: str = "203.0.113.5") -> str:
    return (
        f"{at} imap-login: Info: Login: user=<{user}>, method=PLAIN, rip={address}, lip=192.0.2.1, mpid=1, session=<{session}>\n"
    )


def said(at: str, session: str, what: str, user: str = "anna") -> str:
    return f"{at} imap({user})<1><{session}>: Info: ID sent: {what}\n"


@pytest.fixture
def seen(observe: Observe, tmp_path: Path) -> Callable[[str], Any]:
    def read(text: str) -> Any:  # noqa: ANN401 - what observe returns
        path = tmp_path / "dovecot.log"
        path.write_text(text, "utf-8")
        return observe(READER, path, zone="Europe/Moscow")

    return read


@pytest.mark.parametrize(
    "head",
    [
        "2026-11-20T08:00:01.123456+03:00 mail dovecot: imap-login: ",
        "2026-11-20T05:00:01Z mail dovecot[812]: imap-login: Info: ",
        "<22>1 2026-11-20T07:00:01+0200 mail dovecot 812 - - imap-login: ",
        "Nov 20 08:00:01 imap-login: Info: ",
        "2026-11-20 08:00:01 imap-login: Info: ",
        "dovecot: 2026-11-20 08:00:01 Info: imap-login: ",
        "Nov 20 2026 08:00:01 mail dovecot: imap-login: ",
        "dovecot-mailcow-1  | Nov 20 08:00:01 4f1c dovecot: imap-login: ",
        "dovecot-mailcow-1  | 2026-11-20T05:00:01.123456789Z Nov 20 08:00:01 4f1c dovecot: imap-login: ",
        "dovecot-mailcow-1  | 2026-11-20T05:00:01.123456789Z imap-login: Info: ",
    ],
)
def test_a_stamp_is_read_in_every_shape(head: str, seen: Callable[[str], Any]) -> None:
    found = seen(f"{head}Login: user=<anna>, method=PLAIN, rip=203.0.113.5, lip=192.0.2.1, session=<aaaa>\n")
    assert [(row["login"], row["first"]) for row in found.sightings] == [("anna", "2026-11-20T05:00:01+00:00")]


def test_a_container_s_log_is_told_by_its_first_lines() -> None:
    line = "dovecot-mailcow-1  | Nov 20 08:00:01 4f1c dovecot: imap-login: Login: user=<anna>, method=PLAIN, rip=203.0.113.5"
    assert READER.detect((line,)).sure == 1


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("collector[7] ", "something before the time stamp"),
        ("x | y: ", "something before the time stamp"),
    ],
)
def test_what_stands_in_the_way_of_a_stamp_is_told(before: str, reason: str, seen: Callable[[str], Any]) -> None:
    found = seen(before + login("2026-11-20 08:00:01", "a"))
    assert found.summary["rejected"] == {reason: 1}


def test_a_line_without_a_stamp_is_told(seen: Callable[[str], Any]) -> None:
    assert seen(login("Nov 31 08:00:01", "a") + login("", "a")).summary["rejected"] == {"no time stamp": 2}


def carried(text: str, seen: Callable[[str], Any]) -> list[str]:
    return sorted({row.get("imap_id", "") for row in seen(text).sightings})


def test_a_login_takes_over_the_only_id_of_its_day(seen: Callable[[str], Any]) -> None:
    day = "2026-11-20 08:00:0"
    text = login(f"{day}1", "a") + said(f"{day}1", "a", PHONE) + login(f"{day}2", "b")
    assert carried(text, seen) == [CARRIED + PHONE, PHONE]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(login("2026-11-21 00:00:01", "b"), id="another day"),
        pytest.param(login("2026-11-20 09:00:01", "b", address="203.0.113.6"), id="another address"),
        pytest.param(login("2026-11-20 09:00:01", "b", user="boris"), id="another user"),
        pytest.param(login("2026-11-20 09:00:01", "b").replace("imap-login", "pop3-login"), id="a protocol without IDs"),
    ],
)
def test_a_login_takes_over_no_other_id(other: str, seen: Callable[[str], Any]) -> None:
    text = login("2026-11-20 08:00:01", "a") + said("2026-11-20 08:00:01", "a", PHONE) + other
    assert carried(text, seen) == ["", PHONE]


def test_a_login_takes_over_no_id_of_another_year(seen: Callable[[str], Any]) -> None:
    text = login("Nov 20 2026 08:00:01", "a") + said("Nov 20 2026 08:00:01", "a", PHONE) + login("Nov 20 2025 08:00:01", "b")
    assert carried(text, seen) == ["", PHONE]


def test_a_login_takes_over_none_of_two(seen: Callable[[str], Any]) -> None:
    day = "2026-11-20 08:00:0"
    text = login(f"{day}1", "a") + said(f"{day}1", "a", PHONE) + login(f"{day}2", "b") + said(f"{day}2", "b", MAC)
    assert carried(text + login(f"{day}3", "c"), seen) == ["", MAC, PHONE]


def test_an_id_cannot_pass_for_another_session(seen: Callable[[str], Any]) -> None:
    forged = "name=x: user=<boris>, rip=203.0.113.9, session=<victim>"
    at = "2026-11-20 08:00:01"
    text = login(at, "victim", user="boris", address="203.0.113.9")
    text += f"{at} imap-login: Info: ID sent: {forged}: user=<>, rip=198.51.100.6, lip=192.0.2.1, session=<own>\n"
    found = seen(text)
    assert [row.get("imap_id") for row in found.sightings] == [None]
    assert found.summary["ignored"] == {"an ID whose login is not in this file": 1}


def test_what_was_taken_over_is_weak() -> None:
    device = CLUE.device(CARRIED + PHONE)
    assert (device.platform, device.build, device.grade) == ("ios", "21F90", Grade.WEAK)
    assert CLUE.device(PHONE).grade is Grade.CLAIMED
