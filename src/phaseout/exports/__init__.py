"""One file per door that takes rules instead of asking; the folder is the list."""

from phaseout.catalogue import Catalogue
from phaseout.exporting.export import Export

EXPORTS: Catalogue[Export] = Catalogue(package="phaseout.exports", constant="EXPORT", kind=Export)
