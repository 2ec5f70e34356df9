"""Exchange's ClientInfoString: ``Client=<protocol>;<agent>;…``, ``UserAgent=`` among other fields, or one nested in brackets."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from phaseout.devices.activesync_query import parse_query
from phaseout.devices.activesync_types import device_type
from phaseout.devices.agents import agent_device
from phaseout.devices.clue_reader import ClueReader
from phaseout.devices.merge import merge
from phaseout.model.clue import ClueKind
from phaseout.model.device import Device, Grade

_NESTED: Final = re.compile(r"\((Client=[^()]*(?:\([^()]*\)[^()]*)*)\)")

_FIELD: Final = re.compile(r"([A-Za-z][A-Za-z ]*)=(.*)", re.DOTALL)

_PROXIES: Final = frozenset({"owaproxy", "viaproxy", "internalcalendarsharing", "microsoft.exchange.sharingpolicy"})
"""Exchange's own parts, which are no client."""


def _read(value: str) -> Device:
    """Read the string, a nested one first: the outer names only Exchange's own part."""
    nested = _NESTED.search(value)
    text = nested[1] if nested else value
    protocols, agents, types = _parts(text)
    protocol = protocols[0] if protocols else None
    devices = [agent_device(agent) for agent in dict.fromkeys(agents)] + [device_type(name) for name in dict.fromkeys(types)]
    if not devices:
        return Device(
            grade=Grade.WEAK, reason=f"Exchange names only the way in, {protocol or 'nothing'}; no program and no device."
        )
    device = merge(devices)
    return replace(device, reason=f"Exchange's ClientInfoString, by {protocol or 'an unnamed way'}: {device.reason}")


def _parts(text: str) -> tuple[list[str], list[str], list[str]]:
    """The protocols, the agents and the DeviceTypes of one string."""
    protocols, agents, types = [], [], []
    for part in _split(text):
        field = _FIELD.fullmatch(part)
        name = field[1].casefold() if field else ""
        if field and name == "client":
            protocols.append(field[2])
        elif field and name == "useragent":
            agents.append(field[2])
        elif field and name == "action":
            query = parse_query(field[2].partition("?")[2])
            types += [query.device_type] if query and query.device_type else []
        elif not field and _is_agent(part):
            agents.append(part)
    return protocols, [agent for agent in agents if agent and agent.casefold() not in _PROXIES], types


def _split(text: str) -> list[str]:
    """Cut at semicolons that stand outside brackets; an agent has its own inside them."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif sign == ";" and not depth:
            parts.append(text[start:place].strip())
            start = place + 1
    return [part for part in [*parts, text[start:].strip()] if part]


def _is_agent(part: str) -> bool:
    """Whether a bare part names a program: programs have a version after a slash."""
    return "/" in part and not part.startswith(("/", "[", "?"))


CLUE: Final = ClueReader(ClueKind.CLIENT_INFO, _read)
