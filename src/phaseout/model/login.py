"""A login name: the one normal form under which every spelling of it is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

AROUND: Final = " \t\r\n\v\f\u00a0\ufeff<>\"'`"
"""What may stand around a login and is no part of it."""


@dataclass(frozen=True, slots=True, order=True)
class LoginName:
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

    @property
    def is_netbios(self) -> bool:
        """Whether the domain is a short name, which says nothing about the DNS name of the same domain."""
        return bool(self.domain) and "." not in self.domain

    @classmethod
    def read(cls, text: str) -> LoginName:
        r"""Read a login as logs, staff lists and orders write it.

        Taken off: percent-encoding, blanks, quotes and angle brackets around it, ``mailto:`` and ``smtp:`` before it, and case.
        In ``CORP\anna@example.org`` the address counts, for it tells more.

        Args:
            text: such as ``CORP\anna``, ``corp/anna``, ``anna@example.org``, ``corp%5Canna`` or ``ANNA@CORP.EXAMPLE.ORG``.

        Returns:
            The login name; its user is empty when the text names nobody.

        Example:
            >>> print(LoginName.read(r"EXAMPLE.ORG%5CAnna"), LoginName.read("<anna@Example.org>"))
            anna@example.org anna@example.org
        """
        if "%" in text:
            text = unquote(text)
        text = text.strip(AROUND).casefold().removeprefix("mailto:").removeprefix("smtp:")
        domain = ""
        for mark in ("\\", "/"):
            before, found, after = text.rpartition(mark)
            if found:
                domain, text = before.strip(AROUND), after
                break
        user, found, behind = text.rpartition("@")
        if not found:
            user, behind = text, domain
        return cls(user.strip(AROUND), behind.strip(AROUND).rstrip("."))
