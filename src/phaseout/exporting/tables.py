"""Tables of strings for a web server that knows the agent, the DeviceType and, where people sign in to it, who it is.

Such a server answers by what is written down and by nothing else, so a string that no table has is let pass. Of what the
tables have, the hardest effect counts, unless the pair of agent and DeviceType was seen and is judged otherwise: then that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from phaseout.exporting.alone import Alone, told
from phaseout.exporting.rules import Client, Group, Rules
from phaseout.exporting.sent import usable
from phaseout.judge.profile import Profile
from phaseout.model.access import WEB_DOORS
from phaseout.model.effect import HARDNESS, Effect, hardest

Pair = tuple[str, str]
"""An agent and a DeviceType."""


class Strings(Struct, frozen=True):
    """What one group of people is answered.

    Attributes:
        logins: theirs, folded; empty for all whom no group has.
        agents: the effect by agent.
        types: the effect by DeviceType.
        pairs: the effect by both, where it is another than those two make.
    """

    logins: tuple[str, ...]
    agents: Mapping[str, Effect]
    types: Mapping[str, Effect]
    pairs: Mapping[Pair, Effect]


class Table(Struct, frozen=True):
    """What stands for one service at one door.

    Attributes:
        door: one of ``WEB_DOORS``.
        service: one of ``SERVICES``.
        groups: of people.
        others: what everybody is answered whom no group has, known or not: nothing that the order does not say of everybody.
    """

    door: str
    service: str
    groups: tuple[Strings, ...]
    others: Strings


def folded(text: str) -> str:
    """Return a string as nginx's maps compare it: without the case of ASCII letters."""
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def tables(rules: Rules) -> tuple[Table, ...]:
    """Return the tables of every service that the logs showed at every door, sorted."""
    places = sorted({(one.client.door, one.client.service) for one in rules.seen if one.client.door in WEB_DOORS})
    return tuple(_table(rules, door, service) for door, service in places)


def _table(rules: Rules, door: str, service: str) -> Table:
    alone = Alone(rules.order, rules.at, door, service)
    clients = [(one.client, one.accesses) for one in rules.seen if (one.client.door, one.client.service) == (door, service)]
    pairs = Counter[Pair]()
    for client, accesses in clients:
        pairs[_pair(client)] += accesses
    made: dict[tuple[object, ...], list[Group]] = {}
    strings: dict[tuple[object, ...], Strings] = {}
    for group in rules.groups:
        one = _strings(alone, group.profile, pairs)
        key = tuple(tuple(sorted(each.items())) for each in (one.agents, one.types, one.pairs))
        made.setdefault(key, []).append(group)
        strings[key] = one
    others = _gentlest(strings.values())
    named = ((_logins(rules, made[key]), one) for key, one in strings.items() if len(made) > 1)
    groups = (Strings(logins, one.agents, one.types, one.pairs) for logins, one in named if logins)
    return Table(door, service, tuple(groups), others)


def _pair(client: Client) -> Pair:
    """Return a client's strings as it spells them; empty where no table can name them."""
    agent, kind = (text if usable(text) else "" for text in (client.user_agent, client.device_type))
    return agent, kind


def _strings(alone: Alone, profile: Profile, pairs: Mapping[Pair, int]) -> Strings:
    """Judge each string alone and each pair together; of spellings that differ in case alone the most used one counts."""
    often = sorted(pairs, key=lambda pair: (pairs[pair], pair))
    agents = {folded(agent): alone.effect(told(agent=agent), profile) for agent, _ in often if agent}
    types = {folded(kind): alone.effect(told(device_type=kind), profile) for _, kind in often if kind}
    both = {
        (folded(agent), folded(kind)): alone.effect(told(agent=agent, device_type=kind), profile)
        for agent, kind in often
        if agent and kind
    }
    other = {pair: effect for pair, effect in both.items() if effect is not hardest((agents[pair[0]], types[pair[1]]))}
    return Strings((), dict(_hard(agents.items())), dict(_hard(types.items())), other)


def _hard(effects: Iterable[tuple[str, Effect]]) -> Iterator[tuple[str, Effect]]:
    return ((text, effect) for text, effect in effects if effect is not Effect.ALLOW)


def _gentlest(groups: Iterable[Strings]) -> Strings:
    """Return what everybody is answered at least: who isn't known may not be refused what somebody may do."""
    each = list(groups)
    agents, types = (
        {
            text: min((part.get(text, Effect.ALLOW) for part in parts), key=HARDNESS.__getitem__)
            for text in sorted(set[str]().union(*parts))
        }
        for parts in ([one.agents for one in each], [one.types for one in each])
    )
    pairs = {
        pair: min((_answer(one, *pair) for one in each), key=HARDNESS.__getitem__)
        for pair in sorted(set[Pair]().union(*(one.pairs for one in each)))
    }
    return Strings((), dict(_hard(agents.items())), dict(_hard(types.items())), pairs)


def _logins(rules: Rules, groups: Iterable[Group]) -> tuple[str, ...]:
    """Return the logins of some people, in the staff list's spellings and in those that the logs showed."""
    people = (person for group in groups for person in group.people)
    spelt = (login for person in people for login in (*person.logins, *rules.spellings.get(person.id, ())))
    return tuple(sorted({folded(login) for login in spelt if usable(login)}))


def _answer(strings: Strings, agent: str, kind: str) -> Effect:
    """Return what one group is answered."""
    alone = hardest((strings.agents.get(agent, Effect.ALLOW), strings.types.get(kind, Effect.ALLOW)))
    return strings.pairs.get((agent, kind), alone)


def answers(rules: Rules) -> Callable[[Client], Effect]:
    """Return what the tables answer; people are taken to sign in as the staff list or the logs spell them."""
    made = {(table.door, table.service): table for table in tables(rules)}
    groups = {place: {login: one for one in table.groups for login in one.logins} for place, table in made.items()}

    def answer(client: Client) -> Effect:
        place = (client.door, client.service)
        table = made.get(place)
        if table is None:
            return Effect.ALLOW
        logins = map(folded, client.person.logins if client.person else ())
        strings = next((groups[place][login] for login in logins if login in groups[place]), table.others)
        return _answer(strings, *map(folded, _pair(client)))

    return answer
