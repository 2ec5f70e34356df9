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

ALL: Final = "All"
"""Graph's word for every application there is, which a sign-in opens."""

APPLICATIONS: Final = {
    "mail": "00000002-0000-0ff1-ce00-000000000000",
    "calendar": "00000002-0000-0ff1-ce00-000000000000",
    "contacts": "00000002-0000-0ff1-ce00-000000000000",
    "directory": "00000002-0000-0ff1-ce00-000000000000",
    "files": "00000003-0000-0ff1-ce00-000000000000",
    "chat": "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",
    "sign-in": ALL,
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
        applications: application ids, or ``ALL``.
        spared: of all applications, those that are not blocked.
        platforms: Graph's names.
        waivers: those from the clause that hold.
    """

    rule: Rule
    clients: tuple[str, ...]
    applications: tuple[str, ...]
    spared: tuple[str, ...]
    platforms: tuple[str, ...]
    waivers: tuple[Waiver, ...]

    def blocks(self, service: str, door: str) -> bool:
        """Whether a service can't be entered by a door any more; an application may be several services."""
        application = APPLICATIONS[service]
        about = application in self.applications or (ALL in self.applications and application not in self.spared)
        return about and any(door in CLIENTS[kind] for kind in self.clients)


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
    if with_them := _with_them(rules, rule):
        text = f"Clause {clause.id}: {', '.join(with_them)} can't be told from what it is about, and are blocked with it."
        yield Note("whole-application", text)
    if gentler:
        text = f"Clause {clause.id} does not block yet at {', '.join(gentler)}; a policy can only block."
        yield Note("no-block-yet", text.replace("(None)", "(no stage)"))


def _with_them(rules: Rules, rule: Rule) -> tuple[str, ...]:
    """Return the services that a clause is not about and that its policies block all the same."""
    made = tuple(_of_rule(rules, rule))
    others = (service for service in SERVICES if not rule.covers(service))
    return tuple(service for service in others if any(each.blocks(service, door) for each in made for door in DOORS[service]))


def _services(rule: Rule) -> tuple[str, ...]:
    return tuple(service for service in SERVICES if rule.covers(service))


def _of_rule(rules: Rules, rule: Rule) -> Iterator[Policy]:
    """Give a clause's policies: applications that the same kinds of clients may not enter, together; ActiveSync apart."""
    platforms = meant(rule.classes).whole
    waivers = tuple(waiver for waiver in rule.waivers if waiver.starts <= rules.at < waiver.ends)
    kinds: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for kind in CLIENTS:
        blocked, spared = _blocked(rules, rule, kind)
        for application in blocked:
            key = (application, spared if application == ALL else (), kind == "exchangeActiveSync")
            kinds.setdefault(key, []).append(kind)
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (application, spared, _), some in kinds.items():
        alike.setdefault((tuple(some), spared), []).append(application)
    for (clients, spared), applications in sorted(alike.items()):
        whole = (ALL,) if ALL in applications else tuple(applications)
        yield Policy(rule, clients, whole, spared, platforms, waivers)


def _blocked(rules: Rules, rule: Rule, kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which applications a kind of client may not enter, and which it still may.

    An application is one or several services: it is blocked where each of its doors is that the clause is about.
    """
    stages: dict[str, set[StageKind | None]] = {}
    for service in _services(rule):
        doors = (door for door in CLIENTS[kind] if door in DOORS[service])
        stages.setdefault(APPLICATIONS[service], set()).update(rule.stage_at(door, rules.at) for door in doors)
    blocked = tuple(application for application, some in stages.items() if some == {StageKind.BLOCK})
    return blocked, tuple(application for application, some in stages.items() if some and application not in blocked)


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
            reached = policy.rule.clause.id in client.profile.clauses
            waived = any(waiver.id in client.profile.waivers for waiver in policy.waivers)
            here = policy.blocks(client.service, client.door) and platform in policy.platforms
            if reached and here and not waived:
                return Effect.BLOCK
        return Effect.ALLOW

    return answer
