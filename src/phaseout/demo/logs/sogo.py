"""SOGo's own log: who asked for what, by which kind of device, but never with which agent; and without a year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from phaseout.demo.calendar import syslog_local
from phaseout.demo.clients import activesync, type_tells
from phaseout.demo.devices import Tells
from phaseout.demo.life import Deed
from phaseout.demo.sogo_requests import is_repeat, is_told, target_of, user_of
from phaseout.demo.writing import ACCESS, REJECTED, REPEAT, Line, Planted, Writer, Written, by_time, log_file, moments


def _write(deeds: Sequence[Deed], days: range, chance: Random) -> Written:
    """Make the log; what passes nginx too is planted there."""
    lines = [line for deed in deeds for line in _lines(deed)]
    lines += _noise(days, chance)
    lines.sort(key=by_time)
    planted = [shown for deed in deeds if not is_repeat(deed) and (shown := _planted(deed))]
    return Written([log_file("sogo/sogo.log", "sogo", lines)], planted)


def _planted(deed: Deed) -> Planted | None:
    """Say what the log shows of a deed."""
    if not is_told(deed):
        return None
    if deed.door != "activesync":
        return Planted(deed, "sogo", user_of(deed), deed.door, Tells.NOTHING, {})
    kind = activesync(deed.device).device_type
    return Planted(deed, "sogo", user_of(deed), "activesync", type_tells(kind), {"activesync": kind}, deed.device.device_id)


def _lines(deed: Deed) -> Iterator[Line]:
    """Write one deed."""
    if deed.door == "webmail" and deed.action == "attempt":
        yield from _sentences(deed)
        return
    method, target = target_of(deed)
    done = "204" if deed.door == "webmail" else "207" if method == "REPORT" else "200"
    status = "401" if deed.action == "attempt" else done
    fate = REPEAT if is_repeat(deed) else ACCESS
    fate = fate if is_told(deed) else "nobody"
    for at in deed.at:
        end = f'"{method} {target} HTTP/1.0" {status} {at % 900}/13 0.{at % 900:03d} - - {at % 7}M - 15'
        yield at, f"{syslog_local(at)} sogod [{at % 9 + 5090}]: {deed.device.address} {end}", fate


def _sentences(deed: Deed) -> Iterator[Line]:
    """Write how SOGo tells of a wrong password on its web page."""
    for at in deed.at:
        text = f"Login from '{deed.device.address}' for user '{user_of(deed)}' might not have worked - password policy: 65535"
        yield at, f"{syslog_local(at)} sogod [{at % 9 + 5090}]: SOGoRootPage {text}", ACCESS


def _noise(days: range, chance: Random) -> Iterator[Line]:
    """Write the lines that are nobody's use, and those that are broken."""
    texts = (
        "<0x0x55e12b60b690[SOGoActiveSyncDispatcher]> Change detected during Sync, we push the content.",
        '198.51.100.9 "GET /SOGo.woa/WebServerResources/css/styles.css HTTP/1.0" 200 881/0 0.001 - - 0 - 15',
        "<0x0x55dcffcfbb20[SOGoProductLoader]> SOGo products loaded from '/usr/lib/GNUstep/SOGo':",
    )
    for number, at in enumerate(moments(days, 2.0, chance)):
        yield at, f"{syslog_local(at)} sogod [5090]: {texts[number % len(texts)]}", "the server's own"
    for at in moments(days, 0.05, chance):
        yield at, '.168.0.9 "POST /SOGo/Microsoft-Serv', REJECTED


WRITER: Final = Writer("sogo", lambda deed: deed.member.system == "sogo", _write)
