"""nginx: the head of a configuration around what a test serves, and the files of deploy/nginx as an operator fills them in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gate import KEY
from programs import ROOT, program, rendered, running

CONFIG = """
daemon off;
master_process off;
pid {here}/nginx.pid;
error_log {here}/error.log info;
events {{ }}
http {{
    client_body_temp_path {here}/t1; proxy_temp_path {here}/t2; fastcgi_temp_path {here}/t3; uwsgi_temp_path {here}/t4;
    scgi_temp_path {here}/t5;
    access_log off;
{http}
}}
"""


def configured(here: Path, http: str) -> list[str | Path]:
    """Write a configuration, and return the command that runs it in the foreground.

    Args:
        here: its folder; all that it includes by name and all that it writes is there, the errors in ``error.log``.
        http: what its block of that name has; where this does not say so, nothing is written of what is asked.
    """
    (here / "nginx.conf").write_text(CONFIG.format(here=here, http=http), "utf-8")
    return [program("nginx", "nginx-light"), "-p", here, "-c", here / "nginx.conf", "-e", here / "error.log"]


@contextmanager
def running_nginx(here: Path, port: int, http: str, *, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """Run nginx until the block ends.

    Args:
        here: its folder.
        port: that one of its servers listens at.
        http: what its block of that name has.
        env: variables beside those that it inherits.
    """
    with running(configured(here, http), here / "nginx.said", port, env=env):
        yield


def deployed(here: Path, gate: int, *more: int) -> Path:
    """Lay the files of deploy/nginx out in nginx's folder as ``phaseout``, and return theirs.

    Args:
        here: nginx's folder.
        gate: the port of the gate.
        more: that of a second, where there is one.
    """
    files = here / "phaseout"
    shutil.copytree(ROOT / "deploy" / "nginx", files)
    rendered(files / "gate-upstream.conf", "127.0.0.1:14001", f"127.0.0.1:{gate}")
    for second in more:
        rendered(files / "gate-upstream.conf", "# server 127.0.0.1:14002", f"server 127.0.0.1:{second}")
    rendered(files / "last-known.conf", "/var/lib/nginx/phaseout", str(here / "cache"))
    rendered(files / "key.conf", "put-the-key-of-callers.nginx-here", KEY)
    return files
