"""One file per log format; the folder is the list."""

from phaseout.catalogue import Catalogue
from phaseout.reading.reader import Reader

READERS: Catalogue[Reader] = Catalogue(package="phaseout.readers", constant="READER", kind=Reader)
