"""Any agent: our own readings of mail programs first, browsers then."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from phaseout.devices.agent_text import plain
from phaseout.devices.apple_agents import activesync_agent, system_agent
from phaseout.devices.darwin_agents import darwin_agent
from phaseout.devices.mail_agents import mail_agent
from phaseout.model.device import Device, Grade


def agent_device(value: str) -> Device:
    """Read an agent of any program.

    Args:
        value: as it stood in the log.

    Returns:
        What it tells; never raises.
    """
    text = plain(value)
    if not text or text == "-":
        return Device(grade=Grade.WEAK, reason="The agent is empty.")
    return activesync_agent(text) or mail_agent(text) or darwin_agent(text) or _own_system(text) or _browser()(text)


@cache
def _browser() -> Callable[[str], Device]:
    """The reading of browsers; the first one brings its rules along."""
    from phaseout.devices.browser_agents import browser_agent  # noqa: PLC0415 - logs of phones have none

    return browser_agent


def _own_system(text: str) -> Device | None:
    """Programs that name Apple's system themselves; browsers, which open with Mozilla or Opera, are read by other rules."""
    return None if text.startswith(("Mozilla/", "Opera/", "Dalvik/")) else system_agent(text)
