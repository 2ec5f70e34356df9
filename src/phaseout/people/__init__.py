"""Staff lists: who is on them, and whose a login is. One file per source in ``sources``."""

from phaseout.people.directory import Directory, How, Resolution
from phaseout.people.employment import works_there
from phaseout.people.load import load_list, load_people

__all__ = ["Directory", "How", "Resolution", "load_list", "load_people", "works_there"]
