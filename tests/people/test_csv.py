"""Staff lists as CSV."""

from __future__ import annotations

import codecs
import csv
import io
import re
import time
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from phaseout.model.fault import Fault, FaultsError, Severity
from phaseout.model.person import AccountKind, Person
from phaseout.people import load_people, works_there
from phaseout.people.cells import several
from phaseout.people.columns import NAMES, columns_of, plain
from phaseout.people.source import SOURCES
from phaseout.people.sources.csv import MOST_FAULTS, SOURCE

ENGLISH = """\
Id,Name,Login,E-mail,Unit,Roles,Manager,From,Until,Kind,Phone
1,Anna Ivanova,EXAMPLE\\anna,anna@example.org;a.ivanova@example.org,Ministry / Finance,head|signs orders,,2020-01-31,,person,12
2,"Petrov, Boris",boris,Boris@Example.org,Ministry/Finance/ Payroll,,anna@example.org,01.02.2021,2023-06-30,,
3,Reception,,"reception@example.org
front-desk@example.org",Ministry,,1,,,Shared,
"""
RUSSIAN = """\
Табельный №;Фамилия;Имя;Отчество;Учётная запись;Эл. почта;Подразделение 2;Подразделение 1;Должность;Руководитель;Принят;Вид
0017;Иванова;Анна;Петровна;МИН\\Анна;anna@example.org;Финансы;Министерство;начальник;;31.01.2020;
0018;Петров;Борис;;boris;;;Министерство;;0017;;служебная
"""
PEOPLE = (
    Person(
        "1",
        "Anna Ivanova",
        (r"EXAMPLE\anna", "anna@example.org", "a.ivanova@example.org"),
        ("Ministry", "Finance"),
        frozenset({"head", "signs orders"}),
        None,
        date(2020, 1, 31),
    ),
    Person(
        "2",
        "Petrov, Boris",
        ("boris", "Boris@Example.org"),
        ("Ministry", "Finance", "Payroll"),
        frozenset(),
        "1",
        date(2021, 2, 1),
        date(2023, 6, 30),
    ),
    Person(
        "3", "Reception", ("reception@example.org", "front-desk@example.org"), ("Ministry",), manager="1", kind=AccountKind.SHARED
    ),
)


def read(data: bytes, file: str, encoding: str | None = None) -> tuple[Person, ...]:
    return SOURCE.read(data, file, encoding).people


def warnings_of(text: str) -> list[Fault]:
    return list(SOURCE.read(text.encode(), "staff.csv", None).warnings)


def faults_of(text: str | bytes, encoding: str | None = None) -> list[Fault]:
    with pytest.raises(FaultsError) as caught:
        read(text if isinstance(text, bytes) else text.encode(), "staff.csv", encoding)
    return list(caught.value.faults)


def places_of(text: str) -> list[tuple[int, int, str]]:
    return [(fault.line, fault.column, fault.code) for fault in faults_of(text)]


def test_columns_are_found_by_name() -> None:
    assert read(ENGLISH.encode(), "staff.csv") == PEOPLE


def test_russian_lists_are_read() -> None:
    anna, boris = read(RUSSIAN.encode(), "staff.csv")
    assert (anna.id, anna.name) == ("0017", "Иванова Анна Петровна")
    assert anna.logins == ("МИН\\Анна", "anna@example.org")
    assert (anna.unit, anna.roles, anna.starts) == (("Министерство", "Финансы"), frozenset({"начальник"}), date(2020, 1, 31))
    assert (boris.name, boris.unit, boris.manager, boris.kind) == (
        "Петров Борис",
        ("Министерство",),
        "0017",
        AccountKind.SERVICE,
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_delimiter_line_end_and_encoding_are_found(delimiter: str, end: str, mark: bytes, encoding: str) -> None:
    rows = list(csv.reader(io.StringIO(ENGLISH)))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    assert read(mark + text.getvalue().encode(encoding), "staff.csv") == PEOPLE


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "utf-16-le"])
def test_another_encoding_is_read_when_it_is_named(encoding: str) -> None:
    text = RUSSIAN.replace("№", "номер")
    assert read(text.encode(encoding), "staff.csv", encoding) == read(RUSSIAN.encode(), "staff.csv")


def test_another_encoding_that_is_not_named_is_told_with_its_byte() -> None:
    (fault,) = faults_of("id;name;login\n1;Анна;a\n2;Борис;b\n".encode("cp1251"))
    assert (fault.line, fault.column, fault.code) == (2, 3, "PO301")
    assert "0xC0" in fault.message
    assert "--people-encoding" in fault.way_out
    (fault,) = faults_of("id;name;login\n1;Анна;a\n".encode("utf-16-le"))
    assert (fault.line, fault.column, fault.code) == (1, 2, "PO301")


@pytest.mark.parametrize("encoding", ["no-such", "rot13", "base64", ""])
def test_an_encoding_that_is_none_is_told(encoding: str) -> None:
    if encoding:
        assert [fault.code for fault in faults_of(b"id,name,login\n", encoding)] == ["PO302"]
    else:
        assert read(ENGLISH.encode(), "staff.csv", encoding) == PEOPLE


def test_the_delimiter_line_of_spreadsheets_is_obeyed() -> None:
    text = "sep=;\r\nid;name;login\r\n1;Anna, the first;anna\r\n"
    assert read(text.encode(), "staff.csv")[0].name == "Anna, the first"


def test_empty_rows_and_empty_cells_beyond_the_last_column_are_left_alone() -> None:
    (anna,) = read(b"\n;;\nid;name;login\n;;\n1;Anna;anna;;\n\n ; ;\n", "staff.csv")
    assert anna == Person("1", "Anna", ("anna",))


def test_two_spellings_of_one_login_are_one() -> None:
    (anna,) = read(b"id,name,login,mail\n1,Anna,anna@example.org;ANNA%40example.org,Anna@Example.org\n", "staff.csv")
    assert anna.logins == ("anna@example.org",)


def test_a_unit_has_one_spelling_the_one_that_most_have() -> None:
    units = ["Ministry/Finance", "ministry / FINANCE", "Ministry/Finance/Payroll", "MINISTRY/finance/payroll", "Ministry/Law"]
    rows = "".join(f"{number},Person {number},p{number},{unit}\n" for number, unit in enumerate(units, 1))
    people = read(f"Id,Name,Login,Unit\n{rows}".encode(), "staff.csv")
    finance, payroll = ("Ministry", "Finance"), ("Ministry", "Finance", "Payroll")
    assert [person.unit for person in people] == [finance, finance, payroll, payroll, ("Ministry", "Law")]


def test_a_row_without_a_name_goes_by_its_id() -> None:
    assert read(b"id,name,login\n1,,anna\n", "staff.csv")[0].name == "1"


def test_all_faults_are_told_at_once_each_at_its_cell() -> None:
    text = (
        "id;name;login;unit;manager;from;until;kind\n"
        '1;"Anna\nIvanova";anna@example.org;A;;;;\n'
        "1;B;Anna@Example.org;;9;2020-13-01;;x\n"
        '"";C;c@example.org;;;;;\n'
        '2;D;"d;e,f";A//B;2;2020-01-01;01.01.2019;\n'
        "3;E\n"
    )
    assert places_of(text) == [
        (4, 1, "PO312"),
        (4, 5, "PO313"),
        (4, 23, "PO318"),
        (4, 25, "PO315"),
        (4, 37, "PO317"),
        (5, 1, "PO311"),
        (6, 5, "PO314"),
        (6, 13, "PO320"),
        (6, 18, "PO319"),
        (6, 31, "PO316"),
        (7, 1, "PO309"),
    ]


def test_messages_stay_on_one_line_and_are_printable() -> None:
    (fault,) = faults_of('id,name,login,from\n1,Anna,anna,"\x1b[31m2020\n01-01' + "0" * 200 + '"\n')
    assert str(fault).isprintable()
    assert len(str(fault)) < 300


def test_a_broken_quotation_ends_the_reading_and_keeps_what_was_found_before() -> None:
    assert places_of('id,name,login\n,Anna,anna\n2,"Boris,boris\n3,Carla,carla\n') == [(2, 1, "PO311"), (3, 3, "PO310")]
    assert places_of('id,name,login\n2,"Bo"ris,boris\n') == [(2, 3, "PO310")]
    assert places_of('"id,name,login\n') == [(1, 1, "PO310")]


def test_a_circle_of_managers_is_told_once() -> None:
    rows = "".join(f"{number},n,u{number},{number % 50 + 1}\n" for number in range(1, 51))
    (fault,) = faults_of(f"id,name,login,manager\n{rows}60,n,u60,1\n")
    assert (fault.line, fault.code) == (2, "PO319")
    assert "and 39 more" in fault.message
    (alone,) = faults_of("id,name,login,manager\n1,n,u,U\n")
    assert alone.code == "PO319"


def test_no_more_than_a_thousand_faults_are_told() -> None:
    faults = faults_of("id,name,login\n" + ",n,\n" * 5000)
    assert len(faults) == MOST_FAULTS + 1
    assert faults[-1].code == "PO324"
    assert "4,000" in faults[-1].message


def test_every_name_of_a_column_is_known_once_and_written_as_it_compares() -> None:
    names = [name for field in NAMES.values() for name in field]
    assert len(names) == len({name.replace(" ", "") for name in names})
    assert [plain(name) for name in names] == names


@pytest.mark.parametrize(
    "header",
    [
        "employeeID,displayName,sAMAccountName,UserPrincipalName,EmailAddress,department,title,manager",
        "EmployeeNumber,CN,SamAccountName,mail,proxyAddresses,Department,JobTitle,Manager",
        "Табельный номер,Сотрудник,Имя входа пользователя,Эл. почта,E-mail,Подразделение,Должность,Руководитель",
        "ID сотрудника,Ф.И.О.,Учётная запись,Логин,Адрес электронной почты,Отдел,Должность,Руководитель",  # noqa: RUF001 - Russian
        "Personal-Nr.,Anzeigename,Benutzername,E-Mail,E-Mail-Adresse,Abteilung,Funktion,Vorgesetzter",
        "Mitarbeiter-ID,Mitarbeiter,Anmeldename,Kennung,Postfach,Organisationseinheit,Rolle,Führungskraft",
    ],
)
def test_the_columns_of_usual_exports_are_known(header: str) -> None:
    columns = columns_of(header.split(","))
    places = {field: cells for field, cells in columns.places.items() if cells}
    expected = {"id": (0,), "name": (1,), "logins": (2, 3, 4), "unit": (5,), "roles": (6,), "manager": (7,)}
    assert (places, columns.missing) == (expected, ())


def test_a_column_that_is_nearly_known_is_told_and_any_other_left_alone() -> None:
    assert columns_of(["id", "name", "login", "managr"]).misspelt == ((3, "manager"),)
    assert columns_of(["id", "name", "login", "manager", "managr"]).misspelt == ()
    others = ["telephone", "office", "date of birth", "телефон", "Standort", "Telefon", "Kostenstelle", "Geburtsdatum", "Firma"]
    assert columns_of(["id", "name", "login", *others]).misspelt == ()


def told(data: bytes) -> tuple[Fault, ...] | tuple[Person, ...]:
    try:
        return read(data, "staff.csv")
    except FaultsError as error:
        return error.faults


@given(st.binary(max_size=200) | st.text("id,name;login\n\"\t 1a@\\/|'\r%.", max_size=200).map(str.encode), st.booleans())
@example(data=b' ",', headed=False)
def test_any_bytes_give_people_or_faults(data: bytes, headed: bool) -> None:  # noqa: FBT001 - drawn
    text = b"id,name,login,unit,manager,from,until,kind\n" * headed + data
    found = told(text)
    assert found
    lines = text.count(b"\n") + text.count(b"\r") + 1
    for each in found:
        assert each.id if isinstance(each, Person) else 0 <= each.line <= lines


CELL = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/"), max_size=12)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_what_was_written_is_read(cells: list[tuple[str, str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(["unit", "login", "name", "id"])
    writer.writerows([unit, f"u{number}", name, number] for number, (name, unit) in enumerate(cells))
    people = read(text.getvalue().encode(), "staff.csv")
    assert [person.id for person in people] == [str(number) for number in range(len(cells))]
    assert [person.name for person in people] == [name.strip() or str(number) for number, (name, _) in enumerate(cells)]
    assert [person.unit for person in people] == [(" ".join(unit.split()),) if unit.split() else () for _, unit in cells]


@given(st.text("a b;|\r\n\t\u00a0", max_size=20))
def test_the_values_of_a_cell_stand_between_its_separators(cell: str) -> None:
    assert several(cell) == tuple(part.strip() for part in re.split(r"[;|\r\n]", cell) if part.strip())


def test_a_list_is_found_by_its_suffix(tmp_path: Path) -> None:
    for name in ("staff.csv", "STAFF.CSV", "staff.tsv"):
        (tmp_path / name).write_text(ENGLISH, encoding="utf-8")
        assert load_people(tmp_path / name) == PEOPLE


def test_every_source_says_what_it_is() -> None:
    assert "csv" in SOURCES.ids
    for name in SOURCES.ids:
        source = SOURCES[name]
        assert source.id == name
        assert all(suffix.startswith(".") and suffix == suffix.casefold() for suffix in source.suffixes)


def test_both_ends_are_days_in_the_organisation() -> None:
    boris = PEOPLE[1]
    days = [date(2021, 1, 31), date(2021, 2, 1), date(2023, 6, 30), date(2023, 7, 1)]
    assert [works_there(boris, day) for day in days] == [False, True, True, False]


def test_twenty_thousand_people_are_read_in_a_moment() -> None:
    rows = "".join(
        f"{n},Person {n},EXAMPLE\\user{n},user{n}@example.org,A / B{n % 40} / C{n % 200},staff,{n // 10 or ''}\n"
        for n in range(1, 20_001)
    )
    data = f"id,name,login,mail,unit,role,manager\n{rows}".encode()
    spent = time.process_time()
    people = read(data, "staff.csv")
    spent = time.process_time() - spent
    assert len(people) == 20_000
    assert spent < 1.5, "ten times what it takes on a machine at rest"


def test_letters_that_are_written_in_two_parts_are_the_letters_that_everybody_sees() -> None:
    text = "Табельный №;ФИО;Логин;Подразделение;Должность;Вид\nё1;Ёлкин Йозеф;müller;Министерство / Отдел новый;Рядовой;Личный\n"
    in_parts = unicodedata.normalize("NFD", text)
    assert in_parts != text
    assert read(in_parts.encode(), "staff.csv") == read(text.encode(), "staff.csv")


def test_one_login_in_two_forms_is_one_and_no_two_people_have_it() -> None:
    in_parts = unicodedata.normalize("NFD", "müller")
    assert [fault.code for fault in faults_of(f"id,name,login\n1,Anna,müller\n2,Boris,{in_parts}\n")] == ["PO313"]


@pytest.mark.parametrize(
    "title",
    [
        "Логин AD", "AD Login", "Доменный логин", "Учётная запись домена", "Корпоративная почта", "Рабочая эл. почта",
        "Work email", "E-mail (work)", "Active Directory login", "Corporate e-mail", "Windows account", "Netzwerk-Kennung",
        "Network user", "Dienstliche E-Mail-Adresse",
    ],
)  # fmt: skip
def test_a_column_of_the_organisations_own_logins_is_one_of_logins(title: str) -> None:
    listed = SOURCE.read(f"id,name,login,{title}\n1,Anna,anna,a.ivanova\n".encode(), "staff.csv", None)
    assert listed.people[0].logins == ("anna", "a.ivanova")
    assert (listed.unread, listed.warnings) == ((), ())


@pytest.mark.parametrize(
    ("title", "cells", "name"),
    [
        ("User ID", ("aivanova", "bpetrov"), "login"),
        ("Old login name", ("aivanova", ""), "login"),
        ("Логин в Галактике", ("ИвановаА", "ПетровБ"), "login"),
        ("Delivery mail", ("a@example.org; b@example.org", "c@example.org"), "login"),
        ("Управление", ("Казначейство", "Казначейство"), "unit"),
        ("Home Dept.", ("Payroll", "Payroll"), ""),
        ("User number", ("1", "2"), ""),
        ("Last login", ("2026-11-01T10:00", "2026-11-02T10:00"), ""),
        ("Account created", ("2026-11-01T10:00", "2026-11-02T10:00"), ""),
        ("Account active", ("yes", "no"), ""),
        ("Manager's e-mail", ("c@example.org", "d@example.org"), ""),
        ("Mail of the secretary", ("c@example.org", "c@example.org"), ""),
        ("Личная почта", ("a@example.net", "b@example.net"), ""),
        ("Mail quota", ("2 GB", "3 GB"), ""),
        ("Office address", ("Harbour", "Bridge"), ""),
        ("User domain", ("EXAMPLE", "EXAMPLE"), ""),
        ("Birthday", ("May", "June"), ""),
        ("User", ("", ""), None),
    ],
)
def test_a_column_that_was_not_read_is_told_and_asked_about_where_it_looks_like_one_that_should(
    title: str, cells: tuple[str, str], name: str | None
) -> None:
    anna, boris = cells
    listed = SOURCE.read(f'id;name;login;{title}\n1;Anna;anna;"{anna}"\n2;Boris;boris;"{boris}"\n'.encode(), "s.csv", None)
    assert listed.unread == (() if name is None else (title,))
    told = [(fault.line, fault.column, fault.code, fault.severity) for fault in listed.warnings]
    assert told == ([(1, 15, "PO325", Severity.WARNING)] if name else [])
    assert all(f'Call it "{name}"' in fault.way_out for fault in listed.warnings)


def test_a_unit_is_not_asked_about_where_there_is_one() -> None:
    assert warnings_of("id,name,login,unit,Department group\n1,Anna,anna,M,Finance\n") == []


def test_a_backslash_in_a_unit_is_told_once_with_how_many_it_keeps_apart() -> None:
    rows = ("M / Finance", r"M\Finance", r"M\Energy", r"M\Energy", "M")
    text = "id,unit,name,login\n" + "".join(f"{n},{unit},Anna,a{n}\n" for n, unit in enumerate(rows))
    (fault,) = warnings_of(text)
    assert (fault.line, fault.column, fault.code) == (3, 3, "PO326")
    assert r'"M\Finance" is the name of one unit. 1 more is written so, with 3 people in all of them.' in fault.message
    assert warnings_of("id,unit,name,login\n1,M/Finance,Anna,A\\anna\n") == []
