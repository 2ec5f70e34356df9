"""Whether somebody was in the organisation on a day."""

from __future__ import annotations

from datetime import date

from phaseout.model.person import Person


def works_there(person: Person, day: date) -> bool:
    """Say whether a day lies within a person's days in the organisation; both ends are days in it.

    Example:
        >>> anna = Person("7", "Anna", ends=date(2023, 3, 31))
        >>> works_there(anna, date(2023, 3, 31)), works_there(anna, date(2023, 4, 1))
        (True, False)
    """
    return (person.starts is None or person.starts <= day) and (person.ends is None or day <= person.ends)
