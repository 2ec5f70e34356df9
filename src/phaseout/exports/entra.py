"""Entra conditional access policies as Microsoft Graph's JSON, in report-only state: Entra logs what they would do, no more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TextIO

from msgspec.structs import replace

from phaseout.exporting.about import about
from phaseout.exporting.conditional_access import CLIENTS, Policy, answers, policies, unit_name, wanted
from phaseout.exporting.export import Export, Note
from phaseout.exporting.ids import people_ids
from phaseout.exporting.rules import Ids, Rules
from phaseout.model.directive import Scope
from phaseout.model.fault import Fault, FaultsError

STATE: Final = "enabledForReportingButNotEnforced"

LONGEST_NAME: Final = 256
"""Characters of a policy's name."""


def write(rules: Rules, stream: TextIO) -> None:
    """Write the policies.

    Raises:
        FaultsError: PO605 with every name that has no object id yet.
    """
    made, notes = policies(rules)
    rules = replace(rules, ids=replace(rules.ids, people=people_ids(rules, wanted(made)["people"])))
    _refuse_unnamed(rules, made)
    document = {
        "about": [f"Made by phaseout {rules.version}.", *about(rules)],
        "notes": [{"name": note.name, "text": note.text} for note in notes],
        "policies": [_policy(rules, each) for each in made],
    }
    json.dump(document, stream, ensure_ascii=False, indent=2)
    stream.write("\n")


_ELSE: Final = {"people": ", or the same person's id of the staff list in place of that name"}


def _refuse_unnamed(rules: Rules, made: tuple[Policy, ...]) -> None:
    """Raise with every name that a policy needs and the file of ids lacks."""
    sections: dict[str, Mapping[str, str]] = {"units": rules.ids.units, "roles": rules.ids.roles, "people": rules.ids.people}
    faults = [
        Fault(
            "--ids", 0, 0, "PO605", f'There is no object id for "{name}" of the {section}.',
            f'Write "{name}" = "its id" under [{section}]{_ELSE.get(section, "")}.',
        )
        for section, names in wanted(made).items()
        for name in names
        if name not in sections[section]
    ]  # fmt: skip
    if faults:
        raise FaultsError(tuple(faults))


def _policy(rules: Rules, policy: Policy) -> dict[str, Any]:
    """Write one policy as Graph takes it at ``POST /identity/conditionalAccess/policies``."""
    clause, directive = policy.rule.clause, rules.directive
    whom = "everyone" if clause.who.everyone else ", ".join((*map(unit_name, clause.who.units), *sorted(clause.who.roles)))
    kinds = " and ".join(policy.clients)
    name = f"phaseout {directive.id}, clause {clause.id}: {', '.join(policy.platforms)} by {kinds} ({whom or 'named people'})"
    return {
        "displayName": name[:LONGEST_NAME],
        "state": STATE,
        "conditions": {
            "clientAppTypes": list(policy.clients),
            "applications": _applications(policy),
            "users": _users(rules.ids, policy),
            "platforms": {"includePlatforms": list(policy.platforms)},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }


def _applications(policy: Policy) -> dict[str, list[str]]:
    """Say what a policy is about."""
    spared = {"excludeApplications": list(policy.spared)} if policy.spared else {}
    return {"includeApplications": list(policy.applications), **spared}


def _users(ids: Ids, policy: Policy) -> dict[str, list[str]]:
    """Say whom a policy reaches."""
    who = policy.rule.clause.who
    users, groups = _ids(ids, who)
    out_users, out_groups = _ids(ids, who.but_not or Scope())
    out_users += [ids.people[waiver.person] for waiver in policy.waivers if waiver.person]
    out_groups += [ids.roles[waiver.role] for waiver in policy.waivers if waiver.role]
    return {
        "includeUsers": ["All"] if who.everyone else users,
        "includeGroups": [] if who.everyone else groups,
        "excludeUsers": list(dict.fromkeys([*out_users, *ids.never])),
        "excludeGroups": list(dict.fromkeys(out_groups)),
    }


def _ids(ids: Ids, scope: Scope) -> tuple[list[str], list[str]]:
    """Return the users' and the groups' ids of a scope."""
    users = [ids.people[name] for name in sorted(scope.people)]
    groups = [ids.units[unit_name(unit)] for unit in scope.units] + [ids.roles[role] for role in sorted(scope.roles)]
    return users, groups


def notes(rules: Rules) -> tuple[Note, ...]:
    """Say what the policies can't express."""
    made, found = policies(rules)
    if made and not rules.ids.never:
        text = "No account is kept out for emergencies: name the users that must always get in under never = [...]."
        found = (*found, Note("no-emergency-account", text))
    return found


EXPORT: Final = Export(
    id="entra",
    title="Entra conditional access policies in report-only state, as Microsoft Graph's JSON",
    suffix=".json",
    doors=tuple(sorted({door for doors in CLIENTS.values() for door in doors})),
    write=write,
    answers=answers,
    notes=notes,
    takes_ids=True,
)
