"""Say which log format a file is in, and which formats there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

SHOWN: Final = 3
"""How many formats are shown of a file."""


@click.command(
    epilog="""\b
Examples:
  phaseout formats
  phaseout formats /var/log/nginx/access.log u_ex261120.log.gz
  phaseout formats --json logs/"""
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines: one for each file, or for each format.")
def command(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say what format each of FILES is in, how sure that is and why; without FILES, list the formats that are read.

    FILES are logs or folders with logs; gzip and zstd are read as they are. Only the first lines are looked at.
    """
    from phaseout.runs.formats import known, told_apart  # noqa: PLC0415 - only when asked for

    if not files:
        for format_ in known():
            click.echo(json.dumps(format_, ensure_ascii=False) if as_json else _listed(format_))
        return
    for file in told_apart(files):
        click.echo(json.dumps(file, ensure_ascii=False) if as_json else _shown(file))


def _listed(format_: dict[str, Any]) -> str:
    """Write a format as a paragraph."""
    return f"{format_['id']:<12}{format_['title']}\n{'':<12}{_clock(format_)}; shows {', '.join(format_['doors'])}"


def _shown(file: dict[str, Any]) -> str:
    """Write a file's best formats, the surest first."""
    lines = [f"{file['file']}: {file['format'] or 'in no format that is clear'}"]
    if file["why_not"]:
        lines.append(f"  {file['why_not']}")
    likely = [format_ for format_ in file["formats"] if format_["sure"] > 0][:SHOWN]
    for format_ in likely:
        lines.append(f"  {format_['id']:<12}{_percent(format_['sure'])}  {format_['why']}")
        if format_["id"] == file["format"]:
            lines.append(f"  {'':<18}{format_['title']}; {_clock(format_)}")
    return "\n".join(lines)


def _percent(share: float) -> str:
    """Write a share; only what is whole is called 100 %."""
    return f"{int(share * 100):>3} %" if share >= 0.01 else " <1 %"  # noqa: PLR2004 - one in a hundred


def _clock(format_: dict[str, Any]) -> str:
    """Say what the operator must know about a format's time stamps."""
    return {
        "utc": "its times are UTC",
        "offset": "its times carry their offset from UTC",
        "local": "its times are the server's local time: give --timezone",
    }[format_["clock"]]


COMMAND = command
