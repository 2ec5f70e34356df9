"""A program: lets atheris look for input that breaks the gate's readers, guided by what code each input reaches.

python tests/gate_fuzz/guided.py -max_total_time=60 FOLDER
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from contextlib import suppress
from typing import Any
from zoneinfo import ZoneInfo

import atheris

with atheris.instrument_imports(include=["phaseout.gate", "phaseout.bundle", "phaseout.devices"]):
    from phaseout.bundle.content import NoContentError, decode
    from phaseout.bundle.seal import unseal
    from phaseout.devices.activesync_query import parse_query
    from phaseout.devices.identify import identify
    from phaseout.devices.imap_list import id_fields
    from phaseout.gate.activesync_status import refusal
    from phaseout.gate.ascii_text import in_ascii
    from phaseout.gate.asked import Asked
    from phaseout.gate.caller import CALLERS, NoQuestionError
    from phaseout.gate.http import Answer, Connections, Request
    from phaseout.gate.id_readings import MOST, readings
    from phaseout.gate.kick import outcome_of
    from phaseout.gate.lookup import told
    from phaseout.gate.record import record_of
    from phaseout.gate.settings import Limits
    from phaseout.gate.words import language_for
    from phaseout.model.clue import Clue, ClueKind
    from phaseout.model.fault import FaultsError

    KNOWN = [CALLERS[name] for name in CALLERS.ids]

LINE = (
    b'{"id":"K7Q4MX-2F","at":"2020-10-25T00:00:00Z","caller":"nginx","cost_us":5.0,"door":"imap","service":"mail",'
    b'"action":"use","login":"REPLACED","clues":{"imap_id":"REPLACED"},"grade":"claimed","verdict":"violation",'
    b'"effect":"block","reason":"It is one.","bundle":"00"}'
)
"""A line of a decision log."""


def packed(data: bytes) -> None:
    """Read a packed ActiveSync query."""
    parse_query(base64.b64encode(b"\x8d\x00\x09\x04" + data).decode())


def text(data: bytes) -> None:
    """Read a text as all that a client may write freely."""
    said = data.decode("utf-8", "replace")
    parse_query(said)
    id_fields(said)
    language_for(said, "en")
    if not in_ascii(said).isascii():
        raise AssertionError(said)
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


class Wire(asyncio.Transport):
    """What a connection writes to."""

    def __init__(self) -> None:
        super().__init__()
        self.said = b""
        self.closed = False

    def write(self, data: Any) -> None:  # noqa: ANN401 - bytes of any kind
        if self.closed:
            raise AssertionError(data)
        self.said += bytes(data)

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed


def http(data: bytes) -> None:
    """Read bytes as what comes over a connection, in two parts."""
    wire, refused = Wire(), list[str]()
    connection = Connections(Limits(head=512, body=512), lambda _: Answer(200), refused.append).connection()
    connection.connection_made(wire)
    cut = data[0] if data else 0
    for part in (data[1:cut], data[max(cut, 1) :]):
        connection.data_received(part)
    if b"HTTP/1.1 5" in wire.said or len(refused) > 1 or (refused and not wire.closed):
        raise AssertionError(wire.said, refused)


def logged(data: bytes) -> None:
    """Read a line as one of a decision log, and tell it to the help desk."""
    for line in (data, LINE.replace(b"REPLACED", data), LINE.replace(b"2020-10-25T00:00:00Z", data)):
        record = record_of(line)
        if record is None:
            continue
        "".join(told(record, ZoneInfo("America/New_York")))
        with suppress(ValueError):
            record.asked  # noqa: B018 - reads it


def bundle(data: bytes) -> None:
    """Read bytes as a bundle, and as a content that somebody trusted has signed."""
    with suppress(FaultsError):
        unseal(data, "gate.bundle", ())
    with suppress(FaultsError):
        unseal(b"phaseout bundle 1\n" + data, "gate.bundle", ())
    with suppress(NoContentError):
        decode(data)


def doveadm(data: bytes) -> None:
    """Read bytes as doveadm's answer."""
    with suppress(ValueError):
        outcome_of(data)


def clue(data: bytes) -> None:
    """Read a text as what a client says of itself; the first byte says in which way."""
    kinds = tuple(ClueKind)
    if data:
        identify(Clue(kinds[data[0] % len(kinds)], data[1:].decode("utf-8", "replace")))


def wire(data: bytes) -> None:
    """Read what comes on a connection whose protocol is not HTTP: as it stands, and as values of what is known."""
    names = (b"sasl_username", b"helo_name", b"ccert_subject", b"client_address", b"policy_context", b"protocol_state")
    pairs = zip(names, data.split(b"\n"), strict=False)
    known = b"request=smtpd_access_policy\n" + b"".join(name + b"=" + value + b"\n" for name, value in pairs) + b"\n"
    for caller in KNOWN:
        if caller.wire is None:
            continue
        for each in (data, known, known + data):
            came = bytearray(each)
            while length := caller.wire.cut(came):
                ask(caller.id, caller.wire.request(bytes(came[:length])))
                del came[:length]


def ask(caller: str, request: Request) -> None:
    """Ask a caller's reader; it takes the question, or says that it is none."""
    try:
        found = CALLERS[caller].read(request)
    except NoQuestionError:
        return
    if not isinstance(found, Asked | Answer):
        raise TypeError(found)


TARGETS = (packed, text, headers, body, http, logged, bundle, doveadm, clue, wire)


def one(data: bytes) -> None:
    """Read one input; its first byte says as what."""
    if data:
        TARGETS[data[0] % len(TARGETS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
