"""A program: lets atheris look for input that breaks the gate's readers, guided by what code each input reaches.

python tests/gate_fuzz/guided.py -max_total_time=60 FOLDER
"""

from __future__ import annotations

import base64
import json
import sys

import atheris

with atheris.instrument_imports(include=["phaseout.gate", "phaseout.devices.activesync_query", "phaseout.devices.imap_list"]):
    from phaseout.devices.activesync_query import parse_query
    from phaseout.devices.imap_list import id_fields
    from phaseout.gate.activesync_status import refusal
    from phaseout.gate.asked import Asked
    from phaseout.gate.caller import CALLERS, NoQuestionError
    from phaseout.gate.http import Answer, Request
    from phaseout.gate.id_readings import MOST, readings
    from phaseout.gate.words import language_for

    KNOWN = [CALLERS[name] for name in CALLERS.ids]


def packed(data: bytes) -> None:
    """Read a packed ActiveSync query."""
    parse_query(base64.b64encode(b"\x8d\x00\x09\x04" + data).decode())


def text(data: bytes) -> None:
    """Read a text as all that a client may write freely."""
    said = data.decode("utf-8", "replace")
    parse_query(said)
    id_fields(said)
    language_for(said, "en")
    refusal(Request("POST", "/denied/activesync", "", {"x-original-uri": f"/?{said}"}))
    if not 1 <= len(readings(said)) <= MOST:
        raise AssertionError(said)


def headers(data: bytes) -> None:
    """Read headers."""
    parts = [part.decode("latin-1") for part in data.split(b"\n")]
    names = ("x-original-uri", "x-user", "user-agent", "x-original-method", "x-client-cert-verify", "x-client-cert-dn")
    for caller in KNOWN:
        ask(caller.id, Request("GET", f"/{caller.id}/{parts[0]}", "", dict(zip(names, parts[1:], strict=False))))
        ask(caller.id, Request("GET", f"/{caller.id}/activesync", "", dict(zip(names, parts, strict=False))))


def body(data: bytes) -> None:
    """Read a body as it stands, and as a device's ID list in one."""
    said = data.decode("utf-8", "replace")
    wrapped = {"login": "anna", "protocol": "imap", "device_id": said, "event": "imap_command_finished"}
    wrapped_too = wrapped | {"fields": {"user": "anna", "cmd_name": "ID", "cmd_args": said}}
    for caller in KNOWN:
        for each in (data, json.dumps(wrapped_too).encode()):
            ask(caller.id, Request("POST", f"/{caller.id}", "command=allow", {}, each))


def ask(caller: str, request: Request) -> None:
    """Ask a caller's reader; it takes the question, or says that it is none."""
    try:
        found = CALLERS[caller].read(request)
    except NoQuestionError:
        return
    if not isinstance(found, Asked | Answer):
        raise TypeError(found)


TARGETS = (packed, text, headers, body)


def one(data: bytes) -> None:
    """Read one input; its first byte says as what."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
