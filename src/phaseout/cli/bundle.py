"""``phaseout bundle``: make, sign and show the one file that the gate serves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from phaseout.cli._inputs import SameDomain
from phaseout.cli._output import keep_apart, replace_bytes

_FILE = click.Path(path_type=Path, dir_okay=False)

LONGEST_DAYS: Final = 36_500
"""For which a bundle may be valid: a hundred years; the calendar itself has an end."""


class _MakesUnlessTold(click.Group):
    """Takes options without a sub-command for those of ``make``, which is what a bundle command mostly does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``make`` in front of them."""
        first = args[0] if args else "--help"
        return super().parse_args(ctx, args if first in ctx.help_option_names or not first.startswith("-") else ["make", *args])


@click.group("bundle", cls=_MakesUnlessTold)
def COMMAND() -> None:  # noqa: N802 - each file of this folder names its command so
    """Make, sign and show the one file that the gate serves."""


@COMMAND.command()
@click.option("--directive", "-d", type=_FILE, required=True, help="The order, as YAML.")
@click.option("--people", "-p", type=_FILE, required=True, help="The staff list, as CSV.")
@click.option("--waivers", "-w", type=_FILE, help="The exceptions, as YAML.")
@click.option("--people-encoding", metavar="NAME", help="The staff list's encoding, when it isn't UTF-8 (such as cp1251).")
@click.option("--domain", "domains", multiple=True, type=SameDomain(), help="What a login's domain is the same as, as for check.")
@click.option("--key", type=_FILE, required=True, help="The secret key that keygen made.")
@click.option("--valid-days", type=click.IntRange(1, LONGEST_DAYS), help="After so many days the gate gives no opinion any more.")
@click.option("--out", "-o", type=_FILE, required=True, help="The bundle; replaced whole, so that a gate never reads half of it.")
def make(
    *,
    directive: Path,
    people: Path,
    waivers: Path | None,
    people_encoding: str | None,
    domains: tuple[tuple[str, str], ...],
    key: Path,
    valid_days: int | None,
    out: Path,
) -> None:
    """Make a bundle from an order, the staff and the exceptions, and sign it.

    It holds ids, logins, units and roles of the staff; names, managers and days of service stay out.

    \b
    Example:
      phaseout bundle make -d order.yaml -p staff.csv -w waivers.yaml --key gate.key --out gate.bundle
    """  # noqa: D301 - click reads this \b
    from phaseout.runs.bundle import Ingredients, make_bundle  # noqa: PLC0415 - heavy: only when a bundle is made

    keep_apart({"--out": out}, (directive, people, waivers, key, key.with_name(f"{key.name}.pub")))
    given = Ingredients(directive, people, waivers, people_encoding, valid_days, dict(domains))
    data, content, warnings = make_bundle(given, key, datetime.now(UTC))
    for each in warnings:
        click.echo(f"warning: {each}", err=True)
    replace_bytes(out, data)
    people_and_clauses = f"{len(content.people)} people, {len(content.directive.judged)} clauses"
    click.echo(f"Written: {out} ({people_and_clauses}, {len(content.waivers)} waivers, {len(data):,} bytes)")


@COMMAND.command()
@click.option("--out", "-o", type=_FILE, required=True, help="The secret key; the public one goes beside it, with .pub added.")
def keygen(out: Path) -> None:
    """Make the pair of keys: one signs bundles and stays secret, the other is what gates trust.

    \b
    Example:
      phaseout bundle keygen --out gate.key     makes gate.key and gate.key.pub
    """  # noqa: D301 - click reads this \b
    from phaseout.bundle.keys import make_keys  # noqa: PLC0415 - loads a library only when used

    click.echo(f"Written: {out} (keep it secret) and {make_keys(out)} (for the gates)")


def _is_over(expires: datetime | None) -> bool:
    return expires is not None and expires <= datetime.now(UTC)


@COMMAND.command()
@click.argument("file", type=_FILE)
@click.option("--trust", type=_FILE, multiple=True, required=True, help="A public key that may have signed it (repeatable).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of words.")
def show(file: Path, trust: tuple[Path, ...], *, as_json: bool) -> None:
    """Check a bundle's signature and show what it is and what it was made from.

    \b
    Example:
      phaseout bundle show gate.bundle --trust gate.key.pub
    """  # noqa: D301 - click reads this \b
    import json  # noqa: PLC0415 - loads only when used

    from phaseout.bundle.keys import trusted_key  # noqa: PLC0415
    from phaseout.bundle.seal import open_bundle  # noqa: PLC0415

    bundle = open_bundle(file, [trusted_key(path) for path in trust])
    content = bundle.content
    told = {
        "digest": bundle.digest,
        "signed by": bundle.signer,
        "made at": content.made_at.isoformat(),
        "made by": f"phaseout {content.made_by}",
        "expires": content.expires.isoformat() if content.expires else "never",
        **({"expired": "no gate decides by it any more: make a new one"} if _is_over(content.expires) else {}),
        "order": f"{content.directive.id} {content.directive.version}: {content.directive.title}",
        "clauses": len(content.directive.judged),
        "people": len(content.people),
        "waivers": len(content.waivers),
        **{f"domain {name}": same for name, same in sorted((content.domains or {}).items())},
        **{f"{each.role} from": f"{each.file} (SHA-256 {each.sha256})" for each in content.made_from},
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for name, value in told.items():
        click.echo(f"{name + ':':<16}{value}")
