"""The staff in a bundle: people come out as they went in, but for what a gate does not need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.bundle.staff import Member, Staff
from phaseout.model.person import Person

texts = st.text(max_size=5)
people = st.lists(
    st.builds(
        Person,
        id=texts,
        name=st.just(""),
        logins=st.lists(texts, max_size=3).map(tuple),
        unit=st.lists(texts, max_size=3).map(tuple),
        roles=st.frozensets(texts, max_size=3),
    ),
    max_size=20,
).map(tuple)


@given(people=people)
def test_people_come_out_as_they_went_in(people: tuple[Person, ...]) -> None:
    staff = Staff.of(people)
    assert tuple(staff) == people == staff[:]
    assert len(staff) == len(people) == len(staff.members)
    assert len(set(staff.units)) == len(staff.units)
    assert len(set(staff.roles)) == len(staff.roles)
    assert Staff.of(staff) is staff


def test_names_and_managers_stay_at_home() -> None:
    (person,) = Staff.of([Person("7", "Anna", ("anna",), ("Ministry",), frozenset({"head"}), manager="1")])
    assert person == Person("7", "", ("anna",), ("Ministry",), frozenset({"head"}))


@pytest.mark.parametrize(("unit", "roles"), [(1, 0), (0, 1)])
def test_a_place_that_is_none_is_refused(unit: int, roles: int) -> None:
    with pytest.raises(IndexError):
        Staff((Member("7", (), unit, roles),), ((),), (frozenset(),))
