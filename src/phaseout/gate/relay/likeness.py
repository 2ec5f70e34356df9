"""Which questions are alike, so that the last answer to one holds for the other; and which answers are decisions."""

from __future__ import annotations

from hashlib import blake2b
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from phaseout.devices.activesync_query import parse_query
from phaseout.gate.asked import Asked
from phaseout.gate.caller import Caller
from phaseout.gate.http import Answer, Request

_DIGEST: Final = 16
"""Bytes by which a question is known."""

TOO_LARGE: Final = frozenset({HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE})
"""How a gate refuses a question for its size, which a client may choose: that must not bring an older decision back."""


class Likeness(NamedTuple):
    """What a question is known by.

    Attributes:
        facts: the same for all questions about the same facts, which have one answer.
        words: the same for those that are to be told in the same words, too; None where there is but one way to tell.
    """

    facts: bytes
    words: bytes | None


def likeness(caller: Caller, asked: Asked, request: Request) -> Likeness:
    """Return what a question is known by.

    Of a web request's path nothing counts but what the caller reads of it, so that a page that nobody has opened before is no
    new question. The key counts, for a gate would answer nobody who shows another.

    Args:
        caller: whose question it is.
        asked: what is asked.
        request: in which form.
    """
    told = (caller.id, caller.key_of(request), tuple(asked))
    words = None
    if caller.target_of and asked.door == "activesync":  # refused in the words of the command
        query = parse_query(caller.target_of(request).partition("?")[2])
        words = query.command if query else None
    elif caller.target_of:  # with ``tell`` the words have the yes or no in them, and older ones may say another
        words = request.headers.get("accept-language", "")
    return Likeness(_digest(told), None if words is None else _digest((*told, words)))


def _digest(told: tuple[object, ...]) -> bytes:
    return blake2b(repr(told).encode("utf-8", "backslashreplace"), digest_size=_DIGEST).digest()


def is_last_word(caller: Caller, answer: Answer) -> bool:
    """Whether an answer leaves nothing to look up or to ask elsewhere: it is a decision, or none can be had for this question.

    Args:
        caller: that asked.
        answer: of whoever listens where a gate should.
    """
    return is_decision(caller, answer) or (caller.wire is None and answer.status in TOO_LARGE)


def is_decision(caller: Caller, answer: Answer) -> bool:
    """Whether an answer is one that the caller's gate gives when it decides, by what the caller states of those.

    Args:
        caller: that asked.
        answer: of whoever listens where a gate should.
    """
    if caller.wire is not None:
        return answer.status == HTTPStatus.OK and answer.body.startswith(caller.wire.begins)
    replies = (reply for operation in caller.operations for reply in operation.replies)
    reply = next((each for each in replies if each.status == answer.status), None)
    if reply is None:
        return False
    told = {name.lower() for name, _ in answer.headers}
    if any(header.is_required and header.name.lower() not in told for header in reply.headers):
        return False
    return reply.body is None or _fits(answer.body, reply.body)


def _fits(body: bytes, shape: type) -> bool:
    try:
        msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
