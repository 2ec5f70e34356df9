"""Exchange ActiveSync device access rules, on-premises and online, as a PowerShell script, and one that undoes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

from phaseout.exporting.about import about
from phaseout.exporting.access_rules import DOOR, LEVELS, AccessRule, Personal, Plan, answers, mailbox_of, plan
from phaseout.exporting.export import Export, Note
from phaseout.exporting.powershell import comment, filled, quoted
from phaseout.exporting.rules import Rules, Seen
from phaseout.model.effect import Effect

MOST: Final = 200
"""Clients that a comment lists; how many more there are is said."""


def write(rules: Rules, stream: TextIO) -> None:
    """Write the script that sets the rules."""
    made = plan(rules)
    stream.write(
        filled(
            "apply",
            _head(rules)
            | {
                "RULES": "\n".join(map(_rule, made.rules)),
                "ALLOWED": "\n".join(map(_entry, made.allowed)),
                "BLOCKED": "\n".join(map(_entry, made.blocked)),
                "COMMENTS": "\n".join(map(comment, _comments(made))),
            },
        )
    )


def write_rollback(rules: Rules, stream: TextIO) -> None:
    """Write the script that undoes it."""
    stream.write(filled("rollback", _head(rules)))


def _head(rules: Rules) -> dict[str, str]:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", rules.directive.id) or "order"
    return {
        "VERSION": rules.version,
        "ABOUT": "\n".join(map(comment, about(rules))),
        "RECORD": quoted(f"{name}.applied.jsonl"),
    }


def _rule(rule: AccessRule) -> str:
    told = comment(f"{_count(rule.accesses, 'access', 'accesses')} of {_count(rule.people, 'person', 'people')}")
    level = quoted(LEVELS[rule.effect])
    return (
        f"    @{{ Characteristic = {quoted(rule.characteristic)}; QueryString = {quoted(rule.text)}; AccessLevel = {level} }}"
        f"  {told}"
    )


def _entry(entry: Personal) -> str:
    told = comment(f"{entry.person.name}: {_what(entry.seen)}. {_why(entry.seen)}")
    return f"    @{{ Mailbox = {quoted(entry.mailbox)}; DeviceId = {quoted(entry.device_id)} }}  {told}"


def _comments(made: Plan) -> Iterator[str]:
    """Say what no rule does anything about."""
    yield "What can't be told is never refused. Nothing is done here about these, unless a rule above names one of their strings:"
    yield from _listed(
        f"  {_who(one)}: {_what(one)}, {_count(one.accesses, 'access', 'accesses')}. {_settles(one)}"
        for one in sorted(made.unclear, key=lambda one: (-one.accesses, one.login, _what(one)))
    )
    yield "These are treated otherwise than the order says:"
    yield from _listed(f"  {_who(one)}: {_what(one)}: {why}." for one, why in made.open)
    yield "A waiver covers these people, and the logs showed no device to allow by name: the rules refuse what they come with."
    yield "Let Set-CASMailbox add its id to ActiveSyncAllowedDeviceIDs, until their waiver ends:"
    yield from _listed(f"  {each.name}: {mailbox_of(each) if each.logins else 'no login is known'}" for each in made.unseen)


def _listed(lines: Iterable[str]) -> Iterator[str]:
    """Give the first lines and say how many more there are; say so when there are none."""
    found = list(lines)
    yield from found[:MOST] or ["  none"]
    if len(found) > MOST:
        yield f"  and {len(found) - MOST:,} more"


def _what(one: Seen) -> str:
    client = one.client
    strings = [part for part in (client.device_type, client.device_model, client.user_agent, client.device_id) if part]
    return " | ".join(strings) or "no string at all"


def _why(one: Seen) -> str:
    waiver = next((ruling.waiver for ruling in one.judgement.rulings if ruling.waiver), None)
    if waiver is not None:
        return f"Waiver {waiver}."
    return max(one.judgement.rulings, key=lambda ruling: ruling.verdict).reason if one.judgement.rulings else "Not covered."


def _settles(one: Seen) -> str:
    fields = sorted({field for ruling in one.judgement.rulings for field in ruling.settles})
    return f"It would be settled by: {', '.join(fields)}." if fields else ""


def _count(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _who(one: Seen) -> str:
    return one.client.person.name if one.client.person else one.login


def notes(rules: Rules) -> tuple[Note, ...]:
    """Say what the rules can't express."""
    made = plan(rules)
    found = []
    if made.unclear:
        number = sum(one.accesses for one in made.unclear)
        found.append(Note("cannot-tell", f"{number:,} accesses by devices that can't be told are listed as comments alone."))
    if made.open:
        found.append(
            Note("left-open", f"{len(made.open):,} devices are treated otherwise than the order says; the comments say which.")
        )
    if made.blocked:
        text = f"{len(made.blocked):,} devices are blocked by name, since no rule is right for everybody; new ones will pass."
        found.append(Note("personal-blocks", text))
    if made.unseen:
        text = (
            f"{len(made.unseen):,} people whom a waiver covers were seen with no device, and will be refused whatever they come "
            "with; the comments say who. A new device of others with a waiver is refused too, until an id is allowed by name."
        )
        found.append(Note("waived-unseen", text))
    if any(one.effect is Effect.WARN and one.client.door == DOOR for one in rules.seen):
        found.append(Note("no-warnings", "Exchange's rules can't warn: who is only warned, passes."))
    return tuple(found)


EXPORT: Final = Export(
    id="exchange",
    title="Exchange ActiveSync device access rules, as a PowerShell script with its rollback",
    suffix=".ps1",
    doors=(DOOR,),
    write=write,
    answers=answers,
    notes=notes,
    beside={".rollback.ps1": write_rollback},
)
