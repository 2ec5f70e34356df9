# ruff: noqa: RUF001 - Russian logins look like Latin ones
"""The normal form of a login."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phaseout.model.login import LoginName, normal_login


@pytest.mark.parametrize(
    ("text", "user", "domain"),
    [
        ("anna", "anna", ""),
        ("Anna@Example.ORG", "anna", "example.org"),
        (r"EXAMPLE\Anna", "anna", "example"),
        ("example/anna", "anna", "example"),
        ("EXAMPLE%5Canna", "anna", "example"),
        ("example%2Fanna", "anna", "example"),
        ("anna%40example.org", "anna", "example.org"),
        ("example%255Canna", "anna", "example"),
        ("<anna@example.org>", "anna", "example.org"),
        ('"anna@example.org" ', "anna", "example.org"),
        ("'anna'@example.org", "anna", "example.org"),
        ("mailto:anna@example.org", "anna", "example.org"),
        ("SMTP:Anna@example.org", "anna", "example.org"),
        (r"EXAMPLE\anna@example.org", "anna", "example.org"),
        ("anna@EXAMPLE.ORG.", "anna", "example.org"),
        ("ANNA@CORP", "anna", "corp"),
        (r".\anna", "anna", ""),
        (r"corp.\anna", "anna", "corp"),
        ("anna/admin@EXAMPLE.ORG", "anna/admin", "example.org"),
        ("HTTP/web.example.org@EXAMPLE.ORG", "http/web.example.org", "example.org"),
        ("анна@почта.example", "анна", "почта.example"),
        (r"ПОЧТА\АННА", "анна", "почта"),
        ("%D0%B0%D0%BD%D0%BD%D0%B0@example.org", "анна", "example.org"),
        ("mu\u0308ller@example.org", "m\u00fcller", "example.org"),
        ("MU\u0308LLER", "m\u00fcller", ""),
        ("mu%CC%88ller@ko\u0308ln.example", "m\u00fcller", "k\u00f6ln.example"),
        ("Anna Ivanova@example.org", "anna ivanova", "example.org"),
        ("anna+work@example.org", "anna+work", "example.org"),
        ("", "", ""),
        ("-", "-", ""),
        ("@example.org", "", "example.org"),
        ("EXAMPLE\\", "", "example"),
        ("100%", "100%", ""),
    ],
)
def test_every_spelling_has_one_form(text: str, user: str, domain: str) -> None:
    assert LoginName.read(text) == LoginName(user, domain)
    assert normal_login(text) == (f"{user}@{domain}" if domain else user)


USERS = st.text("abcxyz019._+-", min_size=1, max_size=8)
LABELS = st.text("abcxyz019-", min_size=1, max_size=5)
DOMAINS = st.lists(LABELS, min_size=1, max_size=3).map(".".join)


@given(USERS, DOMAINS)
def test_all_the_ways_of_logs_are_the_same(user: str, domain: str) -> None:
    spellings = {
        f"{user}@{domain}",
        f"{domain}\\{user}",
        f"{domain}/{user}",
        f"{domain}%5c{user}",
        f"{user}%40{domain.upper()}",
        f" <{user.upper()}@{domain}> ",
    }
    assert {normal_login(spelling) for spelling in spellings} == {f"{user}@{domain}"}


@given(st.text(max_size=40) | st.text("aB1.@\\/%540<> \"'", max_size=20))
def test_the_quick_way_and_the_slow_way_agree(text: str) -> None:
    assert normal_login(text) == str(LoginName.read(text)) == str(LoginName._read_parts(text))


@given(st.text("aB1.@\\/<> \"'", max_size=20))
def test_case_is_no_part_of_a_login(text: str) -> None:
    assert normal_login(text.swapcase()) == normal_login(text)
