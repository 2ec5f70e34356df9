"""What a bundle holds, and how that becomes bytes and values again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from phaseout.bundle.staff import Member, Staff
from phaseout.model.directive import Directive, Waiver
from phaseout.model.person import Person


class MadeFrom(Struct, frozen=True):
    """One file that a bundle was made from.

    Attributes:
        role: ``directive``, ``people`` or ``waivers``.
        file: its name without the folder.
        sha256: of its bytes, in hexadecimal.
    """

    role: str
    file: str
    sha256: str


class Content(Struct, frozen=True):
    """All that the gate needs.

    Attributes:
        made_at: when, in UTC.
        made_by: the version of phaseout that made it.
        made_from: the files, with their digests.
        directive: the order, without the path that it was read from.
        people: the staff: ids, logins, units and roles. Names, managers and days of service stay at home.
        waivers: the exceptions. Reasons, and who granted them, stay at home: they may tell of somebody's health.
        expires: the first instant at which it must not be used any more, in UTC, or None.
        domains: what a login's domain is the same as, for ``Directory``.
    """

    made_at: datetime
    made_by: str
    made_from: tuple[MadeFrom, ...]
    directive: Directive
    people: Sequence[Person]
    waivers: tuple[Waiver, ...]
    expires: datetime | None = None
    domains: Mapping[str, str] | None = None


class _Content(Struct, frozen=True):
    made_at: datetime
    made_by: str
    made_from: tuple[MadeFrom, ...]
    directive: Directive
    units: tuple[tuple[str, ...], ...]
    roles: tuple[frozenset[str], ...]
    people: tuple[Member, ...]
    waivers: tuple[Waiver, ...]
    expires: datetime | None = None
    domains: dict[str, str] | None = None


_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")
_DECODER: Final = msgspec.msgpack.Decoder(_Content)


class NoContentError(ValueError):
    """The bytes are not what this version writes."""


def encode(content: Content) -> bytes:
    """Return a content as bytes; equal contents give equal bytes."""
    staff = Staff.of(content.people)
    form = _Content(
        made_at=content.made_at,
        made_by=content.made_by,
        made_from=content.made_from,
        directive=replace(content.directive, file=""),
        units=tuple(staff.units),
        roles=tuple(staff.roles),
        people=tuple(staff.members),
        waivers=tuple(replace(waiver, reason="", granted_by="") for waiver in content.waivers),
        expires=content.expires,
        domains=None if content.domains is None else dict(content.domains),
    )
    return _ENCODER.encode(form)


def decode(data: bytes) -> Content:
    """Return the content that was encoded.

    Raises:
        NoContentError: the bytes are something else.
    """
    try:
        form = _DECODER.decode(data)
        people = Staff(form.people, form.units, form.roles)
    except (msgspec.MsgspecError, UnicodeDecodeError, IndexError, RecursionError) as error:
        raise NoContentError(str(error)) from error
    return Content(
        made_at=form.made_at,
        made_by=form.made_by,
        made_from=form.made_from,
        directive=form.directive,
        people=people,
        waivers=form.waivers,
        expires=form.expires,
        domains=form.domains,
    )
