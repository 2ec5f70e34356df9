"""What an order names in vain is what asking the whole staff list, name by name, finds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from phaseout.judge import compile_order
from phaseout.judge.unmet import Unmet, unmet
from phaseout.model.directive import Clause, Directive, Scope, Strength, Waiver
from phaseout.model.login import normal_login
from phaseout.model.person import Person

ZERO = datetime(2023, 1, 1, tzinfo=UTC)
UNITS = ((), ("A",), ("a", " B "), ("A", "B", "C"), ("D",), ("D", "b"), ("Straße", "B"), ("STRASSE",))
ROLES = ("clerk", "Clerk ", "head  of", "HEAD OF", "minister")
NAMES = ("anna", "ANNA@Example.org", r"EXAMPLE\boris", "boris@example", "3", "", "%33")

scopes = st.builds(
    Scope,
    everyone=st.booleans(),
    units=st.lists(st.sampled_from(UNITS[1:]), max_size=3).map(tuple),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=2),
    people=st.frozensets(st.sampled_from(NAMES[:-2]), max_size=2),
)
persons = st.builds(
    Person,
    id=st.sampled_from(NAMES),
    name=st.just(""),
    logins=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    unit=st.sampled_from(UNITS),
    roles=st.frozensets(st.sampled_from(ROLES), max_size=2),
)
clauses = st.builds(
    Clause,
    id=st.sampled_from(("1", "2", "3")),
    strength=st.just(Strength.MUST),
    who=st.builds(replace, scopes, but_not=st.none() | scopes),
    devices=st.just(()),
    services=st.just(("mail",)),
    starts=st.just(ZERO),
    deadline=st.just(ZERO),
)
waivers = st.builds(
    lambda number, clause, person, role: Waiver(
        str(number), clause, "", "", "", ZERO, ZERO + timedelta(days=1), *((None, role) if role else (person, None))
    ),
    st.integers(0, 9),
    st.sampled_from(("1", "2", "nowhere")),
    st.sampled_from(NAMES[:-2]),
    st.none() | st.sampled_from(ROLES),
)


@given(
    st.lists(clauses, max_size=3, unique_by=lambda clause: clause.id),
    st.lists(waivers, max_size=3),
    st.lists(persons, max_size=5),
)
def test_what_is_unmet_is_what_nobody_has(drawn: list[Clause], granted: list[Waiver], staff: list[Person]) -> None:
    order = compile_order(Directive("d", "", "", "1", "UTC", tuple(drawn), {}), granted)
    meant = [scope for clause in drawn for scope in (clause.who, clause.who.but_not) if scope is not None]
    units = {unit for scope in meant for unit in scope.units}
    roles = {role for scope in meant for role in scope.roles} | {w.role for w in order.waivers.values() if w.role}
    names = {name for scope in meant for name in scope.people} | {w.person for w in order.waivers.values() if w.person}
    assert unmet(order, iter(staff)) == Unmet(
        units=tuple(sorted(unit for unit in units if not any(below(person.unit, unit) for person in staff))),
        roles=tuple(sorted(role for role in roles if not any(alike(role, had) for person in staff for had in person.roles))),
        people=tuple(
            sorted(
                name
                for name in names
                if not any(normal_login(name) == normal_login(had) for person in staff for had in (person.id, *person.logins))
            )
        ),
    )


def below(unit: tuple[str, ...], top: tuple[str, ...]) -> bool:
    """Whether a unit is another one, or below it."""
    return len(unit) >= len(top) and all(alike(one, other) for one, other in zip(unit, top, strict=False))


def alike(one: str, other: str) -> bool:
    """Whether two names are the same but for case and blanks."""
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
