"""One file per report; the folder is the list."""

from phaseout.catalogue import Catalogue
from phaseout.reporting.report import Report

REPORTS: Catalogue[Report] = Catalogue(package="phaseout.reports", constant="REPORT", kind=Report)
