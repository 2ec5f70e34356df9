"""A login name: the one normal form under which every spelling of it is the same."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from phaseout.model.letters import composed

AROUND: Final = " \t\r\n\v\f\u00a0\ufeff<>\"'`"
"""What may stand around a login and is no part of it."""

MOST_PASSES: Final = 3
"""How often percent-encoding is taken off: proxies in a row encode again what was encoded; more would be somebody's game."""

_PREFIX: Final = re.compile(r"(?:mailto|smtp|sip):")
_USUAL: Final = re.compile(r"([a-z0-9._+-]++)(?:(?:\\|%5c)([a-z0-9._+-]++))?+(?:@([a-z0-9-][a-z0-9.-]*+)(?<!\.))?+").fullmatch
"""Nearly every login; the pattern is there for speed alone, what it does not match is read part by part."""


class LoginName(Struct, frozen=True, order=True):
    """A user and the domain that it belongs to.

    Attributes:
        user: case-folded, without the domain.
        domain: case-folded; a DNS name (``example.org``), a NetBIOS name or Kerberos realm (``corp``), or empty.
    """

    user: str
    domain: str = ""

    def __str__(self) -> str:
        """The name as an address is written, which is the normal form."""
        return f"{self.user}@{self.domain}" if self.domain else self.user

    @classmethod
    def read(cls, text: str) -> LoginName:
        r"""Read a login as logs, staff lists and orders write it.

        Taken off: percent-encoding, blanks, quotes and angle brackets around it, ``mailto:`` and ``smtp:`` before it, and case; a
        letter and its mark become one character.
        In ``CORP\anna@example.org`` the address counts, for it tells more. A Kerberos instance (``anna/admin@REALM``) is
        another account than ``anna``, so its slash parts no domain off.

        Args:
            text: such as ``CORP\anna``, ``corp/anna``, ``anna@example.org``, ``corp%5Canna`` or ``ANNA@CORP.EXAMPLE.ORG``.

        Returns:
            The login name; its user is empty when the text names nobody.

        Example:
            >>> print(LoginName.read(r"EXAMPLE.ORG%5CAnna"), LoginName.read("<anna@Example.org>"))
            anna@example.org anna@example.org
        """
        usual = _USUAL(text.casefold())
        if usual is None:
            return cls._read_parts(text)
        first, second, behind = usual.groups()
        return cls(first, behind or "") if second is None else cls(second, behind or first.strip("."))

    @classmethod
    def _read_parts(cls, text: str) -> LoginName:
        """Read any login."""
        text = _PREFIX.sub("", composed(_decoded(text)).strip(AROUND).casefold(), count=1)
        before, _, after = text.rpartition("\\")
        if not before and "@" not in text:
            before, _, after = text.rpartition("/")
        user, found, domain = after.rpartition("@")
        if not found:
            user, domain = after, before
        return cls(user.strip(AROUND), domain.strip(AROUND).strip("."))


def normal_login(text: str) -> str:
    r"""Return the normal form of a login: ``str(LoginName.read(text))``, only sooner, for staff lists and logs have many.

    Example:
        >>> normal_login("CORP\\Anna")
        'anna@corp'
    """
    usual = _USUAL(folded := text.casefold())
    if usual is None:
        return str(LoginName.read(text))
    if usual.lastindex == 1:  # a user alone
        return folded
    first, second, behind = usual.groups()
    if second is None:
        return folded
    domain = behind or first.strip(".")
    return f"{second}@{domain}" if domain else second


def _decoded(text: str) -> str:
    """Take percent-encoding off."""
    for _ in range(MOST_PASSES):
        if "%" not in text:
            break
        text = unquote(text)
    return text
