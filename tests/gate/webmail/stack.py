"""Roundcube as Debian packages it, behind nginx and php-fpm, before a Dovecot, with the very plugin of deploy/roundcube."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dovecot import running_dovecot
from gate import KEY
from nginx import running_nginx
from programs import ROOT, free_port, missing, program, rendered, running

SHARE = Path("/usr/share/roundcube")
PUBLIC = Path("/var/lib/roundcube/public_html")
DEFAULTS = Path("/etc/roundcube/defaults.inc.php")
USERS = ("anna@example.org", "boris@example.org", "vera@example.org", "gleb@example.org")

DOVECOT = """
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
"""
"""Nobody waits after a wrong password."""

NGINX = """
    include /etc/nginx/mime.types;
    server {{
        listen 127.0.0.1:{web};
        root {here}/public_html;
        index index.php;
        location ~ \\.php$ {{
            include /etc/nginx/fastcgi.conf;
            fastcgi_pass 127.0.0.1:{php};
        }}
    }}
"""

PHP = """
[global]
error_log = {here}/php.log
daemonize = no
[roundcube]
{user}
listen = 127.0.0.1:{php}
pm = static
pm.max_children = 3
catch_workers_output = yes
php_admin_value[opcache.revalidate_freq] = 0
php_admin_value[session.save_path] = {here}/temp
"""

ROUNDCUBE = """<?php
$config = [
    'db_dsnw' => 'sqlite:///{here}/db/roundcube.db?mode=0600',
    'imap_host' => '127.0.0.1:{imap}',
    'smtp_host' => '127.0.0.1:1',
    'des_key' => 'tests-0123456789abcdefgh',
    'product_name' => 'Work mail',
    'plugins' => ['phaseout'],
    'skin' => 'elastic',
    'enable_spellcheck' => false,
    'refresh_interval' => 2,
    'min_refresh_interval' => 1,
    'log_dir' => '{here}/logs/',
    'temp_dir' => '{here}/temp/',
    'log_logins' => true,
];
"""


@dataclass(frozen=True)
class Stack:
    """A running Roundcube.

    Attributes:
        here: its folder.
        web: the port that browsers open.
        gate: the port at which its plugin asks; nobody listens there unless a test starts a gate.
    """

    here: Path
    web: int
    gate: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}/"

    def choose(self, without_gate: str, seconds: int = 60, milliseconds: int = 5000) -> None:
        """Write the plugin's configuration, as an operator does who copies the file that deploy/ has.

        Args:
            without_gate: what happens when the gate has no opinion.
            seconds: after which an open session is asked about again.
            milliseconds: for which an answer is waited for; more than an operator's, for a busy machine must not fail a test.
        """
        file = self.here / "plugins" / "phaseout" / "config.inc.php"
        new = file.with_suffix(".new")
        shutil.copy(ROOT / "deploy" / "roundcube" / "phaseout" / "config.inc.php.dist", new)
        rendered(new, "127.0.0.1:14001", f"127.0.0.1:{self.gate}")
        rendered(new, "put-the-key-of-callers.roundcube-here", KEY)
        rendered(new, "_without_gate'] = 'open'", f"_without_gate'] = '{without_gate}'")
        rendered(new, "_seconds'] = 60", f"_seconds'] = {seconds}")
        rendered(new, "_milliseconds'] = 300", f"_milliseconds'] = {milliseconds}")
        new.replace(file)

    def signed_in(self) -> list[str]:
        """Return the logins to which Dovecot has given way."""
        lines = (self.here / "dovecot.log").read_text("utf-8").splitlines()
        return [line.partition("user=<")[2].partition(">")[0] for line in lines if "Login: " in line]

    def errors(self) -> str:
        """Return what Roundcube and PHP wrote down of things that went wrong."""
        files = (self.here / "logs" / "errors.log", self.here / "php.log", self.here / "error.log")
        return "".join(file.read_text("utf-8") for file in files if file.exists())


@contextmanager
def roundcube(here: Path) -> Iterator[Stack]:
    """Run Roundcube and all that it needs until the block ends.

    Args:
        here: an empty folder that every account can enter, with a name short enough for sockets.
    """
    if not SHARE.joinpath("index.php").exists() or not DEFAULTS.exists():
        missing("Debian's package roundcube-core is not installed")
    php_fpm = program("php-fpm php-fpm8.2 php-fpm8.4", "php-fpm")
    imap, php = free_port(), free_port()
    stack = Stack(here, free_port(), free_port())
    _install(here, imap)
    stack.choose("open")
    user = "user = www-data" if os.geteuid() == 0 else ""
    (here / "php-fpm.conf").write_text(PHP.format(here=here, php=php, user=user), "utf-8")
    with (
        running_dovecot(here, imap, USERS, DOVECOT),
        running([php_fpm, "--nodaemonize", "--fpm-config", here / "php-fpm.conf"], here / "php.said", php),
        running_nginx(here, stack.web, NGINX.format(here=here, web=stack.web, php=php)),
    ):
        yield stack


def _install(here: Path, imap: int) -> None:
    """Lay Roundcube out as Debian does in /var/lib/roundcube, with folders of its own where it writes."""
    shutil.copytree(PUBLIC, here / "public_html", symlinks=True)
    for name in ("program", "skins", "SQL", "index.php"):
        (here / name).symlink_to(SHARE / name)
    for name in ("config", "plugins", "logs", "temp", "db"):
        (here / name).mkdir()
    for name in ("jqueryui", "filesystem_attachments"):
        (here / "plugins" / name).symlink_to(SHARE / "plugins" / name)
    shutil.copytree(ROOT / "deploy" / "roundcube" / "phaseout", here / "plugins" / "phaseout")
    (here / "config" / "defaults.inc.php").symlink_to(DEFAULTS)
    (here / "config" / "mimetypes.php").symlink_to(DEFAULTS.with_name("mimetypes.php"))
    (here / "config" / "config.inc.php").write_text(ROUNDCUBE.format(here=here, imap=imap), "utf-8")
    database = here / "db" / "roundcube.db"
    script = "$db = new PDO($argv[1]); $db->exec(file_get_contents($argv[2]));"
    command = [program("php", "php-cli"), "-r", script, f"sqlite:{database}", SHARE / "SQL" / "sqlite.initial.sql"]
    subprocess.run(command, check=True)
    if os.geteuid() == 0:
        web = pwd.getpwnam("www-data")
        for place in (here / "logs", here / "temp", here / "db", database):
            os.chown(place, web.pw_uid, web.pw_gid)
