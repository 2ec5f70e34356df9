"""A caller: one protocol in which mail servers ask. One file each in ``callers``.

Its id is the first part of the path; of a protocol other than HTTP, the word before the place where it is listened for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from phaseout.catalogue import Catalogue
from phaseout.gate.asked import Asked
from phaseout.gate.decision import Decision
from phaseout.gate.http import Answer, Request
from phaseout.gate.letter import Letter
from phaseout.gate.operation import Operation
from phaseout.gate.wire import Wire


class NoQuestionError(ValueError):
    """A request is not what its protocol asks.

    Args:
        reason: a few fixed words, for it becomes a label of the metrics.
        door: what stood in the place of the door, where it is that which is wrong.
    """

    def __init__(self, reason: str, door: str | None = None) -> None:
        """Say why."""
        super().__init__(reason)
        self.door: Final = door


NO_OPINION: Final = Answer(503, (("Retry-After", "5"),))
"""What all of them take as no answer at all."""


def key_in_header(request: Request) -> str:
    """Return the API key of a caller that sets ``X-API-Key`` itself."""
    return request.headers.get("x-api-key", "")


def key_in_query(request: Request) -> str:
    """Return the API key of a caller that can set no header: there the address that it asks at has ``key=…``."""
    return query_part(request, "key")


def query_part(request: Request, name: str) -> str:
    """Return the first of a name's values in the query, as it was sent; empty when there is none."""
    parts = (part.partition("=") for part in request.query.split("&"))
    return next((value for key, _, value in parts if key == name), "")


class Caller(Struct, frozen=True):
    """One protocol.

    What can't be decided is answered with a status that this protocol takes as "no opinion", never as yes or no; then the door
    does what its own configuration says.

    Attributes:
        id: the file's name.
        title: for people.
        read: takes the facts from a request; an answer instead when nothing is asked. Raises ``NoQuestionError``.
        say: puts a decision into the protocol's words.
        no_opinion: what is answered when nothing can be decided.
        tell: puts a refusal or a warning into the protocol's words with the letter to the person, in the language that the
            request accepts, instead of ``say``; None where the protocol can carry no more than a line.
        kicks: whether it tells of sessions that are open already: a refusal then ends them.
        key_of: returns the API key that came with a request. Never one that the client of the mail server could have put there.
        target_of: where the answer to a refused request goes to the client as it is, returns that request's own target; None
            where the mail server asks for the page itself.
        operations: what ``read`` takes and ``say`` gives, for the OpenAPI document and for all who test by it.
        wire: how the protocol stands on its connection where that isn't HTTP; it then has places of its own to be asked at.
        is_mute: whether its clients can't say what they are: what they said over IMAP then stands for them, see ``Carried``.
        door_at: where the mail server's own configuration says the door, for its operator; empty where nothing there does.
    """

    id: str
    title: str
    read: Callable[[Request], Asked | Answer]
    say: Callable[[Decision], Answer]
    no_opinion: Answer = NO_OPINION
    tell: Callable[[Decision, Letter], Answer] | None = None
    kicks: bool = False
    key_of: Callable[[Request], str] = key_in_header
    target_of: Callable[[Request], str] | None = None
    operations: tuple[Operation, ...] = ()
    wire: Wire | None = None
    is_mute: bool = False
    door_at: str = ""


CALLERS: Final = Catalogue(package="phaseout.gate.callers", constant="CALLER", kind=Caller)
"""The protocols, by the names of their files."""
