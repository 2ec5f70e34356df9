"""Dovecot for whom it is given, with what a test adds to its configuration, and one sign-in there."""

from __future__ import annotations

import grp
import os
import pwd
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from programs import LONGEST, program, running

PASSWORD = "right-1"  # noqa: S105 - of invented people

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
"""


def mail_account() -> tuple[int, int]:
    """Return the user and the group that the mail belongs to: nobody's when root starts the server, else who starts it."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _accounts() -> dict[str, object]:
    """Return as whom the server's parts run: as Debian sets it up when root starts it, else all as who starts it."""
    uid, gid = mail_account()
    if os.geteuid() == 0:
        names = {"internal": "dovecot", "group": "dovecot", "login": "dovenull", "chroot": ""}
    else:
        me, mine = pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name
        names = {"internal": me, "group": mine, "login": me, "chroot": "chroot ="}
    return {**names, "uid": uid, "gid": gid}


@contextmanager
def running_dovecot(
    here: Path, port: int, users: Iterable[str], more: str = "", *,
    fields: Mapping[str, str] | None = None, env: Mapping[str, str] | None = None,
) -> Iterator[None]:  # fmt: skip
    """Run Dovecot until the block ends; all its users have the same password.

    Args:
        here: a folder that every account can enter, with a name short enough for sockets; it takes ``dovecot.log``, and
            each user's mail in a folder of ``mail``.
        port: where it listens for IMAP.
        users: their logins.
        more: settings beside the usual; Dovecot joins sections of the same name, and of two values the later counts.
        fields: what the passwords' file says of a user besides, such as ``device=os=android``.
        env: variables beside those that it inherits.
    """
    command: list[str | Path] = [program("dovecot", "dovecot-imapd"), "-F", "-c", here / "dovecot.conf"]
    (here / "mail").mkdir()
    os.chown(here / "mail", *mail_account())
    lines = (f"{user}:{{PLAIN}}{PASSWORD}::::::{(fields or {}).get(user, '')}\n" for user in users)
    (here / "users").write_text("".join(lines), "utf-8")
    (here / "dovecot.conf").write_text(CONFIG.format(here=here, port=port, **_accounts()) + more, "utf-8")
    with running(command, here / "dovecot.said", port, env=env):
        yield


def sign_in(port: int, user: str, imap_id: str = "", password: str = PASSWORD, address: str = "127.0.0.2") -> str:
    """Say an ID where there is one, sign in, and return what Dovecot says to that.

    Args:
        port: where it listens.
        user: the login.
        imap_id: the list of names and values, without its brackets.
        password: right or wrong.
        address: that the client comes from.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST, source_address=(address, 0)) as wire:
        stream, said = wire.makefile("rwb"), ""
        assert stream.readline().startswith(b"* OK")
        for tag, line in ((("i", f"ID ({imap_id})"),) if imap_id else ()) + (("l", f'LOGIN "{user}" "{password}"'),):
            stream.write(f"{tag} {line}\r\n".encode())
            stream.flush()
            while not (said := stream.readline().decode()).startswith(f"{tag} "):
                assert said, "the server went away"
        return said.removeprefix("l ").strip()
