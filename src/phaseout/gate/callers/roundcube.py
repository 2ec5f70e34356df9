"""Roundcube's plugin: JSON in, JSON out; see deploy/roundcube.

It asks after the login, when Roundcube knows the person, and again while the session is open. What is told comes in the language
of the browser, whose ``Accept-Language`` the plugin hands on.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, SERVICE_OF, Asked
from phaseout.gate.caller import Caller, NoQuestionError
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.letter import Letter
from phaseout.gate.operation import Operation, Parameter, Reply
from phaseout.model.clue import Clue, ClueKind

_DOOR: Final = "webmail"


class RoundcubeQuestion(msgspec.Struct):
    """What the plugin says.

    Attributes:
        login: who signed in.
        agent: the browser's own word of itself.
        address: the browser's, as Roundcube sees it.
    """

    login: Annotated[str, Meta(examples=["anna@example.org"])]
    agent: Annotated[str, Meta(examples=["Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Mobile/15E148"])] = ""
    address: Annotated[str, Meta(examples=["192.0.2.7"])] = ""


_DECODER: Final = msgspec.json.Decoder(RoundcubeQuestion)


def read(request: Request) -> Asked:
    """Take the facts from the JSON."""
    try:
        question = _DECODER.decode(request.body.decode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError):
        message = "no such JSON"
        raise NoQuestionError(message) from None
    return Asked(
        caller="roundcube",
        door=_DOOR,
        service=SERVICE_OF[_DOOR],
        login=question.login[:LONGEST_LOGIN],
        clues=(Clue(ClueKind.USER_AGENT, question.agent[:LONGEST_CLUE]),) if question.agent else (),
        address=question.address or None,
    )


class RoundcubeAnswer(msgspec.Struct):
    """What the plugin does.

    Attributes:
        refused: whether the session ends.
        decision: the decision's id.
        clause: that decided; this and the next two only when there is something to tell the person.
        line: for a message that goes away.
        letter: for a page.
    """

    refused: bool
    decision: str
    clause: str | UnsetType = UNSET
    line: str | UnsetType = UNSET
    letter: Letter | UnsetType = UNSET


def say(decision: Decision) -> Answer:
    """Say no more than whether the device is refused: there is nothing to tell."""
    return _json(RoundcubeAnswer(decision.refuses, decision.id))


def tell(decision: Decision, letter: Letter) -> Answer:
    """Put the decision into the plugin's words: a line for a message that goes away, and the letter for a page."""
    clause = decision.outcome.clause
    return _json(
        RoundcubeAnswer(decision.refuses, decision.id, clause.id if clause else "", f"{letter.reason} [{decision.id}]", letter)
    )


def _json(told: RoundcubeAnswer) -> Answer:
    return Answer(200, body=msgspec.json.encode(told), content_type="application/json")


OPERATION: Final = Operation(
    "",
    "May this person's browser be used for webmail now?",
    (Parameter("Accept-Language", "The browser's, to choose the letter's language by.", example="ru, en;q=0.5"),),
    (Reply(200, "The answer, whatever it is.", (), "application/json", RoundcubeAnswer),),
    RoundcubeQuestion,
)

CALLER: Final = Caller("roundcube", "Roundcube plugin", read, say, tell=tell, operations=(OPERATION,))
