"""User agents: browsers, ActiveSync, CalDAV, CardDAV and Exchange programs."""

from __future__ import annotations

from typing import Final

from phaseout.devices.agents import agent_device
from phaseout.devices.clue_reader import ClueReader
from phaseout.model.clue import ClueKind

CLUE: Final = ClueReader(ClueKind.USER_AGENT, agent_device)
