"""The directory: whose login is it? Logs spell a login in many ways; a foreign one must never become a member of staff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from msgspec import Struct

from phaseout.model.letters import composed
from phaseout.model.login import normal_login


class How(StrEnum):
    """How a login was resolved."""

    EXACT = "exact"
    """The staff list has this very login, but for case and spelling."""
    USER = "user"
    """The staff list has its user part, only once, and nothing speaks against the domain."""
    NOBODY = "nobody"
    """It belongs to nobody, or it can't be told to whom."""


class Holder(Protocol):
    """Somebody who has logins."""

    @property
    def id(self) -> str:
        """The organisation's own key, unique."""

    @property
    def logins(self) -> tuple[str, ...]:
        """Every login, in any spelling."""


Somebody = TypeVar("Somebody", bound=Holder)


class Resolution(Struct, Generic[Somebody], frozen=True):
    """Whose a login is.

    Attributes:
        person: the member of staff, or None.
        how: how that was found.
        reason: one sentence.
        unquoted: for a login that is nobody's, the same sentence without any word of the login.
    """

    person: Somebody | None
    how: How
    reason: str
    unquoted: str = ""


class Directory(Generic[Somebody]):
    r"""The staff by their logins.

    A login that the staff list has, in any spelling, is exact. Otherwise its user part decides, when the staff list has it
    only once and the domain does not speak against it:

    * no domain (``anna``): nothing speaks against it;
    * a domain that one of this person's logins has: nothing;
    * a domain of the same sort (DNS, or NetBIOS as in ``CORP\anna``) as one of this person's logins, but another: it is
      somebody else's ``anna``;
    * a domain of a sort that none of this person's logins has: it must be known, from anybody's login on the list or from
      ``domains``; and when no domain of that sort is known at all, it can't be compared, and the user part counts.

    So ``anna@mail.example.net`` is not ``anna@example.org``. ``CORP\anna`` is, unless the list or ``domains`` know other NetBIOS
    names only.

    Args:
        people: the staff list.
        domains: what a domain is the same as, such as ``{"CORP": "example.org"}``; for NetBIOS names and Kerberos realms.
    """

    def __init__(self, people: Iterable[Somebody], domains: Mapping[str, str] | None = None) -> None:
        """Sort the staff's logins."""
        self.people: Final = tuple(people)
        self._same: Final = {composed(name).casefold(): composed(same).casefold() for name, same in (domains or {}).items()}
        self._exact: Final[dict[str, Somebody | None]] = {}
        self._users: Final[dict[str, Somebody | None]] = {}
        used = {*self._same, *self._same.values()}
        for person in self.people:
            self._enter(person, used)
        self._known: Final = {sort: {name for name in used if _is_netbios(name) is sort} for sort in (True, False)}

    def find(self, login: str) -> Somebody | None:
        """Return whose login it is, or None when it is nobody's or that can't be told."""
        key = self._key(login) if self._same else normal_login(login)  # asked for each person who comes to a gate
        return self._exact.get(key) or self.resolve(login).person

    def resolve(self, login: str) -> Resolution[Somebody]:
        r"""Say whose login it is, and how that was found.

        Args:
            login: as a log writes it, such as ``CORP%5CAnna``.

        Example:
            >>> from phaseout.model.person import Person
            >>> staff = Directory([Person("7", "Anna", ("anna@example.org",))])
            >>> staff.resolve(r"CORP\ANNA").reason
            'The user part "anna" is on the staff list once; its domain "corp" can\'t be compared.'
            >>> staff.resolve("anna@mail.example.net").reason
            'The staff list has "anna" in another domain than "mail.example.net".'
        """
        key = self._key(login)
        if key not in self._exact:
            return self._by_user(*_parts(key))
        person = self._exact[key]
        if person is None:
            return _nobody(f'Several people have the login "{key}".', "Several people have this login.")
        return Resolution(person, How.EXACT, "The staff list has this login.")

    def _key(self, login: str) -> str:
        """Return the normal form of a login, its domain replaced by the one that it is the same as."""
        key = normal_login(login)
        if self._same:
            user, mark, domain = key.rpartition("@")
            if mark and domain in self._same:
                return f"{user}@{self._same[domain]}"
        return key

    def _enter(self, person: Somebody, domains: set[str]) -> None:
        """Enter one person's logins, and add their domains; what two people have is nobody's."""
        exact, users = self._exact, self._users
        for login in person.logins:  # tens of thousands: what most of them don't need is not called
            key = self._key(login) if self._same else normal_login(login)
            user, mark, domain = key.rpartition("@")
            if not mark:
                user, domain = key, ""
            if not user:
                continue
            if exact.setdefault(key, person) is not person:
                exact[key] = None
            if users.setdefault(user, person) is not person:
                users[user] = None
            if domain:
                domains.add(domain)

    def _by_user(self, user: str, domain: str) -> Resolution[Somebody]:
        """Resolve by the user part, as far as the domain lets it."""
        if not user:
            return _nobody("It names nobody.", "It names nobody.")
        if user not in self._users:
            return _nobody(f'Nobody on the staff list has the user part "{user}".', "Nobody on the staff list has its user part.")
        person = self._users[user]
        if person is None:
            return _nobody(f'Several people have the user part "{user}".', "Several people have its user part.")
        against, unquoted, remark = self._domain_speaks(person, user, domain)
        if against:
            return _nobody(against, unquoted)
        return Resolution(person, How.USER, f'The user part "{user}" is on the staff list once{remark}.')

    def _domain_speaks(self, person: Somebody, user: str, domain: str) -> tuple[str, str, str]:
        """Return what a login's domain says against a person, the same unquoted, and what is to be remarked if nothing."""
        if not domain:
            return "", "", ""
        own = [name for user_, name in map(_parts, map(self._key, person.logins)) if user_ and name]
        if domain in own:
            return "", "", f', and its domain "{domain}" is one of that person\'s'
        sort = _is_netbios(domain)
        if any(_is_netbios(name) is sort for name in own):
            against = f'The staff list has "{user}" in another domain than "{domain}".'
            return against, "The staff list has its user part in another domain.", ""
        if self._known[sort] and domain not in self._known[sort]:
            return f'The domain "{domain}" is not known from the staff list.', "Its domain is not known from the staff list.", ""
        return "", "", f'; its domain "{domain}" can\'t be compared'


def _nobody(reason: str, unquoted: str) -> Resolution[Somebody]:
    """Say why a login is nobody's, in its own words and without any of them."""
    return Resolution(None, How.NOBODY, reason, unquoted)


def _parts(key: str) -> tuple[str, str]:
    """Return user and domain of a normal form."""
    user, mark, domain = key.rpartition("@")
    return (user, domain) if mark else (key, "")


def _is_netbios(domain: str) -> bool:
    """Whether a domain is a short name; those and DNS names can't be compared with each other."""
    return "." not in domain
