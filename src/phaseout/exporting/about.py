"""What stands at the head of every export: whose order, as of when, made from what."""

from __future__ import annotations

from collections.abc import Iterator

from phaseout.exporting.rules import Rules


def about(rules: Rules) -> Iterator[str]:
    """Give the lines; what a directive or a waiver says may hold any character."""
    directive, zone = rules.directive, rules.order.time_zone
    yield f"Order: {directive.id} {directive.version}, {directive.title} ({directive.issuer})."
    yield f"As of {rules.at.astimezone(zone):%Y-%m-%d %H:%M} {zone}. Later stages and waivers that end need a new export."
    staff = sum(len(group.people) for group in rules.groups)
    reached = sum(len(group.people) for group in rules.groups if group.profile.clauses)
    yield f"{reached:,} of {staff:,} people on the staff list are reached by a clause."
    accesses, login = sum(one.accesses for one in rules.seen), {one.login for one in rules.seen}
    yield f"Made from {accesses:,} accesses of {len(login):,} people; {rules.attempts:,} refused attempts were left out."
    standing = sorted(
        (waiver for waiver in rules.order.waivers.values() if waiver.starts <= rules.at < waiver.ends), key=lambda each: each.id
    )
    for waiver in standing:
        whom = f"role {waiver.role}" if waiver.role else waiver.person
        yield f"Waiver {waiver.id} from clause {waiver.clause}: {whom}, until {waiver.ends.astimezone(zone):%Y-%m-%d %H:%M}."
