"""Real Dovecot with the very files of deploy/dovecot: who signs in, what the refused is told, what holds without a gate."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .dying import dying

ROOT = Path(__file__).parents[2]
KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "right-1"  # noqa: S105 - of invented people
GATE = '[callers.dovecot]\nkeys = ["dovecot.key"]\n[texts]\ncontact = "it@example.org"\n'

CONFIG = """
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_verbose = yes
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{here}/mail/%n
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {here}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={here}/mail/%n
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
!include phaseout.conf
!include phaseout-{door}.conf
!include phaseout-events.conf
"""
USERS = ("anna@example.org", "boris@example.org", "vera@example.org", "gleb@example.org")

Start = Callable[..., Any]
Known = Gate = Any  # what conftest gives; tests can't import from it


def program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        why = f"{name} of Debian's package {package} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Door:
    """Dovecot."""

    port: int
    here: Path
    doveadm: int

    def sign_in(self, user: str, imap_id: str = "", password: str = PASSWORD, address: str = "127.0.0.2") -> str:
        """Say an ID, sign in, and return what the server says to that."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(address, 0)) as wire:
            stream = wire.makefile("rwb")
            assert stream.readline().startswith(b"* OK")
            said = ""
            for tag, line in (("i", f"ID ({imap_id})"), ("l", f'LOGIN "{user}" "{password}"')):
                if tag == "i" and not imap_id:
                    continue
                stream.write(f"{tag} {line}\r\n".encode())
                stream.flush()
                while not (said := stream.readline().decode()).startswith(f"{tag} "):
                    assert said, "the server went away"
            return said.removeprefix("l ").strip()

    def speak_after(self, user: str, imap_id: str, *, until: str, address: str = "127.0.0.2") -> bytes:
        """Sign in, say an ID, and return what the server says until a word comes or it hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(address, 0)) as wire:
            said = b""
            for line in (f'l LOGIN "{user}" "{PASSWORD}"', f"i ID ({imap_id})"):
                wire.sendall(f"{line}\r\n".encode())
                while f"{line[0]} OK".encode() not in said:
                    said += wire.recv(4096)
            while until.encode() not in said:
                if not (more := wire.recv(4096)):
                    break
                said += more
                if b"BYE" not in said and until == "x OK":
                    wire.sendall(b"x NOOP\r\n")
            return said


@pytest.fixture
def ports() -> Callable[[], int]:
    return free_port


@pytest.fixture
def open_door(ports: Callable[[], int]) -> Iterator[Start]:
    """Return a context that runs Dovecot with the files of deploy/dovecot; ended by its own process id."""
    short = Path(tempfile.mkdtemp(prefix="gate"))  # sockets' paths must be short
    try:
        yield lambda door, gate_port, change=("", ""): opened(short, door, gate_port, ports(), change)
    finally:
        shutil.rmtree(short, ignore_errors=True)


def users() -> dict[str, object]:
    """Return the accounts that Dovecot's processes run as: its own, when we may choose."""
    if os.getuid() == 0:
        mail = pwd.getpwnam("nobody")
        names = {"internal": "dovecot", "group": "dovecot", "login": "dovenull", "chroot": ""}
        return names | {"uid": mail.pw_uid, "gid": mail.pw_gid}
    me, mine = pwd.getpwuid(os.getuid()), grp.getgrgid(os.getgid())
    names = {"internal": me.pw_name, "group": mine.gr_name, "login": me.pw_name, "chroot": "chroot ="}
    return names | {"uid": me.pw_uid, "gid": mine.gr_gid}


@contextmanager
def opened(
    here: Path, door: str, gate_port: int, port: int, change: tuple[str, str], prepare: Callable[[Path], None] = lambda _: None
) -> Iterator[Door]:
    dovecot = program("dovecot", "dovecot-imapd")
    for file in (ROOT / "deploy" / "dovecot").glob("*.conf"):
        shutil.copy(file, here)
    doveadm = free_port()
    for placeholder, value in (
        ("127.0.0.1:14001", f"127.0.0.1:{gate_port}"),
        ("put-the-key-of-callers.dovecot_events-here", KEY),
        ("put-the-key-of-doveadm-here", KEY),
        ("port = 10880", f"port = {doveadm}"),
    ):
        rendered(here / "phaseout-events.conf", placeholder, value)
    rendered(here / "phaseout.conf", "127.0.0.1:14001", f"127.0.0.1:{gate_port}")
    rendered(here / "phaseout.conf", "put-the-key-of-callers.dovecot-here", KEY)
    if change[0]:
        rendered(here / "phaseout.conf", *change)
    prepare(here)
    told = users()
    (here / "mail").mkdir()
    os.chown(here / "mail", int(str(told["uid"])), int(str(told["gid"])))
    here.chmod(0o755)
    extra = "::::::device=os=android;maker=Samsung"
    lines = [f"{user}:{{PLAIN}}{PASSWORD}{extra if user.startswith('gleb') else ''}\n" for user in USERS]
    (here / "users").write_text("".join(lines), "utf-8")
    (here / "dovecot.conf").write_text(CONFIG.format(here=here, port=port, door=door, **told), "utf-8")
    with (here / "said").open("wb") as out:
        process = subprocess.Popen([dovecot, "-F", "-c", here / "dovecot.conf"], stdout=out, stderr=out, start_new_session=True)
    try:
        end = time.monotonic() + 20
        while process.poll() is None and not answers(port):
            assert time.monotonic() < end
            time.sleep(0.02)
        assert process.poll() is None, (here / "said").read_text("utf-8")
        yield Door(port, here, doveadm)
    finally:
        process.terminate()
        process.wait(20)


def rendered(file: Path, placeholder: str, value: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(placeholder) == 1, f"{file.name} has {placeholder} not once"
    file.write_text(text.replace(placeholder, value), "utf-8")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def gate(start_gate: Start, tmp_path: Path) -> Iterator[Gate]:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    with start_gate(GATE) as running:
        yield running


@pytest.mark.parametrize("door", ["open", "closed"])
def test_an_iphone_is_told_why_and_others_get_in(door: str, gate: Gate, open_door: Start, known: Known) -> None:
    with open_door(door, gate.port) as dovecot:
        said = dovecot.sign_in("boris@example.org", known.iphone_id)
        refused = gate.decisions()[-1]
        assert said == (
            "NO [ALERT] Apple phones and tablets: not allowed since 8 October 2020. Service: work mail. "
            f"Order order-12, clause pilot. it@example.org [{refused['id']}]"
        )
        assert (refused["login"], refused["address"], refused["effect"]) == ("boris@example.org", "127.0.0.2", "block")
        for device in (known.samsung_id, known.thunderbird_id, ""):
            assert dovecot.sign_in("boris@example.org", device).startswith("OK")
        assert dovecot.sign_in("vera@example.org", known.iphone_id).startswith("OK"), "only advised"
        assert len(gate.decisions()) == 5
        assert "pwhash" not in gate.log.read_text("utf-8")


def test_an_id_that_says_its_name_twice_is_refused_in_any_order_and_case(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("open", gate.port) as dovecot:
        for device in (
            '"name" "Thunderbird" "name" "iPhone Mail"', '"NAME" "iPhone Mail" "name" "Thunderbird"', '"NaMe" "iPhone Mail"',
            '"name" "iPhone Mail" "os" NIL', '"name" "a \\"quoted\\" word" "os" "iOS"',
        ):  # fmt: skip
            assert dovecot.sign_in("boris@example.org", device).startswith("NO [ALERT] Apple"), device
        assert known


def test_a_wrong_password_is_told_nothing(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("open", gate.port) as dovecot:
        said = [
            dovecot.sign_in(user, device, "wrong-1", address)
            for user, device, address in (
                ("boris@example.org", known.iphone_id, "127.0.0.3"),
                ("boris@example.org", known.thunderbird_id, "127.0.0.4"),
                ("nobody@example.org", known.iphone_id, "127.0.0.5"),
            )
        ]
        assert set(said) == {"NO [AUTHENTICATIONFAILED] Authentication failed."}
        assert gate.log.read_bytes() == b"", "the gate was not even asked"


def test_a_refusal_makes_nobody_else_at_the_address_wait(gate: Gate, open_door: Start, known: Known) -> None:
    with open_door("open", gate.port) as dovecot:
        assert dovecot.sign_in("boris@example.org", known.iphone_id).startswith("NO [ALERT]")
        begun = time.monotonic()
        assert dovecot.sign_in("anna@example.org", known.thunderbird_id).startswith("OK")
        assert time.monotonic() - begun < 3, "the penalty would be four seconds"


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_without_a_gate(door: str, answer: str, open_door: Start, ports: Callable[[], int], known: Known) -> None:
    with open_door(door, ports()) as dovecot:
        for device in (known.iphone_id, known.thunderbird_id):
            assert dovecot.sign_in("boris@example.org", device).startswith(answer)


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_with_a_gate_that_has_no_opinion(
    door: str, answer: str, start_gate: Start, open_door: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    with start_gate(GATE, data=b"damaged", wait="/healthz") as gate, open_door(door, gate.port) as dovecot:
        assert dovecot.sign_in("boris@example.org", known.iphone_id).startswith(answer)
        assert gate.figure('phaseout_gate_no_opinion_total{caller="dovecot",reason="no bundle"}') >= 1


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_with_a_gate_that_never_answers(door: str, answer: str, open_door: Start, known: Known) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, open_door(door, silent.getsockname()[1]) as dovecot:
        assert dovecot.sign_in("boris@example.org", known.iphone_id).startswith(answer)


@pytest.mark.parametrize(("door", "answer"), [("open", "OK"), ("closed", "NO [AUTHENTICATIONFAILED]")])
def test_with_a_gate_that_dies_in_the_middle_of_its_answer(door: str, answer: str, open_door: Start, known: Known) -> None:
    half = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 23\r\n\r\n{"status":0,"m'
    with dying(iter([half, half[:-14], half[:30], b""] * 8)) as port, open_door(door, port) as dovecot:
        for device in (known.samsung_id, known.iphone_id):
            assert dovecot.sign_in("boris@example.org", device).startswith(answer)


def test_a_strict_door_with_the_webmail_s_address_exempt(
    start_gate: Start, open_door: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    strict = '[doors.imap]\ncannot_tell = "block"\nexempt = ["127.0.0.9"]\n'
    with start_gate(GATE + strict) as gate, open_door("closed", gate.port) as dovecot:
        assert dovecot.sign_in("boris@example.org").startswith("NO [ALERT] The device was not recognised.")
        assert dovecot.sign_in("boris@example.org", address="127.0.0.9").startswith("OK")
        assert dovecot.sign_in("boris@example.org", known.samsung_id).startswith("OK")


def test_a_password_made_for_one_device_says_which(gate: Gate, open_door: Start, known: Known) -> None:
    change = ("session_id=%{session}", "session_id=%{session} device=%{passdb:device}")
    with open_door("closed", gate.port, change) as dovecot:
        assert dovecot.sign_in("gleb@example.org", known.iphone_id).startswith("OK")
        (decision,) = gate.decisions()
        assert decision["clues"]["inventory"] == "os=android;maker=Samsung"
        assert decision["grade"] == "managed"
        assert decision["device"]["platform"] == "android"


def wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, f"Waited 20 s in vain until {what}."
        time.sleep(0.02)


EVENTS = '[callers.dovecot_events]\nkeys = ["dovecot.key"]\n[doveadm]\nat = "127.0.0.1:{port}"\nkey = "dovecot.key"\n'


def test_a_phone_that_says_what_it_is_after_the_login_is_thrown_out(
    start_gate: Start, open_door: Start, known: Known, tmp_path: Path
) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    gate_port = free_port()
    with (
        open_door("open", gate_port) as dovecot,
        start_gate(GATE + EVENTS.format(port=dovecot.doveadm), port=gate_port) as gate,
    ):
        assert b"* BYE" in dovecot.speak_after("boris@example.org", known.iphone_id, until="BYE")
        event = gate.decisions()[-1]
        assert (event["caller"], event["effect"], event["address"]) == ("dovecot_events", "block", "127.0.0.2")
        kicked = 'phaseout_gate_kicks_total{outcome="kicked"}'
        wait_until(lambda: gate.figure(kicked) >= 1, "doveadm has said so")
        said = dovecot.sign_in("boris@example.org")
        assert said.startswith("NO [ALERT] Apple phones and tablets: not allowed"), "it is remembered"
        assert gate.decisions()[-1]["clues"]["imap_id"].startswith('carried: "name" "iPhone Mail"')
        assert gate.decisions()[-1]["grade"] == "weak"
        assert dovecot.sign_in("boris@example.org", address="127.0.0.3").startswith("OK"), "not at another address"
        assert dovecot.sign_in("anna@example.org").startswith("OK"), "not for another person"
        assert dovecot.sign_in("boris@example.org", known.thunderbird_id).startswith("OK")
        assert dovecot.sign_in("boris@example.org").startswith("OK"), "two devices there: neither speaks for the other"


def test_a_device_that_may_be_used_stays(start_gate: Start, open_door: Start, known: Known, tmp_path: Path) -> None:
    (tmp_path / "dovecot.key").write_text(KEY, "ascii")
    gate_port = free_port()
    with (
        open_door("open", gate_port) as dovecot,
        start_gate(GATE + EVENTS.format(port=dovecot.doveadm), port=gate_port) as gate,
    ):
        assert b"* BYE" not in dovecot.speak_after("boris@example.org", known.samsung_id, until="i OK")
        wait_until(lambda: any(each["caller"] == "dovecot_events" for each in gate.decisions()), "the event is decided")
        assert gate.figure("phaseout_gate_kicks_total") == 0
        assert dovecot.sign_in("boris@example.org").startswith("OK")
