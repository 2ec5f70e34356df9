"""``phaseout gate``: the server that mail servers ask, and what the help desk and the order's keeper ask of its log."""

from __future__ import annotations

import gc
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from msgspec import to_builtins

from phaseout.cli._inputs import Instant, Zone, instant
from phaseout.cli._output import keep_apart

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("gate", invoke_without_command=True)
@click.option("--bundle", type=_FILE, help="The bundle that phaseout bundle make wrote.")
@click.option(
    "--listen",
    multiple=True,
    metavar="PLACE",
    help="127.0.0.1:14001, tls:192.0.2.10:14001 or unix:/run/phaseout/gate.sock; postfix= before it for Postfix (repeatable).",
)
@click.option("--decision-log", type=_FILE, help="Where each decision is written down, as JSON lines.")
@click.option("--config", type=_FILE, help="The configuration, as TOML.")
@click.option("--trust", type=_FILE, multiple=True, help="A public key that bundles may be signed with (repeatable).")
@click.option("--allow-older", is_flag=True, help="Let a bundle replace a newer one.")
@click.pass_context
def COMMAND(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401, N802 - click's own values; named as in every file here
    """Answer mail servers: may this person's device be used for this service now?

    \b
    Example:
      phaseout gate --bundle gate.bundle --trust gate.key.pub --listen 127.0.0.1:14001 --decision-log decisions.jsonl

    SIGHUP opens the decision log anew and takes bundle and certificate anew; SIGTERM ends the gate after the requests that have
    begun.
    """  # noqa: D301 - click reads this \b
    if context.invoked_subcommand is not None:
        return
    missing = [name for name in ("bundle", "listen", "decision_log") if not given[name]]
    if missing:
        message = f"Missing option: --{missing[0].replace('_', '-')}."
        raise click.UsageError(message)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the server hears it: one that comes too soon must not end it
    # Nothing that is loaded goes in circles; the server looks for such again when all is loaded.
    gc.disable()
    try:
        _serve(given)
    finally:
        gc.enable()


def _places(texts: tuple[str, ...], option: str, *, is_named: bool = False) -> tuple[Any, ...]:
    """Read places from the command line."""
    from phaseout.gate.place import Place  # noqa: PLC0415 - loads its libraries only when served

    try:
        return tuple(Place.read(text, is_named=is_named) for text in texts)
    except ValueError as error:
        message = (
            f"{error}. Write 127.0.0.1:14001, [::1]:14001, tls:192.0.2.10:14001, unix:/run/phaseout/gate.sock, "
            "or postfix= and one of these."
        )
        raise click.BadParameter(message, param_hint=option) from None


def _serve(given: dict[str, Any]) -> None:
    from phaseout.gate.caller import CALLERS  # noqa: PLC0415 - loads its libraries only when served
    from phaseout.gate.own_log import write_to_stderr  # noqa: PLC0415
    from phaseout.gate.server import Job, run  # noqa: PLC0415
    from phaseout.gate.settings import Settings, load_settings  # noqa: PLC0415

    places = _places(given["listen"], "--listen")
    settings = (load_settings(given["config"], CALLERS.ids) if given["config"] else Settings()).trusting(given["trust"])
    keep_apart({"--decision-log": given["decision_log"]}, (given["bundle"], *settings.files))
    write_to_stderr()
    run(
        Job(
            bundle=given["bundle"],
            places=places,
            decision_log=given["decision_log"],
            settings=settings,
            allow_older=given["allow_older"],
            clock=lambda: datetime.now(UTC),
        )
    )


@COMMAND.command(
    epilog="""\b
Example:
  phaseout gate lookup K7Q4MX-2F decisions.jsonl.1.gz decisions.jsonl --timezone Europe/Moscow
  phaseout gate lookup --login anna@example.org decisions.jsonl"""
)
@click.argument("wanted", nargs=-1, required=True, metavar="[DECISION] LOGS...")
@click.option("--login", help="List the last decisions about whoever has this login instead.")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="How many of those.")
@click.option("--timezone", "zone", type=Zone(), default="UTC", show_default=True, help="In which the time is told.")
def lookup(*, wanted: tuple[str, ...], login: str | None, last: int, zone: ZoneInfo) -> None:
    """Tell what DECISION was about, and why: the number that a refused person reads out; or list those about a login.

    Those about a login are all of the person whose it is, and those about the same user without a domain, or with one where the
    given login has none; each line says about which login it was.

    LOGS are decision logs, the oldest first; rotated ones that end in .gz too.
    """
    from phaseout.gate.lookup import line_of, look_up, of_login, told  # noqa: PLC0415 - loads its libraries only when used
    from phaseout.gate.past import Counted, records  # noqa: PLC0415
    from phaseout.reporting.words import plain  # noqa: PLC0415

    decision, logs = ("", wanted) if login else (wanted[0], wanted[1:])
    if not logs:
        message = "Missing argument: LOGS."
        raise click.UsageError(message)
    paths = [Path(log) for log in logs]
    if login:
        # Read twice; of a pipe there is nothing left the second time.
        kept = None if all(path.is_file() for path in paths) else list(records(paths))
        read = Counted(())

        def again() -> Counted:
            nonlocal read
            read = Counted(records(paths) if kept is None else kept)
            return read

        found = of_login(again, login, last)
        lines = [plain(line_of(record, zone)) for record in found] or [f"Nothing was decided about {login} in these logs."]
    else:
        read = Counted(records(paths))
        found = look_up(read, decision)
        lines = [plain(line) for record in found for line in told(record, zone)]
    if read.unreadable:
        click.echo(f"warning: Lines of these logs that are no decision, and were not looked at: {read.unreadable:,}.", err=True)
    if not lines:
        message = f"No decision {decision} stands in these logs. Name older ones too."
        raise click.ClickException(message)
    click.echo("\n".join(lines))


@COMMAND.command(
    epilog="""\b
Examples:
  phaseout gate replay decisions.jsonl --bundle new.bundle --trust gate.key.pub --config gate.toml
  phaseout gate replay decisions.jsonl --bundle gate.bundle --trust gate.key.pub --at 2026-12-01"""
)
@click.argument("logs", nargs=-1, required=True, type=_FILE)
@click.option("--bundle", type=_FILE, required=True, help="The bundle that is asked.")
@click.option("--trust", type=_FILE, multiple=True, required=True, help="A public key that may have signed it (repeatable).")
@click.option("--config", type=_FILE, help="The gate's configuration, for what it chooses per door.")
@click.option("--at", type=Instant(), help="Ask for this time instead of each decision's own.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def replay(
    *, logs: tuple[Path, ...], bundle: Path, trust: tuple[Path, ...], config: Path | None, at: datetime | None, as_json: bool
) -> None:
    """Tell what another bundle would have decided of the requests in LOGS, and list every difference."""
    import json  # noqa: PLC0415 - loads only when used

    from phaseout.bundle.keys import trusted_key  # noqa: PLC0415
    from phaseout.bundle.seal import open_bundle  # noqa: PLC0415
    from phaseout.gate.caller import CALLERS  # noqa: PLC0415
    from phaseout.gate.past import records  # noqa: PLC0415
    from phaseout.gate.replay import replay, told  # noqa: PLC0415
    from phaseout.gate.serving import serve  # noqa: PLC0415
    from phaseout.gate.settings import Settings, load_settings  # noqa: PLC0415
    from phaseout.reporting.words import plain  # noqa: PLC0415

    settings = load_settings(config, CALLERS.ids) if config else Settings()
    serving = serve(open_bundle(bundle, [trusted_key(path) for path in trust]))
    found = replay(records(logs), serving, settings.policies, instant(at, serving.order.time_zone))
    if as_json:
        click.echo(json.dumps(to_builtins(found), ensure_ascii=False, indent=2))
        return
    click.echo("\n".join(map(plain, told(found))))


@COMMAND.command(
    epilog="""\b
Examples:
  phaseout gate relay --listen 127.0.0.1:14011 --gate 127.0.0.1:14001 --kept /var/lib/phaseout-relay/kept.db
  phaseout gate relay --listen 127.0.0.1:14011 --listen postfix=127.0.0.1:14012 --gate tls:gate.example.org:14001 \\
    --gate postfix=127.0.0.1:14002 --ca gate-ca.pem --kept kept.db"""
)
@click.option(
    "--listen",
    multiple=True,
    required=True,
    metavar="PLACE",
    help="Where doors ask: 127.0.0.1:14011, unix:PATH; postfix= before it.",
)
@click.option(
    "--gate",
    "gates",
    multiple=True,
    required=True,
    metavar="PLACE",
    help="A gate: 127.0.0.1:14001, tls:gate.example.org:14001, unix:PATH; postfix= before it. Repeatable; the first comes first.",
)
@click.option("--kept", type=_FILE, required=True, help="The file of the last known decisions.")
@click.option(
    "--hours", default=12.0, show_default=True, type=click.FloatRange(0, 168, min_open=True), help="How long each holds."
)
@click.option(
    "--seconds", default=0.4, show_default=True, type=click.FloatRange(0, 60, min_open=True), help="What a question may take."
)
@click.option("--ca", type=_FILE, help="Who signed the gates' certificates; else whom this machine trusts.")
@click.option("--certificate", type=_FILE, help="What gates with tls.client_ca are shown.")
@click.option("--key", type=_FILE, help="Its key.")
def relay(**given: Any) -> None:  # noqa: ANN401 - click's own values
    """Stand between doors and gates: hand questions on, and give the last known decision when no gate has an opinion.

    A door that asks here needs nothing else changed; who has no known decision is answered as without a gate, so the door's own
    configuration says what becomes of them. It stands on the door's machine and listens there alone.
    """
    from phaseout.gate.certificate import Asking  # noqa: PLC0415 - loads its libraries only when served
    from phaseout.gate.own_log import write_to_stderr  # noqa: PLC0415
    from phaseout.gate.relay.server import RelayJob, run  # noqa: PLC0415

    places, gates = _places(given["listen"], "--listen"), _places(given["gates"], "--gate", is_named=True)
    for place in places:
        if not place.is_local or place.is_secure:
            message = f"{place}: doors on other machines have a relay of their own. Write 127.0.0.1:14011 or unix:PATH."
            raise click.BadParameter(message, param_hint="--listen")
        if place.caller not in {gate.caller for gate in gates}:
            message = f"No gate is asked what comes at {place}. Name one with --gate {place.caller and place.caller + '='}PLACE."
            raise click.UsageError(message)
    for place in gates:
        if place in places:
            message = f"{place}: a relay is no gate of its own. Write where the gate listens."
            raise click.BadParameter(message, param_hint="--gate")
        if place.caller not in {each.caller for each in places}:
            message = f"Nothing comes that {place} is asked. Name one with --listen {place.caller and place.caller + '='}PLACE."
            raise click.UsageError(message)
    if (given["certificate"] is None) != (given["key"] is None):
        message = "--certificate and --key belong together."
        raise click.UsageError(message)
    keep_apart({"--kept": given["kept"]}, (given["ca"], given["certificate"], given["key"]))
    write_to_stderr()
    asking = Asking(given["ca"], given["certificate"], given["key"])
    life = timedelta(hours=given["hours"])
    run(RelayJob(places, gates, given["kept"], life, given["seconds"], asking, lambda: datetime.now(UTC)))


@COMMAND.command(
    epilog="""\b
Example:
  phaseout gate openapi > gate.openapi.json"""
)
def openapi() -> None:
    """Print what can be asked of the gate over HTTP, as an OpenAPI document."""
    from phaseout.gate.caller import CALLERS  # noqa: PLC0415 - loads its libraries only when used
    from phaseout.gate.openapi import document_text  # noqa: PLC0415

    click.echo(document_text(CALLERS), nl=False)
