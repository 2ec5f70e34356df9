"""Dovecot's authentication policy (the protocol of weakforced): JSON in, a status and a message out; see deploy/dovecot.

Dovecot asks ``?command=allow`` after the password was right and tells the end with ``?command=report``. The template turns the
question before the password off: its answer would tell anyone whom the order reaches.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from phaseout.gate.ascii_text import in_ascii
from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, SERVICE_OF, Asked
from phaseout.gate.caller import Caller, NoQuestionError
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.id_readings import readings
from phaseout.gate.operation import Operation, Parameter, Reply, Where
from phaseout.model.clue import Clue, ClueKind

_DOORS: Final = {"imap": "imap", "pop3": "pop3", "smtp": "smtp", "submission": "smtp"}
"""Dovecot's services that are doors to mail; ManageSieve and doveadm are none."""

_OF_POSTFIX: Final = "smtp"
"""What Postfix calls itself when Dovecot checks its passwords; Dovecot's own service for handing in mail is ``submission``.

A mail program takes a refusal there for a wrong password, and asks for another.
"""


class DovecotQuestion(msgspec.Struct):
    """The attributes of the template; Dovecot may send others.

    Attributes:
        login: who, as typed.
        remote: the client's address.
        protocol: Dovecot's service.
        device_id: the words of the IMAP ID list; empty when none came before the login.
        device: what the password database says of the device that the password was made for (``%{passdb:device}``).
    """

    login: Annotated[str, Meta(examples=["anna@example.org"])] = ""
    remote: Annotated[str, Meta(examples=["192.0.2.7"])] = ""
    protocol: Annotated[str, Meta(examples=["imap", "smtp"])] = ""
    device_id: Annotated[str, Meta(examples=['"name" "iPhone Mail" "os" "iOS" "os-version" "16.3 (20D47)"'])] = ""
    device: Annotated[str, Meta(examples=["", "os=android;maker=Samsung"])] = ""


_DECODER: Final = msgspec.json.Decoder(DovecotQuestion)


def read(request: Request) -> Asked | Answer:
    """Take the facts from the JSON."""
    command = request.query
    if command not in {"command=allow", "command=report"}:
        message = "no such command"
        raise NoQuestionError(message)
    try:
        question = _DECODER.decode(request.body.decode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        message = "no such JSON"
        raise NoQuestionError(message) from None
    door = _DOORS.get(question.protocol)
    if command == "command=report" or door is None:
        return _PASS
    given = (Clue(ClueKind.INVENTORY, question.device[:LONGEST_CLUE]),) if question.device else ()
    said = [(Clue(ClueKind.IMAP_ID, each[:LONGEST_CLUE]), *given) for each in readings(question.device_id) if each]
    first, *others = said or [given]
    return Asked(
        caller="dovecot",
        door=door,
        service=SERVICE_OF[door],
        login=question.login[:LONGEST_LOGIN],
        clues=first,
        address=question.remote or None,
        others=tuple(others),
        is_asked_again=question.protocol == _OF_POSTFIX,
    )


def say(decision: Decision) -> Answer:
    """Put the decision into Dovecot's words: -1 refuses, with the message as an IMAP ALERT; 0 lets pass.

    IMAP's texts are ASCII until a client says that it takes more (RFC 3501, section 9; RFC 6855), and before the login none has.
    """
    return _json({"status": -1, "msg": in_ascii(decision.message)}) if decision.refuses else _PASS


def _json(value: object) -> Answer:
    return Answer(200, body=msgspec.json.encode(value), content_type="application/json")


_PASS: Final = _json({"status": 0, "msg": ""})


class DovecotAnswer(msgspec.Struct):
    """What Dovecot does with the login.

    Attributes:
        status: -1 refuses it, 0 lets it pass.
        msg: what the client is told, as an IMAP ALERT; empty when it is let pass.
    """

    status: Literal[-1, 0]
    msg: str


_COMMAND: Final = Parameter(
    "command", "allow asks; report tells the end, and is heard only.", Where.QUERY, ("allow", "report"), is_required=True
)

OPERATION: Final = Operation(
    "",
    "May this person's device be used for this now?",
    (_COMMAND,),
    (Reply(200, "The answer, whatever it is.", (), "application/json", DovecotAnswer),),
    DovecotQuestion,
)

CALLER: Final = Caller("dovecot", "Dovecot authentication policy", read, say, operations=(OPERATION,))
