"""The relay's server: listens beside the doors, asks the gates, ends in order."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final, NoReturn

import uvloop
from msgspec import Struct

from phaseout.gate.caller import CALLERS
from phaseout.gate.certificate import Asking
from phaseout.gate.http import Answer
from phaseout.gate.listening import listen
from phaseout.gate.metrics import counters, gauges
from phaseout.gate.open_files import make_room
from phaseout.gate.place import Place
from phaseout.gate.relay.connections import Answering, DoorConnections
from phaseout.gate.relay.http_tongue import HttpTongue
from phaseout.gate.relay.kept import Kept
from phaseout.gate.relay.relaying import Relay
from phaseout.gate.relay.secured import Secured
from phaseout.gate.relay.tongue import Inquiry, Tongue
from phaseout.gate.relay.upstream import Upstream
from phaseout.gate.relay.wire_tongue import WireTongue
from phaseout.gate.settings import Limits

LOG: Final = logging.getLogger("phaseout.gate")

LOOK: Final = 1.0
"""Seconds between two writings of what is kept: so much of it is lost when the relay is killed."""


_HANDED_ON: Final = frozenset({"denied", "readyz"})
"""What a gate has for others than its callers; nothing else is, for a door might take whatever answers for a yes."""

_NOT_FOUND: Final = Answer(404)


class RelayJob(Struct, frozen=True):
    """What a relay is started with.

    Attributes:
        places: where doors ask, on this machine.
        gates: that are asked, the first first.
        kept: the file of the last known decisions.
        life: for how long a decision holds after it was made.
        seconds: that a question may take.
        asking: with what gates are asked over TLS.
        clock: gives the time now, in UTC.
    """

    places: tuple[Place, ...]
    gates: tuple[Place, ...]
    kept: Path
    life: timedelta
    seconds: float
    asking: Asking
    clock: Callable[[], datetime]


def run(job: RelayJob) -> None:
    """Serve until SIGTERM or SIGINT ends it.

    Raises:
        FaultsError: PO530 a place is taken; PO533 the file of kept decisions can't be opened; PO541 to PO544 and PO546 what gates
            are asked with over TLS can't be used.
    """
    # A question has a connection to a gate besides.
    make_room(2 * Limits().connections * len({place.caller for place in job.places}))
    uvloop.run(_serve(job))


async def _serve(job: RelayJob) -> None:
    loop = asyncio.get_running_loop()
    secured = Secured(job.asking, job.clock()) if any(place.is_secure for place in job.gates) else None
    kept = Kept(job.kept, job.life, job.clock)
    tongues = {place.caller: _tongue(place.caller) for place in job.places}
    gates = {
        name: tuple(
            Upstream(place, tongue, monotonic, secured if place.is_secure else None)
            for place in job.gates
            if place.caller == name
        )
        for name, tongue in tongues.items()
    }
    relay = Relay(gates, kept, job.seconds)
    doors = {name: DoorConnections(tongue, _answering(name, relay, kept)) for name, tongue in tongues.items()}
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # it looks at its files by itself, and must not end of being told to
    servers = [await listen(place, doors[place.caller].connection) for place in job.places]
    LOG.info("Listening at %s; asking %s.", ", ".join(map(str, job.places)), ", ".join(map(str, job.gates)))
    chore = loop.create_task(_chores(relay, kept, secured, job.clock))
    chore.add_done_callback(lambda _: stop.set())
    await stop.wait()
    for server in servers:
        server.close()
    await asyncio.gather(*(each.close() for each in doors.values()))
    chore.cancel()
    broken = (await asyncio.gather(chore, return_exceptions=True))[0]
    for gate in (gate for each in gates.values() for gate in each):
        gate.close()
    kept.close()
    if not isinstance(broken, asyncio.CancelledError):
        raise broken
    LOG.info("Ended.")


async def _chores(relay: Relay, kept: Kept, secured: Secured | None, clock: Callable[[], datetime]) -> NoReturn:
    """Tell what there is to tell, write what is kept, and look at the certificates, until cancelled."""
    while True:
        await asyncio.sleep(LOOK)
        relay.outages.tell()
        await kept.write()
        if secured:
            secured.look(clock())


def _tongue(caller: str) -> Tongue:
    wire = CALLERS[caller].wire if caller else None
    return WireTongue(Limits(), wire) if wire else HttpTongue(Limits())


def _answering(name: str, relay: Relay, kept: Kept) -> Answering:
    """Return what answers the questions that come in one protocol; HTTP's is the empty one."""
    if name:
        return partial(relay.answer, CALLERS[name])
    callers = {caller.id: caller for caller in CALLERS if caller.wire is None}

    async def answer(inquiry: Inquiry) -> Answer:
        first = inquiry.request.path.split("/", 2)[1] if inquiry.request.path.startswith("/") else ""
        if first == "healthz":
            return Answer(200, body=b"alive\n", content_type="text/plain")
        if first == "metrics":
            return Answer(200, body=_figures(relay, kept).encode(), content_type="text/plain; version=0.0.4; charset=utf-8")
        if caller := callers.get(first):
            return await relay.answer(caller, inquiry)
        return await relay.pass_on(None, inquiry) if first in _HANDED_ON else _NOT_FOUND

    return answer


def _figures(relay: Relay, kept: Kept) -> str:
    """Return all figures as one text for Prometheus."""
    name = "phaseout_relay"
    works: dict[tuple[str, ...], float] = {(str(gate.place),): float(gate.works) for gate in relay.gates}
    lines = [
        *counters(f"{name}_answers_total", "Answers, by whose they were.", ("caller", "whose"), relay.outages.answers),
        *gauges(f"{name}_gate_works", "Whether a gate answered when it was asked last.", ("gate",), works),
        *counters(
            f"{name}_file_failures_total", "Attempts to read or write kept decisions that failed.", (), {(): kept.failures}
        ),
    ]
    return "\n".join(lines) + "\n"
