"""Dovecot's event exporter (``http-post``): what a client says of itself after the login, as most phones do; see deploy/dovecot.

Nobody waits for the answer. A device that may not be used is thrown out through Dovecot's own HTTP interface, and what it said is
remembered for a short time, for its next login will say nothing again.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, Asked
from phaseout.gate.caller import Caller, NoQuestionError, key_in_query
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.id_readings import readings
from phaseout.gate.operation import Operation, Reply
from phaseout.model.clue import Clue, ClueKind


class EventFields(msgspec.Struct):
    """Of the command that was finished."""

    user: Annotated[str, Meta(examples=["anna@example.org"])] = ""
    remote_ip: Annotated[str, Meta(examples=["192.0.2.7"])] = ""
    cmd_name: Annotated[str, Meta(examples=["ID"])] = ""
    cmd_args: Annotated[str, Meta(examples=['("name" "iPhone Mail" "os" "iOS")'])] = ""


class DovecotEvent(msgspec.Struct):
    """What happened."""

    event: Annotated[str, Meta(examples=["imap_command_finished"])] = ""
    fields: EventFields = msgspec.field(default_factory=EventFields)


_DECODER: Final = msgspec.json.Decoder(DovecotEvent)

_HEARD: Final = Answer(200)


def read(request: Request) -> Asked | Answer:
    """Take the facts from the event of an ID command; other events are heard and left."""
    try:
        told = _DECODER.decode(request.body.decode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        message = "no such JSON"
        raise NoQuestionError(message) from None
    fields = told.fields
    words = fields.cmd_args.strip().removeprefix("(").removesuffix(")")
    if told.event != "imap_command_finished" or fields.cmd_name.upper() != "ID" or not fields.user or '"' not in words:
        return _HEARD
    first, *others = ((Clue(ClueKind.IMAP_ID, each[:LONGEST_CLUE]),) for each in readings(words))
    return Asked(
        caller="dovecot_events",
        door="imap",
        service="mail",
        login=fields.user[:LONGEST_LOGIN],
        clues=first,
        address=fields.remote_ip or None,
        others=tuple(others),
    )


def say(_: Decision) -> Answer:
    """Say that it was heard; Dovecot asks for no more."""
    return _HEARD


OPERATION: Final = Operation(
    "", "A client said this of itself after its login.", (), (Reply(200, "It was heard."),), DovecotEvent
)

CALLER: Final = Caller(
    "dovecot_events", "Dovecot event exporter", read, say, kicks=True, key_of=key_in_query, operations=(OPERATION,)
)
