"""One file per engine: it opens the logs and runs the reduction. The folder is the list."""

from phaseout.catalogue import Catalogue
from phaseout.reading.engine import Engine

ENGINES: Catalogue[type] = Catalogue(package="phaseout.engines", constant="ENGINE", kind=type)
"""Each is a class that keeps the promises of ``Engine``."""

__all__ = ["ENGINES", "Engine"]
