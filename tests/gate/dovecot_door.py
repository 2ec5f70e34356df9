"""Dovecot with the very files of deploy/dovecot, for the tests that sign in there."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dovecot import PASSWORD, running_dovecot, sign_in
from gate import KEY
from programs import LONGEST, ROOT, free_port, rendered, short_folder

GATE = '[callers.dovecot]\nkeys = ["dovecot.key"]\n[texts]\ncontact = "it@example.org"\n'
USERS = ("anna@example.org", "boris@example.org", "vera@example.org", "gleb@example.org")
FIELDS = {"gleb@example.org": "device=os=android;maker=Samsung"}
"""A password that was made for one device."""

ASKED_AT = {"open": "127.0.0.1:14001", "closed": "127.0.0.1:14001", "last-known": "127.0.0.1:14011"}
"""Where each door asks, as deploy has it: a gate, or the relay before it."""

INCLUDES = "!include phaseout.conf\n!include phaseout-{door}.conf\n!include phaseout-events.conf\n"


@dataclass
class DovecotDoor:
    """Dovecot.

    Attributes:
        port: where people sign in.
        here: its folder.
        doveadm: where the gate can have sessions ended.
    """

    port: int
    here: Path
    doveadm: int

    def sign_in(self, user: str, imap_id: str = "", password: str = PASSWORD, address: str = "127.0.0.2") -> str:
        """Say an ID, sign in, and return what the server says to that."""
        return sign_in(self.port, user, imap_id, password, address)

    def speak_after(self, user: str, imap_id: str, *, until: str, address: str = "127.0.0.2") -> bytes:
        """Sign in, say an ID, and return what the server says until a word comes or it hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST, source_address=(address, 0)) as wire:
            said = b""
            for line in (f'l LOGIN "{user}" "{PASSWORD}"', f"i ID ({imap_id})"):
                wire.sendall(f"{line}\r\n".encode())
                while f"{line[0]} OK".encode() not in said:
                    said += wire.recv(4096)
            while until.encode() not in said:
                if not (more := wire.recv(4096)):
                    break
                said += more
            return said


@contextmanager
def opened(door: str, gate_port: int, prepare: Callable[[Path], object] = lambda _: None) -> Iterator[DovecotDoor]:
    """Run Dovecot until the block ends.

    Args:
        door: open, closed or last-known.
        gate_port: where it asks.
        prepare: is given the folder with the copy of deploy/dovecot before Dovecot starts.
    """
    with short_folder() as here:
        for file in (ROOT / "deploy" / "dovecot").glob("phaseout*.*"):
            shutil.copy(file, here)
            (here / file.name).chmod(0o600 if file.suffix == ".key" else 0o644)
        port, doveadm = free_port(), free_port()
        for name, placeholder, value in (
            (f"phaseout-{door}.conf", ASKED_AT[door], f"127.0.0.1:{gate_port}"),
            ("phaseout.key", "put-the-key-of-callers.dovecot-here", KEY),
            ("phaseout-events.key", "127.0.0.1:14001", f"127.0.0.1:{gate_port}"),
            ("phaseout-events.key", "put-the-key-of-callers.dovecot_events-here", KEY),
            ("phaseout-events.key", "put-the-key-of-doveadm-here", KEY),
            ("phaseout-events.conf", "port = 10880", f"port = {doveadm}"),
        ):
            rendered(here / name, placeholder, value)
        prepare(here)
        with running_dovecot(here, port, USERS, INCLUDES.format(door=door), fields=FIELDS):
            yield DovecotDoor(port, here, doveadm)
