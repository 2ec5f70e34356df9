"""Ten thousand random requests through nginx with the files of deploy/nginx, and through the judge: each answer is right."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from nginx import deployed, running_nginx
from programs import free_port

from .questions import hardest, is_refused, judged, web

Gate = Serving = Any  # what conftest gives; tests can't import from it

REQUESTS, BATCH = 10_000, 100
"""All over one connection, so that the log has them in their order; so many at once are on their way."""

HTTP = """
    include phaseout/gate-upstream.conf;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port};
        include phaseout/door-closed.conf;
        location /webmail/ {{ set $phaseout_door webmail; include phaseout/protect.conf; proxy_pass http://127.0.0.1:{back}; }}
        location /caldav/ {{ set $phaseout_door caldav; include phaseout/protect.conf; proxy_pass http://127.0.0.1:{back}; }}
        location /carddav/ {{ set $phaseout_door carddav; include phaseout/protect.conf; proxy_pass http://127.0.0.1:{back}; }}
        location /Microsoft-Server-ActiveSync {{
            set $phaseout_door activesync;
            include phaseout/protect-activesync.conf;
            proxy_pass http://127.0.0.1:{back};
        }}
    }}
    server {{
        listen 127.0.0.1:{back};
        location / {{ return 200 "mail"; }}
    }}
"""


@pytest.fixture
def nginx(gate: Gate, tmp_path: Path) -> Iterator[int]:
    """Run nginx before the gate."""
    here, port = tmp_path / "nginx", free_port()
    deployed(here, gate.port)
    with running_nginx(here, port, HTTP.format(port=port, back=free_port())):
        yield port


def answer(stream: BinaryIO) -> tuple[int, bytes]:
    """Read one answer of a connection that stays open."""
    status, length = int(stream.readline().split()[1]), 0
    while (line := stream.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
        assert name.lower() != b"transfer-encoding"
    return status, stream.read(length)


def test_gate_and_judge_agree_behind_nginx(gate: Gate, nginx: int, serving: Serving) -> None:
    chance = random.Random(21)  # noqa: S311 - made-up traffic, no secret
    requests = [web(chance, through_nginx=True) for _ in range(REQUESTS)]
    answers = []
    with socket.create_connection(("127.0.0.1", nginx), timeout=20) as wire, wire.makefile("rb") as stream:
        for start in range(0, REQUESTS, BATCH):
            wire.sendall(b"".join(each.wire for each in requests[start : start + BATCH]))
            answers += [answer(stream) for _ in range(BATCH)]
    records = [json.loads(line) for line in gate.log.read_text("utf-8").splitlines()]
    assert len(records) == REQUESTS
    seen = set()
    for request, record, (status, body) in zip(requests, records, answers, strict=True):
        said = judged(serving, request, datetime.fromisoformat(record["at"]))
        assert (record["login"], record["door"], record["action"]) == (request.login, request.door, request.action.value)
        assert (record["verdict"], record.get("clause")) == hardest(said), (request, record)
        if not is_refused(said):
            assert (status, body) == (200, b"mail"), (request, record)
        elif request.door == "activesync" and request.command != "SendMail":
            assert (status, body[-6:]) == (200, b"129\0\1\1"), (request, record)
        elif request.door == "activesync":
            assert (status, body) == (403, b""), (request, record)
        else:
            assert status == 403, (request, record)
            assert record["id"].encode() in body, (request, record)
        seen.add((request.door, record["verdict"], record["effect"], status))
    assert len(seen) >= 20, "the requests reach every corner"
