"""Whose login it is."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.model.login import normal_login
from phaseout.model.person import Person
from phaseout.people import Directory, How

ANNA = Person("1", "Anna Ivanova", ("anna@example.org", "a.ivanova@corp.example.org"))
BORIS = Person("2", "Boris Petrov", ("boris",))
VERA = Person("3", "Vera Orlova", (r"CORP\vera", "vera@example.org"))
OLGA = Person("4", "Olga Smirnova", ("olga@example.org",))
OLGA_TOO = Person("5", "Olga Kuznetsova", ("olga@mail.example.org",))
STAFF = Directory([ANNA, BORIS, VERA, OLGA, OLGA_TOO])
ADDRESSES_ONLY = Directory([ANNA, OLGA])
BARE_ONLY = Directory([BORIS])


@pytest.mark.parametrize(
    ("login", "person", "how"),
    [
        ("anna@example.org", ANNA, How.EXACT),
        ("ANNA@EXAMPLE.ORG", ANNA, How.EXACT),
        ("anna%40example.org", ANNA, How.EXACT),
        (r"example.org\anna", ANNA, How.EXACT),
        ("boris", BORIS, How.EXACT),
        ("corp/Vera", VERA, How.EXACT),
        ("corp%5CVERA", VERA, How.EXACT),
        ("anna", ANNA, How.USER),
        ("anna@corp.example.org", ANNA, How.USER),  # a domain of another of her logins
        (r"CORP\anna", ANNA, How.USER),  # the list knows CORP, from Vera
        (r"CORP\boris", BORIS, How.USER),
        ("boris@example.org", BORIS, How.USER),
        (r"EVIL\anna", None, How.NOBODY),
        ("anna@mail.example.net", None, How.NOBODY),
        ("anna@mail.example.org", None, How.NOBODY),  # known, but not hers
        ("boris@example.net", None, How.NOBODY),
        (r"OTHER\vera", None, How.NOBODY),
        ("vera@mail.example.org", None, How.NOBODY),
        ("olga", None, How.NOBODY),
        (r"CORP\olga", None, How.NOBODY),
        ("olga@mail.example.org", OLGA_TOO, How.EXACT),
        ("nobody@example.org", None, How.NOBODY),
        ("", None, How.NOBODY),
        ("@example.org", None, How.NOBODY),
        ("anna/admin@example.org", None, How.NOBODY),
    ],
)
def test_a_login_is_resolved(login: str, person: Person | None, how: How) -> None:
    found = STAFF.resolve(login)
    assert (found.person, found.how) == (person, how)
    assert STAFF.find(login) is person
    assert found.reason.endswith(".")
    assert found.unquoted.endswith("." if person is None else "")


def test_netbios_and_dns_names_cannot_be_compared_unless_one_of_the_sort_is_known() -> None:
    assert ADDRESSES_ONLY.resolve(r"ANY\anna").reason.endswith("can't be compared.")
    assert ADDRESSES_ONLY.find(r"ANY\anna") is ANNA
    assert BARE_ONLY.find("boris@mail.example.net") is BORIS
    assert BARE_ONLY.find(r"ANY\boris") is BORIS


def test_domains_say_what_a_netbios_name_or_realm_is_the_same_as() -> None:
    staff = Directory([ANNA, OLGA, OLGA_TOO], domains={"CORP": "example.org", "REALM.TEST": "mail.example.org"})
    assert staff.resolve(r"corp\OLGA").person is OLGA
    assert staff.resolve(r"corp\OLGA").how is How.EXACT
    assert staff.find("olga@REALM.test") is OLGA_TOO
    assert staff.find(r"EVIL\anna") is None
    listed = Directory([Person("9", "Zoe", (r"CORP\zoe",))], domains={"corp": "example.org"})
    assert listed.find("zoe@example.org") is not None


def test_reasons_say_what_spoke_against_it() -> None:
    assert STAFF.resolve("olga").reason == 'Several people have the user part "olga".'
    assert STAFF.resolve("anna@mail.example.net").reason == 'The staff list has "anna" in another domain than "mail.example.net".'
    assert STAFF.resolve("boris@example.net").reason == 'The domain "example.net" is not known from the staff list.'
    assert STAFF.resolve("x@y").reason == 'Nobody on the staff list has the user part "x".'
    assert STAFF.resolve("@").reason == "It names nobody."


def test_a_login_that_two_people_have_is_nobodys() -> None:
    twice = Directory([Person("1", "A", ("desk@example.org",)), Person("2", "B", ("Desk@example.org",))])
    assert twice.resolve("desk@example.org").person is None
    assert twice.resolve("desk@example.org").reason == 'Several people have the login "desk@example.org".'


LOGINS = st.sampled_from(("anna", "anna@example.org", r"CORP\anna", "boris@example.org", "boris", "carla@example.net", "%5C", ""))


@given(st.lists(st.lists(LOGINS, max_size=3), max_size=4), LOGINS)
def test_a_login_on_the_list_is_its_owners_or_nobodys(lists: list[list[str]], asked: str) -> None:
    people = [Person(str(number), "", tuple(logins)) for number, logins in enumerate(lists)]
    owners = [person for person in people if normal_login(asked) in map(normal_login, person.logins)]
    staff = Directory(people)
    found = staff.resolve(asked)
    assert staff.find(asked) is found.person
    if owners:
        assert found.person in (owners if len(owners) == 1 and normal_login(asked) else [None])
    assert found.person is None or found.person in people
    assert (found.person is None) == (found.how is How.NOBODY)


def test_twenty_thousand_logins_are_resolved_in_a_moment() -> None:
    people = [Person(str(number), "", (f"user{number}@example.org",)) for number in range(20_000)]
    staff = Directory(people)
    spent = time.process_time()
    found = [staff.find(f"EXAMPLE%5CUser{number}") for number in range(20_000)]
    spent = time.process_time() - spent
    assert found == people
    assert spent < 0.6, "ten times what it takes on a machine at rest"


@pytest.mark.parametrize(("listed", "logged"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_a_login_is_the_same_however_its_letters_are_written(listed: str, logged: str) -> None:
    person = Person("1", "Max Müller", (unicodedata.normalize(listed, "müller@köln.example"),))
    staff = Directory([person], {unicodedata.normalize(listed, "KÖLN"): "köln.example"})
    for login in ("müller@köln.example", "MÜLLER", r"KÖLN\müller"):
        assert staff.find(unicodedata.normalize(logged, login)) is person


@pytest.mark.parametrize(
    "login",
    ["Kim Wu", r"EVIL\anna", "anna@mail.example.net", "olga", "jim:x", "CN=Jane Roe,O=Ministry", 'a "b" c', "vera@evil.test"],
)
def test_why_a_login_is_nobodys_can_be_said_without_it(login: str) -> None:
    found = STAFF.resolve(login)
    assert found.how is How.NOBODY
    assert found.unquoted.endswith(".")
    words = set(normal_login(login).replace('"', " ").replace("@", " ").replace("=", " ").replace(",", " ").split())
    assert words & set(found.reason.replace('"', " ").replace("@", " ").replace("=", " ").replace(",", " ").split())
    assert '"' not in found.unquoted
    assert not words & set(found.unquoted.casefold().rstrip(".").split())
