"""Postfix's policy delegation (``check_policy_service``): attributes in, an action out; see deploy/postfix.

Not HTTP: ``name=value`` lines, an empty one behind the last, any number of questions on one connection. Postfix takes a
connection that ends without an answer for no opinion, and does what its ``default_action`` says.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from phaseout.gate.ascii_text import in_ascii
from phaseout.gate.asked import LONGEST_CLUE, LONGEST_LOGIN, Asked
from phaseout.gate.caller import Caller, NoQuestionError
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.wire import Wire
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.effect import Effect

LONGEST_TEXT: Final = 300
"""Characters of a text before the decision's id: a line of SMTP has 512 bytes, and Postfix's own words stand before it."""

_ESCAPED: Final = re.compile(r"(?:\+[0-9A-Fa-f]{2})+")
"""What Postfix writes for characters of a certificate's name that might be mistaken (xtext, RFC 3461)."""

_SPECIAL: Final = re.compile(r'([,+"\\<>;=]|^[ #]| $)')
"""What must be escaped in a name of a certificate (RFC 4514)."""


def cut(came: bytearray) -> int:
    """Return the length of the first question, with the empty line behind it; 0 while that has not come."""
    if came.startswith(b"\n"):
        return 1
    return came.find(b"\n\n") + 2 if b"\n\n" in came else 0


def request(question: bytes) -> Request:
    """Put the attributes into the place of headers.

    ``policy_context`` is the only attribute that the operator writes; it has the place of the API key.
    """
    pairs = (line.partition("=") for line in question.decode("utf-8", "replace").split("\n"))
    told = {name: value for name, mark, value in pairs if mark}
    told["x-api-key"] = told.get("policy_context", "")
    return Request("", "", "", told)


def read(asked: Request) -> Asked | Answer:
    """Take the facts from the attributes."""
    told = asked.headers
    if told.get("request") != "smtpd_access_policy":
        message = "no policy request"
        raise NoQuestionError(message)
    login = told.get("sasl_username", "")
    if not login:
        return _PASS
    clues = []
    # The name of a certificate comes only when Postfix trusts who signed it; the fingerprint comes of any.
    if name := _unescaped(told.get("ccert_subject", "")):
        clues.append(Clue(ClueKind.CERTIFICATE, ("CN=" + _SPECIAL.sub(r"\\\1", name))[:LONGEST_CLUE]))
    if greeting := told.get("helo_name", ""):
        clues.append(Clue(ClueKind.EHLO, greeting[:LONGEST_CLUE]))
    address = told.get("client_address", "")
    return Asked(
        caller="postfix",
        door="smtp",
        service="mail",
        login=login[:LONGEST_LOGIN],
        clues=tuple(clues),
        address=None if address in _NOWHERE else address,
    )


_NOWHERE: Final = frozenset({"", "unknown"})


def say(decision: Decision) -> Answer:
    """Put the decision into an action of Postfix's access tables.

    SMTP has no place for a notice to the sender of a mail that is taken, and a header would tell the recipients instead; so a
    warning stands in Postfix's log alone.
    """
    effect = decision.outcome.effect
    if effect is Effect.ALLOW:
        return _PASS
    return _action(f"{_ACTIONS[effect]} {_text(decision.text)} [{decision.id}]")


_ACTIONS: Final = {Effect.WARN: "WARN", Effect.QUARANTINE: "HOLD", Effect.BLOCK: "554 5.7.1"}


@lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """Return a text as a line of SMTP can carry it: in ASCII, for Postfix does not tell whether the client takes more."""
    told = in_ascii(text)
    return told if len(told) <= LONGEST_TEXT else f"{told[: LONGEST_TEXT - 3].rstrip()}..."


def _unescaped(name: str) -> str:
    """Return a certificate's name as it stands in the certificate."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[0].replace("+", "")).decode("utf-8", "replace"), name)


def _action(text: str) -> Answer:
    return Answer(200, body=_BEGINS + f"{text}\n\n".encode())


_BEGINS: Final = b"action="


_PASS: Final = _action("DUNNO")

CALLER: Final = Caller("postfix", "Postfix policy delegation", read, say, wire=Wire(cut, request, _BEGINS), is_mute=True)
