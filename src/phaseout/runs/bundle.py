"""Make a bundle: the order, the staff and the exceptions, checked together and signed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct

import phaseout
from phaseout.bundle.content import Content, MadeFrom
from phaseout.bundle.keys import signing_key
from phaseout.bundle.seal import seal
from phaseout.runs.inputs import load_norms
from phaseout.runs.naming import doubts


class Ingredients(Struct, frozen=True):
    """What a bundle is made from.

    Attributes:
        directive: the order's file.
        people: the staff list's file.
        waivers: the exceptions' file, or None.
        encoding: of the staff list, when it isn't UTF-8.
        valid_days: after how many days the bundle must not be used any more; None for no end.
        domains: what a login's domain is the same as, as a check is told.
    """

    directive: Path
    people: Path
    waivers: Path | None = None
    encoding: str | None = None
    valid_days: int | None = None
    domains: Mapping[str, str] = {}


def make_bundle(given: Ingredients, key: Path, at: datetime) -> tuple[bytes, Content, tuple[str, ...]]:
    """Return the bytes of a signed bundle, what it holds, and what in the files is mostly a mistake, in words.

    Args:
        given: the files.
        key: the secret key's file.
        at: the time that the bundle says that it was made, in UTC.

    Raises:
        FaultsError: with every error of the three files; PO501 or PO510 for the key.
    """
    secret = signing_key(key)
    norms = load_norms(given.directive, given.people, given.waivers, encoding=given.encoding, domains=given.domains)
    roles = {"directive": given.directive, "people": given.people, "waivers": given.waivers}
    content = Content(
        made_at=at,
        made_by=phaseout.__version__,
        made_from=tuple(MadeFrom(role, path.name, _sha256(path)) for role, path in roles.items() if path is not None),
        directive=norms.order.directive,
        people=norms.people,
        waivers=tuple(norms.order.waivers[waiver.id] for waiver in norms.waivers),
        expires=None if given.valid_days is None else at + timedelta(days=given.valid_days),
        domains=given.domains or None,
    )
    return seal(content, secret), content, doubts(norms)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
