"""nginx with the gate, by the very files of deploy/nginx, and the same nginx without."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent

CONFIG = """\
daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log error;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 10000000;
    client_body_temp_path {here}/t1; proxy_temp_path {here}/t2; fastcgi_temp_path {here}/t3; uwsgi_temp_path {here}/t4;
    scgi_temp_path {here}/t5;
    {gates}
    upstream mail {{ server 127.0.0.1:{back}; keepalive 64; }}
    proxy_http_version 1.1; proxy_set_header Connection "";
    server {{
        listen 127.0.0.1:{port};
        {door}
        location /SOGo/so/ {{ {webmail} proxy_pass http://mail; }}
        location /SOGo/dav/ {{ {caldav} proxy_pass http://mail; }}
        location /Microsoft-Server-ActiveSync {{ {activesync} proxy_pass http://mail; }}
    }}
    server {{ listen 127.0.0.1:{back}; keepalive_requests 10000000; location / {{ return 200 "mail"; }} }}
}}
"""


def write(here: Path, port: int, back: int, gate: int | None, door: str = "closed") -> Path:
    """Write nginx's configuration.

    Args:
        here: a folder of its own.
        port: at which clients ask.
        back: at which the mail server answers, which is nginx too.
        gate: the gate's port; None leaves the gate out.
        door: which of the doors of deploy/nginx.
    """
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(ROOT / "deploy" / "nginx", here / "phaseout")
    upstream = here / "phaseout" / "gate-upstream.conf"
    text = upstream.read_text("utf-8").replace("127.0.0.1:14001", f"127.0.0.1:{gate or 1}")
    upstream.write_text(text, "utf-8")
    known = here / "phaseout" / "last-known.conf"
    known.write_text(known.read_text("utf-8").replace("/var/lib/nginx/phaseout", f"{here}/cache"), "utf-8")
    parts = dict.fromkeys(("gates", "door", "webmail", "caldav", "activesync"), "")
    if gate is not None:
        protect = "set $phaseout_door {0}; include phaseout/protect{1}.conf;"
        parts = {
            "gates": "include phaseout/gate-upstream.conf; include phaseout/last-known.conf;",
            "door": f"include phaseout/door-{door}.conf;",
            "webmail": protect.format("webmail", ""),
            "caldav": protect.format("caldav", ""),
            "activesync": protect.format("activesync", "-activesync"),
        }
    config = here / "nginx.conf"
    config.write_text(CONFIG.format(here=here, port=port, back=back, **parts), "utf-8")
    return config
