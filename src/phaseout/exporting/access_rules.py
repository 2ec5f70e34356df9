"""Which Exchange ActiveSync device access rules and personal exceptions an order comes to, and what Exchange does with them.

Exchange looks at a device in this order, and the first that fits decides: blocked for this mailbox, allowed for this mailbox,
a rule that blocks, a rule that quarantines, a rule that allows, the organisation's default (Exchange Server 2010 help,
"Understanding Exchange ActiveSync Device Access", unchanged since). A rule compares one whole string.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from phaseout.exporting.alone import Alone, told
from phaseout.exporting.rules import Client, Rules, Seen
from phaseout.exporting.sent import usable
from phaseout.model.device import Device
from phaseout.model.effect import HARDNESS, Effect, hardest
from phaseout.model.person import Person
from phaseout.model.verdict import Verdict

DOOR: Final = "activesync"
SERVICE: Final = "mail"
"""What ActiveSync is judged as: the door does not know what a request is for, and readers and gate take it for mail."""

Mark = tuple[str, str]
"""A characteristic, and the whole string."""

_STRINGS: Final[Mapping[str, tuple[Callable[[Client], str], Callable[[str], Device]]]] = {
    "DeviceType": (lambda client: client.device_type, lambda text: told(device_type=text)),
    "DeviceModel": (lambda client: client.device_model, lambda text: told(device_model=text)),
    "UserAgent": (lambda client: client.user_agent, lambda text: told(agent=text)),
}
"""Exchange's characteristics in the order in which they earn rules, the widest first. Its DeviceOS stands in no log."""

LEVELS: Final = {Effect.ALLOW: "Allow", Effect.QUARANTINE: "Quarantine", Effect.BLOCK: "Block"}
"""Exchange's words. It has none for a warning."""


class AccessRule(Struct, frozen=True):
    """One rule.

    Attributes:
        characteristic: Exchange's name of it.
        text: the whole string.
        effect: one of ``LEVELS``.
        accesses: how many the logs showed.
        people: of how many people.
    """

    characteristic: str
    text: str
    effect: Effect
    accesses: int
    people: int


class Personal(Struct, frozen=True):
    """One person's device that a list of the mailbox names.

    Attributes:
        person: who.
        mailbox: a name by which Exchange finds the mailbox.
        device_id: the device's.
        seen: what the logs showed of it last.
    """

    person: Person
    mailbox: str
    device_id: str
    seen: Seen


class Plan(Struct, frozen=True):
    """All that is to stand.

    Attributes:
        rules: for everybody.
        allowed: by mailbox.
        blocked: by mailbox.
        unclear: clients that can't be told; nothing is done about them.
        unseen: people whom a waiver lets pass, a rule doesn't, and the logs showed with no device that could be allowed by name.
        open: clients that the door will treat otherwise than the order says, and why.
    """

    rules: tuple[AccessRule, ...]
    allowed: tuple[Personal, ...]
    blocked: tuple[Personal, ...]
    unclear: tuple[Seen, ...]
    unseen: tuple[Person, ...]
    open: tuple[tuple[Seen, str], ...]


def plan(rules: Rules) -> Plan:
    """Decide what is to stand."""
    seen = [one for one in rules.seen if one.client.door == DOOR]
    chosen = tuple(_rules(rules, seen))
    levels = {(rule.characteristic, rule.text.casefold()): rule.effect for rule in chosen}
    allowed: list[Personal] = []
    blocked: list[Personal] = []
    left: list[tuple[Seen, str]] = []
    for one in _latest(seen):
        what, why = _personal(one, level_of(levels, one.client))
        person = one.client.person
        if why or (what is not None and (person is None or not person.logins or not usable(one.client.device_id))):
            left.append((one, why or "there is no mailbox or no device id to name"))
        elif what is not None and person is not None:
            (allowed if what is Effect.ALLOW else blocked).append(Personal(person, mailbox_of(person), one.client.device_id, one))
    unclear = tuple(one for one in seen if one.judgement.verdict is Verdict.CANNOT_TELL)
    unseen = tuple(_unseen(rules, chosen, {entry.person.id for entry in allowed}))
    return Plan(chosen, tuple(allowed), tuple(blocked), unclear, unseen, tuple(left))


def marks(client: Client) -> Iterator[Mark]:
    """Give a client's characteristics that a rule can name, as rules compare them: without their case."""
    for name, (text_of, _) in _STRINGS.items():
        if usable(text := text_of(client)):
            yield name, text.casefold()


def level_of(levels: Mapping[Mark, Effect], client: Client) -> Effect:
    """Return what the rules alone do with a client; the default of the organisation is taken to be that it may pass."""
    return hardest(levels[mark] for mark in marks(client) if mark in levels)


def mailbox_of(person: Person) -> str:
    """Return the name by which Exchange finds a mailbox: an address when there is one, else the first login."""
    return next((login for login in person.logins if "@" in login), person.logins[0])


def _rules(rules: Rules, seen: list[Seen]) -> Iterator[AccessRule]:
    """Give the rules: each is right for everybody, and needed for a client that the logs showed."""
    alone = Alone(rules.order, rules.at, DOOR, SERVICE)
    profiles = [group.profile for group in rules.groups]
    levels: dict[Mark, Effect] = {}
    for name, (text_of, told_by) in _STRINGS.items():
        for text, those in _by_text(seen, text_of):
            device = told_by(text)
            effect = alone.for_all(device, profiles)
            harder = effect in {Effect.QUARANTINE, Effect.BLOCK} and any(
                HARDNESS[level_of(levels, one.client)] < HARDNESS[effect] for one in those
            )
            permitted = effect is Effect.ALLOW and _is_new(levels, those) and alone.permitted(device, profiles)
            if effect is not None and (harder or permitted):
                levels[name, text.casefold()] = effect
                people = len({one.login for one in those})
                yield AccessRule(name, text, effect, sum(one.accesses for one in those), people)


def _unseen(rules: Rules, chosen: Iterable[AccessRule], named: set[str]) -> Iterator[Person]:
    """Give the people whom a rule refuses with some device, the order does not, and no exception by name helps."""
    alone = Alone(rules.order, rules.at, DOOR, SERVICE)
    hard = [(_STRINGS[rule.characteristic][1](rule.text), rule.effect) for rule in chosen if rule.effect is not Effect.ALLOW]
    for group in rules.groups:
        gentler = (HARDNESS[alone.effect(device, group.profile)] < HARDNESS[effect] for device, effect in hard)
        if group.profile.waivers and any(gentler):
            yield from (person for person in group.people if person.id not in named)


def _is_new(levels: Mapping[Mark, Effect], those: Iterable[Seen]) -> bool:
    """Whether some client has no rule yet."""
    return any(not any(mark in levels for mark in marks(one.client)) for one in those)


def _by_text(seen: Iterable[Seen], text_of: Callable[[Client], str]) -> list[tuple[str, list[Seen]]]:
    """Put clients together by a string, whatever its case; each string in its most used spelling, sorted."""
    those: dict[str, list[Seen]] = {}
    spellings: dict[str, Counter[str]] = {}
    for one in seen:
        if usable(text := text_of(one.client)):
            those.setdefault(text.casefold(), []).append(one)
            spellings.setdefault(text.casefold(), Counter())[text] += one.accesses
    named = {folded: max(sorted(spellings[folded]), key=spellings[folded].__getitem__) for folded in those}
    return sorted((named[folded], each) for folded, each in those.items())


def _latest(seen: Iterable[Seen]) -> list[Seen]:
    """Return what was seen last of each device of each person; a device that was updated is another one now."""
    found: dict[tuple[str, ...], Seen] = {}
    for one in sorted(seen, key=lambda one: (one.last, one.client.user_agent, one.client.device_type)):
        client = one.client
        key = (one.login, client.device_id or f"{client.user_agent}\0{client.device_type}")
        found[key] = one
    return [found[key] for key in sorted(found)]


def _personal(one: Seen, have: Effect) -> tuple[Effect | None, str]:
    """Return which list of the mailbox must name a device, or None; or why no list mends it."""
    want = Effect.ALLOW if one.effect is Effect.WARN else one.effect
    if want is have:
        return None, ""
    if want is Effect.QUARANTINE:
        return None, f"the order quarantines it and the rules {have}; a mailbox has no list for quarantine"
    return want, ""


def answers(rules: Rules) -> Callable[[Client], Effect]:
    """Return what Exchange does with a client once the plan stands."""
    made = plan(rules)
    levels = {(rule.characteristic, rule.text.casefold()): rule.effect for rule in made.rules}
    allowed, blocked = ({(each.person.id, each.device_id) for each in some} for some in (made.allowed, made.blocked))

    def answer(client: Client) -> Effect:
        key = (client.person.id if client.person else "", client.device_id)
        if client.door != DOOR or key in allowed:
            return Effect.ALLOW
        return Effect.BLOCK if key in blocked else level_of(levels, client)

    return answer
