"""The command line: one thin file per sub-command, found by name and imported when asked for."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from typing import Final, NoReturn

import click

import phaseout
from phaseout.catalogue import Catalogue, UnknownExtensionError
from phaseout.cli._extras import missing
from phaseout.model.fault import FaultsError

COMMANDS: Final = Catalogue(package="phaseout.cli", constant="COMMAND", kind=click.Command)

OK: Final = 0
"""All is well."""
FAULTS: Final = 1
"""An input has errors; nothing was answered."""
USAGE: Final = 2
"""The command was given in a way that it doesn't understand."""
FAILED_ON: Final = 3
"""What ``--fail-on`` names was found."""
STOPPED: Final = 130
"""Stopped by Ctrl-C or SIGTERM; nothing half-written was left."""


class Commands(click.Group):
    """The sub-commands of the folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all sub-commands."""
        return list(COMMANDS.ids)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one sub-command."""
        try:
            return COMMANDS[cmd_name]
        except UnknownExtensionError:
            return None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Start with: phaseout demo, or: phaseout check LOGS --directive ORDER.yaml --people STAFF.csv",
)
@click.version_option(phaseout.__version__, prog_name="phaseout")
def command() -> None:
    """Get a class of devices out of work by a date, and prove it.

    phaseout holds the logs that you already keep against an order such as "from 17 July, no Apple devices for work mail",
    and says who still uses what, since when, under which clause, how sure that is, and what was not seen.
    """


def main() -> None:
    """Run the command line; errors of inputs are told all at once, without a traceback."""
    # NumPy comes with threads for matrices, of which there are none here: they would wait, and spin while they do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Whatever else is installed has no say in how an order is read; to look for such plugins takes time, too.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    _begin()
    try:
        code = command.main(standalone_mode=False)
    except FaultsError as error:
        click.echo(str(error), err=True)
        click.echo(f"{len(error.faults)} error{'s' if len(error.faults) != 1 else ''}; nothing was answered.", err=True)
        code = FAULTS
    except click.exceptions.Abort:
        click.echo("Stopped; nothing half-written was left behind.", err=True)
        code = STOPPED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except ModuleNotFoundError as error:
        lacking = missing(error)
        if lacking is None:
            raise
        lacking.show()
        code = FAULTS
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe went away: nothing more to say
        code = OK
    except OSError as error:  # a disk that is full or fails while something is written
        click.echo(f"Error: {error.filename or 'the output'}: {error.strerror or error}.", err=True)
        code = FAULTS
    _end(code if isinstance(code, int) else OK)


def _begin() -> None:
    """Make the streams ready for whatever is printed, and let SIGTERM be what Ctrl-C is: it leaves nothing behind either.

    What a shell has closed becomes nothing: a file that is opened next must not take its place. What a terminal's encoding lacks,
    or what is no character at all, is written as an escape.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115, PTH123 - for good
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _end(code: int) -> NoReturn:
    """End the process.

    A command of one pass, which is one that looks for no circles, has closed all that it opened; taking its memory apart piece by
    piece before all of it goes back at once would be a tenth of a small check's time.
    """
    if gc.isenabled():
        sys.exit(code)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # a full disk, or a stream that is closed: the usual end says so
        sys.exit(code)
    os._exit(code)
