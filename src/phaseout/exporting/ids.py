"""The file of object ids: TOML with the tables ``units``, ``roles`` and ``people``, and the list ``never``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from phaseout.exporting.rules import Ids, Rules
from phaseout.judge.reach import named
from phaseout.model.fault import Fault, FaultsError

SECTIONS: Final = ("units", "roles", "people")

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


def ids_of(text: str, file: str) -> Ids:
    """Read the file's text.

    Args:
        text: the whole file.
        file: its name, for errors.

    Raises:
        FaultsError: PO603 it is no TOML, or has a key that nothing is known of; PO604 a value is no object id.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        why = f"It is no TOML: {_PLACE.sub('', str(error)).strip()}."
        raise FaultsError((Fault(file, line, column, "PO603", why, 'Write lines such as "Finance" = "an id".'),)) from None
    faults = tuple(_faults(found, file))
    if faults:
        raise FaultsError(faults)
    return Ids(**{name: dict(found.get(name, {})) for name in SECTIONS}, never=tuple(found.get("never", ())))


def people_ids(rules: Rules, names: Iterable[str]) -> dict[str, str]:
    """Return the object ids of people under the names by which an order or a waiver means them.

    The order may name a person by the staff list's id, by a login or by an address, and the file of object ids by another of
    these. A name that means several people has the id that they share, if any, or that stands under this very name.

    Args:
        rules: have the staff, and the object ids as the file has them.
        names: as the order and the waivers write them.
    """
    given = {named(name): value for name, value in rules.ids.people.items()}
    normal = {name: named(name) for name in names}
    wanted = frozenset(normal.values())
    found: dict[str, set[str]] = {}
    for person in (each for group in rules.groups for each in group.people):
        own = [named(name) for name in (person.id, *person.logins)]
        value = next((given[each] for each in own if each in given), "")
        for name in wanted.intersection(own):
            found.setdefault(name, set()).add(value)
    known = {name: value for name, values in found.items() if len(values) == 1 for value in values if value} | given
    return {name: known[key] for name, key in normal.items() if key in known}


def _faults(found: Mapping[str, Any], file: str) -> Iterator[Fault]:
    known = f"Write [{'], ['.join(SECTIONS)}] with a line for each name, and never = [...]."
    for key, value in found.items():
        if key in SECTIONS and isinstance(value, dict):
            yield from (_no_id(file, f"{key}, {name}", each) for name, each in value.items() if not _is_id(each))
        elif key == "never" and isinstance(value, list):
            yield from (_no_id(file, "never", each) for each in value if not _is_id(each))
        else:
            yield Fault(file, 0, 0, "PO603", f'Nothing is known of "{key}", or it has another form.', known)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _no_id(file: str, where: str, value: object) -> Fault:
    way_out = "Copy it from Entra: groups and users show it as Object ID."
    return Fault(file, 0, 0, "PO604", f'{where}: "{value}" is no object id.', way_out)
