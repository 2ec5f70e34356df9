"""What can be asked of the gate over HTTP, as data: each caller states it, and the OpenAPI document is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from phaseout.gate.asked import SERVICE_OF, SOGO, SOGO_DOORS
from phaseout.model.access import DOORS


class Where(StrEnum):
    """Where a parameter stands."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


class Parameter(Struct, frozen=True):
    """One thing that is read of a request, or stands in the head of an answer.

    Attributes:
        name: in an answer and in a request's head, a header's.
        told: what it is, as a sentence.
        where: it stands; always in the head of an answer.
        values: what it may be; empty when it may be anything.
        example: one value; empty when there is none to show.
        is_required: whether a request without it is none, or an answer always has it.
    """

    name: str
    told: str
    where: Where = Where.HEADER
    values: tuple[str, ...] = ()
    example: str = ""
    is_required: bool = False


class Reply(Struct, frozen=True):
    """One answer that there can be.

    Attributes:
        status: the number.
        told: what it means, as a sentence.
        headers: that it may have.
        content_type: of its body; empty when it has none.
        body: the shape of a JSON body, or None.
    """

    status: int
    told: str
    headers: tuple[Parameter, ...] = ()
    content_type: str = ""
    body: type | None = None


class Operation(Struct, frozen=True):
    """One question.

    Attributes:
        path: behind the caller's or the route's own name; parameters of it in braces.
        told: what is asked, as a sentence.
        parameters: what is read of the request.
        replies: the answers to it. Those to what is no question, and to who may not ask, are the same for all callers.
        body: the shape of the request's JSON body, or None when it has none.
        is_keyed: whether an API key is asked for.
    """

    path: str
    told: str
    parameters: tuple[Parameter, ...]
    replies: tuple[Reply, ...]
    body: type | None = None
    is_keyed: bool = True

    @property
    def method(self) -> str:
        """With which it is asked; the gate itself does not look."""
        return "post" if self.body else "get"


def at_doors(told: str, parameters: tuple[Parameter, ...], replies: tuple[Reply, ...]) -> tuple[Operation, ...]:
    """Return the operations of a caller whose path names the door, as ``web.door_of`` reads it.

    Args:
        told: what is asked, as a sentence.
        parameters: what else is read.
        replies: the answers.
    """
    return tuple(
        Operation(path, told, (Parameter("door", "The door.", Where.PATH, doors, is_required=True), *parameters), replies)
        for path, doors in _door_paths()
    )


def door_names() -> tuple[str, ...]:
    """Return what can be said of a door where it stands in no path: ``webmail``, ``webmail/contacts``, ``webmail/sogo``."""
    return tuple(path.removeprefix("/").replace("{door}", door) for path, doors in _door_paths() for door in doors)


def _door_paths() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "/{door}", tuple(door for door, service in SERVICE_OF.items() if door in DOORS[service])
    yield f"/{{door}}/{SOGO}", SOGO_DOORS
    for service, doors in DOORS.items():
        yield f"/{{door}}/{service}", doors
