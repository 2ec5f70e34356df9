"""People whom an order or a waiver names as the staff list calls them."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

import pytest

from phaseout.bundle.keys import make_keys, trusted_key
from phaseout.bundle.seal import unseal
from phaseout.gate.serving import serve
from phaseout.model.answer import Answer
from phaseout.runs.bundle import Ingredients, make_bundle
from phaseout.runs.check import check
from phaseout.runs.explain import explain
from phaseout.runs.inputs import Asked, Norms, load_norms
from phaseout.runs.pseudonymise import pseudonymised

ORDER = """
id: test
title: No Apple phones
issuer: Ministry of Examples
version: "1"
time_zone: Europe/Moscow
issued: 2026-01-01
devices:
  apple: {title: Apple phones and tablets, is: {maker: Apple}}
clauses:
  - id: "1"
    text: None.
    strength: must
    who: {everyone: true, but_not: {people: "EXEMPT"}}
    devices: apple
    services: mail
    from: 2026-02-01
waivers:
  travel: {title: Travel, granted_by: chief, longest_days: 60}
"""
WAIVERS = """
waivers:
  - {id: W1, person: "WAIVED", clause: "1", category: travel, reason: On a mission., granted_by: chief,
     from: 2026-03-01, until: 2026-03-31}
"""
STAFF = """\
id,name,login
6,Ёлкин Пётр,a6
7,Anna  Ivanova,a7
8,Boris Petrov,a8
9,Boris Petrov,a9
"""
AT = datetime(2026, 4, 1, tzinfo=UTC)


def sync(login: str) -> str:
    target = f"/Microsoft-Server-ActiveSync?Cmd=Sync&User={login}&DeviceId=ABC{login}&DeviceType=iPhone"
    return f'192.0.2.7 - {login} [03/Mar/2026:10:00:00 +0300] "POST {target} HTTP/1.1" 200 1 "-" "Apple-iPhone14C2/2001.362"\n'


def given(folder: Path, exempt: str, waived: str) -> tuple[Path, Path, Path]:
    names = "order.yaml", "staff.csv", "waivers.yaml"
    texts = ORDER.replace("EXEMPT", exempt), STAFF, WAIVERS.replace("WAIVED", waived)
    for name, text in zip(names, texts, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "access.log").write_text("".join(map(sync, ("a6", "a7", "a8", "a9"))))
    return folder / "order.yaml", folder / "staff.csv", folder / "waivers.yaml"


def answered(folder: Path, norms: Norms) -> Answer:
    checked = check(Asked((folder / "access.log",), AT), norms, io.StringIO())
    answer = checked.answer()
    checked.engine.close()
    return answer


@pytest.mark.parametrize(
    ("exempt", "waived"),
    [
        ("Ёлкин Пётр", "Anna Ivanova"),
        (normalize("NFD", "ёлкин  пётр"), "ANNA IVANOVA"),
        ("6", "a7"),
    ],
)
def test_a_full_name_that_one_person_has_is_that_person(exempt: str, waived: str, tmp_path: Path) -> None:
    norms = load_norms(*given(tmp_path, exempt, waived))
    answer = answered(tmp_path, norms)
    assert {one.person.id for one in answer.violations} == {"8", "9"}
    assert [(one.person.id, one.waivers[0].person) for one in answer.findings if one.waived] == [("7", waived)]
    assert answer.coverage.reaches_nobody == ()
    assert answer.directive.clauses[0].who.but_not == norms.directive.clauses[0].who.but_not, "shown as it is written"


def test_a_name_that_two_people_have_names_neither_and_that_is_said(tmp_path: Path) -> None:
    answer = answered(tmp_path, load_norms(*given(tmp_path, "Boris Petrov", "nobody")))
    assert {one.person.id for one in answer.violations} == {"6", "7", "8", "9"}
    told = "person Boris Petrov: several people are called so (8, 9); name the one who is meant by id, login or address"
    assert answer.coverage.reaches_nobody == (told, "person nobody")


def test_who_has_a_name_as_login_is_meant_by_it_and_nobody_who_is_called_so(tmp_path: Path) -> None:
    files = given(tmp_path, "Anna Ivanova", "6")
    files[1].write_text(f'{STAFF}10,Carla,"Anna Ivanova"\n', encoding="utf-8")
    assert {one.person.id for one in answered(tmp_path, load_norms(*files)).violations} == {"7", "8", "9"}


def test_a_bundle_knows_the_person_and_no_name(tmp_path: Path) -> None:
    directive, people, waivers = given(tmp_path, "Ёлкин Пётр", "Anna Ivanova")
    make_keys(tmp_path / "gate.key")
    data, content, _ = make_bundle(Ingredients(directive, people, waivers), tmp_path / "gate.key", AT)
    serving = serve(unseal(data, "gate.bundle", [trusted_key(tmp_path / "gate.key.pub")]))
    clauses = {login: serving.who(login).profile.clauses for login in ("a6", "a7", "a8")}
    assert clauses == {"a6": (), "a7": ("1",), "a8": ("1",)}
    assert serving.who("a7").profile.waivers == ("W1",)
    assert (content.directive.clauses[0].who.but_not.people, content.waivers[0].person) == ({"6"}, "7")


def test_who_makes_a_bundle_is_told_whom_it_will_not_spare(tmp_path: Path) -> None:
    files = given(tmp_path, "Boris Petrov", "Nobody Else")
    make_keys(tmp_path / "gate.key")
    *_, told = make_bundle(Ingredients(*files), tmp_path / "gate.key", AT)
    named = "named by the order or its waivers, and not clear from the staff list: person"
    several = "several people are called so (8, 9); name the one who is meant by id, login or address"
    assert told == (f"{named} Boris Petrov: {several}", f"{named} Nobody Else")
    *_, told = make_bundle(Ingredients(*given(tmp_path, "Ёлкин Пётр", "7")), tmp_path / "gate.key", AT)
    assert told == ()


def test_no_pseudonymised_answer_has_the_name_and_the_person_has_one_pseudonym(tmp_path: Path) -> None:
    norms = load_norms(*given(tmp_path, "Ёлкин Пётр", "Boris Petrov"))
    key = b"sixteen bytes ok"
    hidden = pseudonymised(answered(tmp_path, norms), key, norms.people)
    by_id = pseudonymised(answered(tmp_path, load_norms(*given(tmp_path, "6", "Boris Petrov"))), key, norms.people)
    assert hidden.directive.clauses == by_id.directive.clauses
    assert not re.search("Ёлкин|Boris", str(hidden))


def test_a_person_is_explained_by_name_in_any_case(tmp_path: Path) -> None:
    norms = load_norms(*given(tmp_path, "6", "7"))
    checked = check(Asked((tmp_path / "access.log",), AT), norms, io.StringIO())
    assert explain(checked, normalize("NFD", "ёлкин Пётр")).person.id == "6"
    checked.engine.close()
