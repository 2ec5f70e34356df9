"""Which conditional access policies an order comes to, and what Entra would do once they are enforced.

A policy knows groups of people, applications, the kind of client and the platform, no more; whatever else a clause asks for
is told in a note and not exported. Exchange ActiveSync stands in policies of its own, with Exchange Online as the only
application, as Entra asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from phaseout.exporting.export import Note
from phaseout.exporting.rules import Client, Rules
from phaseout.exporting.whole_platforms import OF_DEVICE, meant
from phaseout.judge.order import Rule
from phaseout.model.access import DOORS, SERVICES
from phaseout.model.directive import Scope, StageKind, Strength, Waiver
from phaseout.model.effect import Effect

APPLICATIONS: Final = {
    "mail": "00000002-0000-0ff1-ce00-000000000000",
    "calendar": "00000002-0000-0ff1-ce00-000000000000",
    "contacts": "00000002-0000-0ff1-ce00-000000000000",
    "directory": "00000002-0000-0ff1-ce00-000000000000",
    "files": "00000003-0000-0ff1-ce00-000000000000",
    "chat": "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "sign-in": "All",
}
"""By service: Exchange Online, SharePoint Online, Microsoft Teams; the same ids in every tenant."""

EXCHANGE: Final = APPLICATIONS["mail"]

CLIENTS: Final = {
    "browser": ("webmail", "sign-in"),
    "mobileAppsAndDesktopClients": ("rest", "mapi", "ews", "sign-in"),
    "exchangeActiveSync": ("activesync",),
}
"""Graph's kinds of clients, and the doors that they come by. What comes by IMAP, POP3, SMTP or DAV tells Entra no platform."""


class Policy(Struct, frozen=True):
    """One policy.

    Attributes:
        rule: the clause.
        clients: some of ``CLIENTS``.
        applications: application ids.
        services: the work services that those are.
        platforms: Graph's names.
        waivers: those from the clause that hold.
    """

    rule: Rule
    clients: tuple[str, ...]
    applications: tuple[str, ...]
    services: tuple[str, ...]
    platforms: tuple[str, ...]
    waivers: tuple[Waiver, ...]


def policies(rules: Rules) -> tuple[tuple[Policy, ...], tuple[Note, ...]]:
    """Return the policies, and notes on what none of them says."""
    found: list[Policy] = []
    notes: list[Note] = []
    for rule in rules.order.rules:
        why = tuple(_why_not(rules, rule))
        notes.extend(why)
        if not why:
            notes.extend(_limits(rules, rule))
            found.extend(_of_rule(rules, rule))
    return tuple(found), tuple(notes)


def _why_not(rules: Rules, rule: Rule) -> Iterator[Note]:
    """Say why a clause gives no policy."""
    clause = rule.clause
    if clause.strength is not Strength.MUST:
        yield Note("no-ban", f"Clause {clause.id} forbids nothing ({clause.strength}).")
    elif not rule.in_force(rules.at) or rules.at < clause.deadline:
        yield Note("not-in-force", f"Clause {clause.id} forbids nothing yet or any more at that time.")
    elif clause.who.but_not is not None and clause.who.but_not.everyone:
        yield Note("reaches-nobody", f"Clause {clause.id} leaves out everybody whom it reaches.")
    elif clause.who.but_not is not None and clause.who.but_not.but_not is not None:
        yield Note("nested-exception", f"Clause {clause.id} has an exception from an exception; a policy has none.")
    elif not meant(rule.classes).whole:
        yield Note("no-whole-platform", f"Clause {clause.id} means no platform as a whole, and Entra knows nothing finer.")


def _limits(rules: Rules, rule: Rule) -> Iterator[Note]:
    """Say what of a clause its policies leave out."""
    clause, platforms = rule.clause, meant(rule.classes)
    if platforms.in_part:
        names = ", ".join(platforms.in_part)
        text = f"Clause {clause.id} means some devices of {names}, by maker, model, version or shape; Entra knows none of those."
        yield Note("devices-in-part", text)
    if platforms.unknown:
        yield Note("unknown-platforms", f"Clause {clause.id} means {', '.join(platforms.unknown)}, which Entra does not know.")
    doors = sorted({door for service in _services(rule) for door in DOORS[service]})
    known = {door for some in CLIENTS.values() for door in some}
    if others := [door for door in doors if door not in known and rule.stage_at(door, rules.at) is StageKind.BLOCK]:
        yield Note("no-platform-there", f"Clause {clause.id}: clients that come by {', '.join(others)} tell Entra no platform.")
    gentler = [f"{door} ({stage})" for door in doors if (stage := rule.stage_at(door, rules.at)) is not StageKind.BLOCK]
    if gentler:
        text = f"Clause {clause.id} does not block yet at {', '.join(gentler)}; a policy can only block."
        yield Note("no-block-yet", text.replace("(None)", "(no stage)"))


def _services(rule: Rule) -> tuple[str, ...]:
    return tuple(service for service in SERVICES if rule.covers(service))


def _of_rule(rules: Rules, rule: Rule) -> Iterator[Policy]:
    """Give a clause's policies: services that the same kinds of clients enter, together; ActiveSync apart."""
    platforms = meant(rule.classes).whole
    waivers = tuple(waiver for waiver in rule.waivers if waiver.starts <= rules.at < waiver.ends)
    by_clients: dict[tuple[str, ...], list[str]] = {}
    for service in _services(rule):
        kinds = tuple(kind for kind in CLIENTS if _blocks(rules, rule, kind, service))
        for some in (tuple(kind for kind in kinds if kind != "exchangeActiveSync"), ("exchangeActiveSync",)):
            if some and set(some) <= set(kinds):
                by_clients.setdefault(some, []).append(service)
    for some, services in sorted(by_clients.items()):
        applications = tuple(dict.fromkeys(APPLICATIONS[service] for service in services))
        if "All" in applications:
            applications = ("All",)
        yield Policy(rule, some, applications, tuple(services), platforms, waivers)


def _blocks(rules: Rules, rule: Rule, kind: str, service: str) -> bool:
    """Whether every door of a service by which a kind of client comes is to be blocked."""
    doors = [door for door in CLIENTS[kind] if door in DOORS[service]]
    return bool(doors) and all(rule.stage_at(door, rules.at) is StageKind.BLOCK for door in doors)


def unit_name(path: Iterable[str]) -> str:
    """Return a unit's path as the file of ids names it."""
    return " / ".join(path)


def wanted(some: Iterable[Policy]) -> dict[str, tuple[str, ...]]:
    """Return the names for which policies need object ids, by section: ``units``, ``roles``, ``people``."""
    found: dict[str, set[str]] = {"units": set(), "roles": set(), "people": set()}
    for policy in some:
        scope: Scope | None = policy.rule.clause.who
        while scope is not None:
            found["units"].update(map(unit_name, scope.units))
            found["roles"].update(scope.roles)
            found["people"].update(scope.people)
            scope = scope.but_not
        found["roles"].update(waiver.role for waiver in policy.waivers if waiver.role)
        found["people"].update(waiver.person for waiver in policy.waivers if waiver.person)
    return {section: tuple(sorted(names)) for section, names in found.items()}


def answers(rules: Rules) -> Callable[[Client], Effect]:
    """Return what Entra would do with a client once the policies are enforced, were the groups filled as the staff list is."""
    made, _ = policies(rules)

    def answer(client: Client) -> Effect:
        platform = OF_DEVICE.get(client.device.platform or "", "")
        for policy in made:
            doors = {door for kind in policy.clients for door in CLIENTS[kind]}
            reached = policy.rule.clause.id in client.profile.clauses
            waived = any(waiver.id in client.profile.waivers for waiver in policy.waivers)
            here = client.door in doors and client.service in policy.services and platform in policy.platforms
            if reached and here and not waived:
                return Effect.BLOCK
        return Effect.ALLOW

    return answer
