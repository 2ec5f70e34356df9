r"""nginx ``map``\ s: from the agent, the DeviceType and, where nginx knows it, the login, to what the door does.

The file belongs into ``http { }``. For each service at each door that the logs showed it defines two variables:
``$phaseout_<door>_<service>``, 1 when the request is to be refused, else 0; and ``$phaseout_<door>_<service>_stage``, which is
``warn``, ``quarantine``, ``block``, or empty. What no map has, passes. nginx has no quarantine: it shows as the stage alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TextIO
from urllib.parse import quote

from phaseout.exporting.about import about
from phaseout.exporting.export import Export, Note
from phaseout.exporting.rules import Rules
from phaseout.exporting.tables import Strings, Table, answers, tables
from phaseout.model.access import WEB_DOORS
from phaseout.model.effect import Effect

_SPECIAL: Final = frozenset({"default", "hostnames", "include", "volatile"})
"""Words that mean something to ``map`` itself."""

BETWEEN: Final = "|"
"""Between the parts of a key: a group's number, the agent, the DeviceType."""


def write(rules: Rules, stream: TextIO) -> None:
    """Write the maps."""
    made = tables(rules)
    stream.writelines(f"{line}\n" for line in _lines(rules, made))


def _lines(rules: Rules, made: tuple[Table, ...]) -> Iterator[str]:
    yield _comment(f"Made by phaseout {rules.version}; include it in http {{ }}.")
    yield from map(_comment, about(rules))
    yield from _usage(made)
    blocks = [list(_blocks(table)) for table in made]
    keys = [key for each in blocks for _, _, entries in each for key, _ in entries]
    yield "# Include this before any other map: nginx settles these sizes at the first, and calls them duplicate behind it."
    yield "# If your configuration has any of them already, leave the larger number there and delete it here."
    yield f"map_hash_bucket_size {_power(max((len(key.encode()) for key in keys), default=0) + 40, 128)};"
    yield f"map_hash_max_size {_power(2 * len(keys), 2048)};"
    yield "variables_hash_bucket_size 128;"
    yield "variables_hash_max_size 4096;"
    for table, each in zip(made, blocks, strict=True):
        yield ""
        yield _comment(f"{table.service} by {table.door}")
        for source, variable, entries in each:
            yield from _map(source, variable, entries)
        yield from _last(table)


def _usage(made: tuple[Table, ...]) -> Iterator[str]:
    yield "#"
    yield "# How to use it, in the location that serves the door:"
    for table in made:
        yield f"#   if ({_name(table)}) {{ return 403; }}    # {table.service} by {table.door}"
        yield f"#   proxy_set_header X-Phaseout-Stage {_name(table)}_stage;"
    if not made:
        yield "#   nothing: the logs showed no door that a web server keeps."
    yield "#"


def _name(table: Table) -> str:
    return f"$phaseout_{table.door}_{table.service}".replace("-", "_")


Block = tuple[str, str, list[tuple[str, str]]]
"""A map: its source, the variable's name, and the entries, keys and values as they are meant."""


def _blocks(table: Table) -> Iterator[Block]:
    """Give the maps of a table, each group's entries under its number."""
    name, who = _name(table), ""
    groups = [("", table.others)]
    if table.groups:
        who = f"{name}_who{BETWEEN}"
        people = [(login, str(number)) for number, group in enumerate(table.groups, 1) for login in group.logins]
        yield "$remote_user", f"{name}_who", people
        groups = [(f"{number or ''}{BETWEEN}", one) for number, one in enumerate((table.others, *table.groups))]
    source = f"{who}$http_user_agent"
    yield source, f"{name}_agent", list(_agents(groups))
    if table.door == "activesync":
        yield f"{who}$arg_devicetype", f"{name}_type", list(_types(groups))
        yield f"{who}$http_user_agent{BETWEEN}$arg_devicetype", f"{name}_pair", list(_pairs(groups))


def _agents(groups: Iterable[tuple[str, Strings]]) -> Iterator[tuple[str, str]]:
    for before, strings in groups:
        yield from ((before + agent, effect.value) for agent, effect in sorted(strings.agents.items()))


def _types(groups: Iterable[tuple[str, Strings]]) -> Iterator[tuple[str, str]]:
    for before, strings in groups:
        yield from _spelt((before, kind, effect) for kind, effect in strings.types.items())


def _pairs(groups: Iterable[tuple[str, Strings]]) -> Iterator[tuple[str, str]]:
    for before, strings in groups:
        yield from _spelt((f"{before}{agent}{BETWEEN}", kind, effect) for (agent, kind), effect in strings.pairs.items())


def _spelt(entries: Iterable[tuple[str, str, Effect]]) -> Iterator[tuple[str, str]]:
    """Give each DeviceType as it is and as a query has it, for nginx shows a parameter as it came: ``Windows%20Mail``."""
    keys: dict[str, str] = {}
    for before, kind, effect in sorted(entries):
        keys.setdefault(before + kind, effect.value)
        keys[before + quote(kind, safe="")] = effect.value
    yield from sorted(keys.items())


def _map(source: str, variable: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f'map "{source}" {variable} {{'
    yield '    default "";'
    yield from (f"    {escaped(key)} {value};" for key, value in entries)
    yield "}"


def _last(table: Table) -> Iterator[str]:
    """Give the maps that put the parts together: the pair decides where it is known, else the hardest part."""
    name = _name(table)
    parts = f"{name}_pair:{name}_agent:{name}_type" if table.door == "activesync" else f":{name}_agent:"
    yield f'map "{parts}" {name}_stage {{'
    yield '    default "";'
    yield '    "~^allow" "";'
    yield from (f'    "~^{effect}" {effect};' for effect in ("block", "quarantine", "warn"))
    yield from (f'    "~:{effect}" {effect};' for effect in ("block", "quarantine", "warn"))
    yield "}"
    yield f"map {name}_stage {name} {{"
    yield "    default 0;"
    yield "    block 1;"
    yield "}"


def escaped(key: str) -> str:
    r"""Return a map's key so that nginx takes it for nothing but the string.

    A key that begins with ``~`` would be a pattern, and some words are directives; a backslash before it, which ``map`` takes
    off, says that it is a string. Quoted, it may hold anything but quotes and backslashes, which get one of their own.

    Example:
        >>> print(escaped('Mail "x" \\ {1}'), escaped("~.*"), escaped("default"))
        "Mail \"x\" \\ {1}" "\\~.*" "\\default"
    """
    if key in _SPECIAL or key.startswith(("~", "\\")):
        key = f"\\{key}"
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(text: str) -> str:
    return "# " + "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


def _power(at_least: int, lowest: int) -> int:
    """Return the lowest power of two that is enough."""
    number = lowest
    while number < at_least:
        number *= 2
    return number


def notes(rules: Rules) -> tuple[Note, ...]:
    """Say what the maps can't express."""
    made = tables(rules)
    found = []
    by_person = [f"{table.service} by {table.door}" for table in made if table.groups]
    if by_person:
        text = (
            "the order differs by person, and nginx knows people by $remote_user alone; without it, and with a login of another "
            "spelling than the staff list's and the logs', all may do what anybody may, whom a waiver covers among them."
        )
        found.append(Note("people-unknown", f"{', '.join(by_person)}: {text}"))
    if any(table.door == "activesync" for table in made):
        text = (
            "ActiveSync queries that are packed in base64 show nginx no DeviceType, and those that encode letters without need "
            "(%69Phone) show another; there the agent alone decides."
        )
        found.append(Note("packed-queries", text))
    elsewhere = sorted({one.client.door for one in rules.seen} - set(WEB_DOORS))
    if elsewhere:
        found.append(Note("other-doors", f"Not kept by a web server: {', '.join(elsewhere)}."))
    return tuple(found)


EXPORT: Final = Export(
    id="nginx",
    title="nginx maps of agents and DeviceTypes",
    suffix=".conf",
    doors=WEB_DOORS,
    write=write,
    answers=answers,
    notes=notes,
)
