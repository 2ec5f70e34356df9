"""nginx with the very files of deploy/nginx before a mail server, for the tests that stand in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nginx import deployed, running_nginx
from programs import free_port

from .web_door import EAS, WebDoor

GATE = '[callers.nginx]\nkeys = ["nginx.key"]\n[texts]\ncontact = "it@example.org"\n'

HTTP = """
    include phaseout/gate-upstream.conf;
    include phaseout/last-known.conf;
    server {{
        listen 127.0.0.1:{port};
        include phaseout/door-{door}.conf;
        location /mail/ {{
            set $phaseout_door webmail;
            include phaseout/protect.conf;
            add_header X-Work-Device-Notice $phaseout_reason always;
            proxy_pass http://127.0.0.1:{back};
        }}
        location /mail/private/ {{
            set $phaseout_door webmail;
            include phaseout/protect.conf;
            deny all;
        }}
        location /SOGo {{
            set $phaseout_door webmail/sogo;
            include phaseout/protect.conf;
            proxy_pass http://127.0.0.1:{back};
        }}
        location {eas} {{
            set $phaseout_door activesync;
            include phaseout/protect-activesync.conf;
            proxy_pass http://127.0.0.1:{back};
        }}
    }}
    server {{
        listen 127.0.0.1:{back};
        access_log {here}/back.log;
        location / {{ return 200 "mail"; }}
        location /mail/forbidden {{ return 403 "the mail server's own"; }}
    }}
"""


@dataclass
class NginxDoor(WebDoor):
    """nginx before a mail server."""

    here: Path

    def reached(self) -> int:
        """How many requests the mail server got."""
        return len((self.here / "back.log").read_text("utf-8").splitlines())


@contextmanager
def opened(folder: Path, door: str, *gates: int, prepare: Callable[[Path], object] = lambda _: None) -> Iterator[NginxDoor]:
    """Run nginx until the block ends.

    Args:
        folder: takes one of nginx's own.
        door: open, closed or last-known.
        gates: the ports of one gate or of two.
        prepare: is given the copy of deploy/nginx before nginx starts.
    """
    here, port, back = folder / "nginx", free_port(), free_port()
    prepare(deployed(here, *gates))
    with running_nginx(here, port, HTTP.format(here=here, port=port, back=back, door=door, eas=EAS)):
        yield NginxDoor(port, here)
