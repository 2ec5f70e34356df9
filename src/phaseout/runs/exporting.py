"""Export: from a check's sightings to the value that every export is written from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import phaseout
from phaseout.exporting.alone import MODEL
from phaseout.exporting.export import Export
from phaseout.exporting.ids import ids_of
from phaseout.exporting.rules import Client, Group, Ids, Rules, Seen
from phaseout.exporting.sent import as_sent, of_client_info
from phaseout.exports import EXPORTS
from phaseout.judge.decide import judge
from phaseout.judge.effect import effect_of_all
from phaseout.judge.profile import Profile, profile_of
from phaseout.model.access import Action
from phaseout.model.clue import Clue, ClueKind
from phaseout.model.fault import Fault, FaultsError
from phaseout.model.person import Person
from phaseout.model.secrets import login_without_secrets
from phaseout.reading.questions import attempts, clients
from phaseout.runs.check import Checked
from phaseout.runs.inputs import Norms
from phaseout.runs.numbering import Numbered
from phaseout.runs.taking import utc


def rules_of(checked: Checked, ids: Ids | None = None) -> Rules:
    """Judge every client that the logs showed, as for use at the asked instant.

    A door's rules do not know what a request is for, and a gate judges every request as use; so does an export.

    Args:
        checked: the check, still open.
        ids: for directory services.
    """
    rows = checked.engine.ask(clients, checked.table).to_pylist()
    return Rules(
        at=checked.asked.at,
        order=checked.norms.order,
        groups=groups(checked.norms),
        seen=tuple(merged(_seen(checked, row) for row in rows)),
        attempts=checked.engine.ask(attempts, checked.table).to_pylist()[0]["n"],
        ids=ids or Ids(),
        version=phaseout.__version__,
        spellings=_spellings(checked.numbered),
    )


def _spellings(numbered: Numbered) -> dict[str, tuple[str, ...]]:
    """Return the logins of members of staff as web servers were given them, where the logs show other than the list has."""
    found: dict[str, list[str]] = {}
    for login, owner in zip(numbered.logins, numbered.owners, strict=True):
        person = numbered.people[owner]
        given = unquote(login, errors="replace")  # readers turn what servers escape in a name into percent-encoding
        if owner < numbered.staff and given not in person.logins and login_without_secrets(given) == given:
            found.setdefault(person.id, []).append(given)
    return {person: tuple(sorted(logins)) for person, logins in found.items()}


def groups(norms: Norms) -> tuple[Group, ...]:
    """Put all of the staff into groups of one profile each; last come those who are on no list."""
    found: dict[Profile, list[Person]] = {}
    for person in norms.people:
        found.setdefault(profile_of(norms.order, person), []).append(person)
    found.setdefault(profile_of(norms.order, None), [])
    return tuple(Group(profile, tuple(people)) for profile, people in found.items())


def merged(seen: Iterable[Seen]) -> Iterator[Seen]:
    """Put together what several log formats showed of one client."""
    found: dict[tuple[Client, str], Seen] = {}
    for one in seen:
        key = (one.client, one.login)
        before = found.get(key)
        if before is not None:
            one = Seen(  # noqa: PLW2901 - the sum takes its place
                one.client,
                one.judgement,
                one.effect,
                one.accesses + before.accesses,
                max(one.last, before.last),
                one.login,
            )
        found[key] = one
    return iter(found.values())


def _seen(checked: Checked, row: Mapping[str, Any]) -> Seen:
    """Judge one client."""
    numbered, order = checked.numbered, checked.norms.order
    person = numbered.people[row["person"]]
    device, profile = numbered.devices[row["device"]], numbered.profiles[row["profile"]]
    service, door = row["service"], row["protocol"]
    judgement = judge(order, profile, device, service, door, Action.USE, checked.asked.at)
    agent, device_type, device_model = strings(numbered.clues_told(row["clue_set"]), row["format"])
    client = Client(
        door=door,
        service=service,
        user_agent=agent,
        device_type=device_type,
        device_model=device_model,
        device_id=row["device_id"],
        device=numbered.device_told(row["device"]),
        profile=profile,
        person=person if row["person"] < numbered.staff else None,
    )
    return Seen(client, judgement, effect_of_all(judgement), row["n"], utc(row["last"]), person.id)


def strings(clues: Iterable[Clue], log_format: str) -> tuple[str, str, str]:
    """Return the agent, the DeviceType and the DeviceModel among some clues, as the client sent them."""
    by_kind = {clue.kind: clue.value for clue in clues}
    agent, device_type = of_client_info(by_kind.get(ClueKind.CLIENT_INFO, ""))
    agent = as_sent(by_kind.get(ClueKind.USER_AGENT, ""), log_format) or agent
    named = by_kind.get(ClueKind.ACTIVESYNC, "")
    if named.casefold().startswith(MODEL):
        return agent, device_type, named[len(MODEL) :].strip()
    return agent, named or device_type, ""


def load_ids(path: Path | None) -> Ids:
    """Read the file of object ids; none gives none.

    Raises:
        FaultsError: PO602 it can't be read; PO603, PO604 what stands in it is wrong.
    """
    if path is None:
        return Ids()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        fault = Fault(str(path), 0, 0, "PO602", f"The file of object ids can't be read: {why}.", "Check the path and the file.")
        raise FaultsError((fault,)) from None
    return ids_of(text, str(path))


def export_named(kind: str, *, with_ids: bool = False) -> Export:
    """Return an export by its id.

    Args:
        kind: such as ``exchange``.
        with_ids: whether a file of object ids is given.

    Raises:
        FaultsError: PO601 there is no such export; PO606 it takes no object ids.
    """
    if kind not in EXPORTS.ids:
        way_out = f"Name one of these: {', '.join(EXPORTS.ids)}."
        raise FaultsError((Fault("KIND", 0, 0, "PO601", f'There is no export "{kind}".', way_out),))
    found = EXPORTS[kind]
    if with_ids and not found.takes_ids:
        raise FaultsError((Fault("--ids", 0, 0, "PO606", f"The export {kind} takes no object ids.", "Leave the option out."),))
    return found
