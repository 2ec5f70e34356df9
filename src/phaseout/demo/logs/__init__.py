"""One file per log format; the folder is the list."""

from typing import Final

from phaseout.catalogue import Catalogue
from phaseout.demo.writing import Writer

WRITERS: Final = Catalogue(package="phaseout.demo.logs", constant="WRITER", kind=Writer)
"""Every format of the demo."""
