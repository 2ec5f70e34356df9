"""The server: listens, takes new bundles and signals, ends in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import uvloop
from msgspec import Struct
from msgspec.structs import replace

from phaseout.bundle.keys import trusted_key
from phaseout.devices.loading import load_all
from phaseout.gate.answering import Answering
from phaseout.gate.bundle_watch import BundleWatch
from phaseout.gate.caller import CALLERS, Caller
from phaseout.gate.certificate_watch import CertificateWatch
from phaseout.gate.connections import OpenConnections
from phaseout.gate.decision_log import DecisionLog
from phaseout.gate.http import Connections
from phaseout.gate.kick import Kicker
from phaseout.gate.listening import BACKLOG, listen, not_listening
from phaseout.gate.metrics import Metrics
from phaseout.gate.open_files import make_room
from phaseout.gate.place import Place, wired
from phaseout.gate.secure import SecureListener
from phaseout.gate.settings import Settings
from phaseout.gate.wire import WireConnections
from phaseout.model.fault import Fault, FaultsError

LOG: Final = logging.getLogger("phaseout.gate")

SWEEP: Final = 0.5
"""Seconds between two looks at connections that dawdle, and at a decision log that fails."""

LOOK: Final = 1.0
"""Seconds between two looks at the bundle's file, and at the certificate's."""

OLD_ENOUGH: Final = 10_000
"""How many collections of young garbage come before one of all; by default ten, each of which would hold up requests."""

FAREWELL: Final = 5.0
"""Seconds that open requests have to end when the gate is told to."""


class Job(Struct, frozen=True):
    """What a gate is started with.

    Attributes:
        bundle: the bundle's file.
        places: where to listen.
        decision_log: the decision log's file.
        settings: the operator's.
        allow_older: whether a bundle may replace a newer one.
        clock: gives the time now, in UTC.
    """

    bundle: Path
    places: tuple[Place, ...]
    decision_log: Path
    settings: Settings
    allow_older: bool
    clock: Callable[[], datetime]


def run(job: Job) -> None:
    """Serve until a signal ends it: SIGTERM or SIGINT; SIGHUP opens the decision log anew, and takes bundle and certificate anew.

    Raises:
        FaultsError: PO501 or PO510 for a key; PO524 a caller without a key could be asked from another machine; PO530 a place
            is taken; PO531 the decision log can't be opened; PO540 a certificate without a place for it, or the other way
            round; PO541 to PO545 the certificate, its key or the callers' authority can't be used.
    """
    _refuse_open_doors(job)
    _refuse_half_secured(job)
    connections = job.settings.limits.connections * len({place.caller for place in job.places})
    make_room(connections, "set limits.connections lower, or ")
    uvloop.run(_serve(job))


def _refuse_open_doors(job: Job) -> None:
    """Refuse to be asked from other machines without a key: whoever asks could try out whom the order reaches."""
    known = job.settings.tls is not None and job.settings.tls.client_ca is not None
    faults = []
    for place in job.places:
        asking = [place.caller] if place.caller else [name for name in CALLERS.ids if name not in wired()]
        open_ = [name for name in asking if name not in job.settings.keys]
        if open_ and not place.is_local and not (place.is_secure and known):
            message = f"It is reached from other machines, and these callers need no key: {', '.join(open_)}."
            way_out = "Give each a key in the configuration ([callers.NAME] keys), or listen at 127.0.0.1."
            faults.append(Fault(str(place), 0, 0, "PO524", message, way_out))
    if faults:
        raise FaultsError(tuple(faults))


def _refuse_half_secured(job: Job) -> None:
    """Refuse what says TLS at one end only: it would be asked in the clear, or not at all."""
    places = [place for place in job.places if place.is_secure]
    if places and job.settings.tls is None:
        message, way_out = (
            "It is asked over TLS, and there is no certificate.",
            "Name it in the configuration ([tls] certificate, key).",
        )
        raise FaultsError((Fault(str(places[0]), 0, 0, "PO540", message, way_out),))
    if job.settings.tls is not None and not places:
        message = "It is asked in the clear, and the configuration has a certificate."
        way_out = "Write tls: before the place, or take [tls] out of the configuration."
        raise FaultsError((Fault(str(job.places[0]), 0, 0, "PO540", message, way_out),))


async def _serve(job: Job) -> None:
    loop = asyncio.get_running_loop()
    metrics = Metrics()
    certificates = _certificates(job, metrics)
    keys = [trusted_key(path) for path in job.settings.trusted_keys]
    log = DecisionLog(job.decision_log)
    watch = BundleWatch(job.bundle, keys, metrics, allow_older=job.allow_older)
    callers = {name: CALLERS[name] for name in CALLERS.ids}
    answering = Answering(job.settings, callers, watch, log, metrics, job.clock, _kicker(job.settings, metrics))
    rooms = _rooms(job, callers, answering, metrics, log)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _hang_up, log, watch, certificates, job.clock)
    watch.take(job.clock())
    if job.settings.reuse_port:
        await _wait_for_a_bundle(watch, job.clock, stop)
    servers = [
        await _listen(place, rooms[place.caller], certificates, reuse_port=job.settings.reuse_port) for place in job.places
    ]
    LOG.info("Listening at %s.", ", ".join(map(str, job.places)))
    for place in job.places:
        if not place.is_local and not place.is_secure:
            secure = replace(place, is_secure=True)
            LOG.warning("At %s it is asked in the clear: keys and logins can be read on the way. Write %s.", place, secure)
    chores = [
        loop.create_task(_sweep(rooms.values(), log)),
        loop.create_task(_look(watch, certificates, job.clock)),
        loop.create_task(asyncio.to_thread(_warm, answering)),
        *(loop.create_task(server.serve()) for server in servers if isinstance(server, SecureListener)),
    ]
    for chore in chores:
        chore.add_done_callback(lambda ended: stop.set() if not ended.cancelled() and ended.exception() else None)
    await stop.wait()
    broken = [each for chore in chores if chore.done() and not chore.cancelled() and (each := chore.exception())]
    await _end(servers, rooms.values(), chores)
    log.close()
    if broken:
        raise broken[0]
    LOG.info("Ended.")


async def _wait_for_a_bundle(watch: BundleWatch, clock: Callable[[], datetime], stop: asyncio.Event) -> None:
    """Listen only when there is a bundle: a gate without one would take its share of what another at this address can answer."""
    if watch.serving is None:
        LOG.error("Not listening until there is a bundle: another gate at the same address may have one (reuse_port).")
    while watch.serving is None and not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK)
        if watch.has_changed():
            watch.take(clock())


def _rooms(
    job: Job, callers: Mapping[str, Caller], answering: Answering, metrics: Metrics, log: DecisionLog
) -> dict[str, OpenConnections]:
    """Return the connections of each protocol that is listened for, by the caller's id; HTTP's under the empty one."""
    limits, soon = job.settings.limits, asyncio.get_running_loop().call_soon

    def refused(why: str) -> None:
        metrics.refused_requests[(why,)] += 1

    def settle() -> bool:
        return log.settle() or job.settings.answers_without_log

    rooms: dict[str, OpenConnections] = {"": Connections(limits, answering.answer, refused, soon, settle)}
    for name in {place.caller for place in job.places}:
        if name and (wire := callers[name].wire):
            rooms[name] = WireConnections(limits, wire, partial(answering.ask, callers[name]), refused, soon, settle)
    return rooms


def _kicker(settings: Settings, metrics: Metrics) -> Callable[[str, str], None] | None:
    """Return what ends sessions, or None where nothing can."""
    doveadm = settings.doveadm
    return Kicker(doveadm.host, doveadm.port, doveadm.key, metrics.kicks).kick if doveadm else None


def _certificates(job: Job, metrics: Metrics) -> CertificateWatch | None:
    """Return what is shown over TLS, or None where nothing is."""
    return CertificateWatch(job.settings.tls, metrics, job.clock()) if job.settings.tls else None


def _hang_up(log: DecisionLog, watch: BundleWatch, certificates: CertificateWatch | None, clock: Callable[[], datetime]) -> None:
    """Do what SIGHUP asks for."""
    log.reopen()
    watch.look_again()
    if certificates:
        certificates.take(clock())


async def _listen(
    place: Place, connections: OpenConnections, certificates: CertificateWatch | None, *, reuse_port: bool
) -> asyncio.AbstractServer | SecureListener:
    if not (certificates and place.is_secure):
        return await listen(place, connections.connection, reuse_port=reuse_port)
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listening = socket.create_server((place.host, place.port), family=family, backlog=BACKLOG, reuse_port=reuse_port)
    except OSError as error:
        raise not_listening(place, error) from None
    return SecureListener(listening, connections, lambda: certificates.context)


async def _sweep(rooms: Iterable[OpenConnections], log: DecisionLog) -> None:
    while True:
        await asyncio.sleep(SWEEP)
        for connections in rooms:
            connections.sweep()
        log.retry()


async def _look(watch: BundleWatch, certificates: CertificateWatch | None, clock: Callable[[], datetime]) -> None:
    """Take the bundle and the certificate when their files have changed; in a thread, so that requests are answered meanwhile."""
    while True:
        await asyncio.sleep(LOOK)
        if watch.has_changed():
            await asyncio.to_thread(watch.take, clock())
        watch.look_after(clock())
        if certificates and certificates.has_changed():
            certificates.take(clock())


def _warm(answering: Answering) -> None:
    """Read one agent of each kind, so that no person's first request waits for the tables to load.

    What is asked meanwhile is answered, slower; the gate is ready when nothing is loaded any more. On a machine that does much
    else, a load beside requests makes them wait longer than nginx does.
    """
    load_all()
    # The staff and the tables stay: looking through them for garbage would only make requests wait. So would looking through
    # what is remembered of requests, and next to nothing of it goes in circles: young objects are looked through as ever.
    gc.freeze()
    gc.set_threshold(*gc.get_threshold()[:2], OLD_ENOUGH)
    gc.enable()
    answering.is_warm = True


async def _end(
    servers: Iterable[asyncio.AbstractServer | SecureListener],
    rooms: Iterable[OpenConnections],
    chores: Iterable[asyncio.Task[None]],
) -> None:
    """Take no further connection, let each request that has begun end, close all."""
    for server in servers:
        server.close()
    for chore in chores:
        chore.cancel()
    for connections in rooms:
        connections.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL):
            while any(connections.open for connections in rooms):  # noqa: ASYNC110 - asked at the very end only; no connection need announce its own
                await asyncio.sleep(0.01)
