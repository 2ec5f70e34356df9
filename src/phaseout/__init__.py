"""phaseout gets a class of devices out of work by a date, and proves it."""

__version__ = "0.1.0"
