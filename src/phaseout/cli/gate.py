"""``phaseout gate``: the server that mail servers ask, and what the help desk and the order's keeper ask of its log."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("gate", invoke_without_command=True)
@click.option("--bundle", type=_FILE, help="The bundle that phaseout bundle make wrote.")
@click.option("--listen", multiple=True, metavar="PLACE", help="127.0.0.1:14001, [::1]:14001 or unix:/run/phaseout/gate.sock.")
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

    SIGHUP opens the decision log anew, SIGTERM ends the gate after the requests that have begun.
    """  # noqa: D301 - click reads this \b
    if context.invoked_subcommand is not None:
        return
    missing = [name for name in ("bundle", "listen", "decision_log") if not given[name]]
    if missing:
        message = f"Missing option: --{missing[0].replace('_', '-')}."
        raise click.UsageError(message)
    _serve(given)


def _serve(given: dict[str, Any]) -> None:
    from phaseout.gate.caller import CALLERS  # noqa: PLC0415 - loads its libraries only when served
    from phaseout.gate.server import Job, Place, run  # noqa: PLC0415
    from phaseout.gate.settings import Settings, load_settings  # noqa: PLC0415

    try:
        places = tuple(Place.read(text) for text in given["listen"])
    except ValueError as error:
        message = f"{error}. Write 127.0.0.1:14001, [::1]:14001 or unix:/run/phaseout/gate.sock."
        raise click.BadParameter(message, param_hint="--listen") from None
    settings = load_settings(given["config"], CALLERS.ids) if given["config"] else Settings()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    run(
        Job(
            bundle=given["bundle"],
            places=places,
            decision_log=given["decision_log"],
            settings=settings.trusting(given["trust"]),
            allow_older=given["allow_older"],
            clock=lambda: datetime.now(UTC),
        )
    )
