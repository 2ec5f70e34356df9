"""A person of the staff list, and the login names that logs know them by."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from phaseout.model.letters import composed


class AccountKind(StrEnum):
    """What stands behind an account."""

    PERSON = "person"
    SHARED = "shared"
    """A mailbox that several people open; its use cannot be pinned on one of them."""
    SERVICE = "service"
    """A program's account."""
    UNKNOWN = "unknown"
    """A login of the logs that belongs to nobody; the staff list has none of these."""


class Person(Struct, frozen=True):
    """One entry of the staff list.

    Attributes:
        id: the organisation's own key, unique.
        name: for reports.
        logins: every login and address by which logs may know them, as written in the list.
        unit: the path from the top of the organisation down, such as ``("Ministry", "Finance", "Payroll")``.
        roles: names that a directive may use.
        manager: the id of another person, or None.
        starts: the first day in the organisation, or None.
        ends: the last day in the organisation, or None.
        kind: a person, a shared mailbox, a service account, or a login of nobody.
    """

    id: str
    name: str
    logins: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    manager: str | None = None
    starts: date | None = None
    ends: date | None = None
    kind: AccountKind = AccountKind.PERSON


def folded(name: str) -> str:
    """Return a unit's or role's name without its case, with single blanks and letters composed, as such names compare."""
    return " ".join(composed(name).split()).casefold()
