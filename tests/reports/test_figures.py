"""What is counted, and the answer in one sentence."""

import io
from datetime import timedelta

from msgspec.structs import replace

from phaseout.model.answer import Answer
from phaseout.model.person import AccountKind, Person
from phaseout.reporting.figures import Figures, also_waived
from phaseout.reporting.sentence import sentence
from phaseout.reporting.words import spelt
from phaseout.reports import REPORTS


def test_every_finding_is_in_exactly_one_group(answer: Answer) -> None:
    figures = Figures(answer)
    groups = (figures.violations, figures.waived, figures.advised, figures.cannot_tell)
    assert [len(group) for group in groups] == [17, 3, 12, 9]
    assert sorted(one.id for group in groups for one in group) == sorted(one.id for one in answer.findings)


def test_a_person_with_two_devices_counts_once(answer: Answer) -> None:
    twice = replace(answer.findings[0], id="another", device_ids=("SECOND",))
    figures = Figures(replace(answer, findings=(twice, *answer.findings)))
    assert figures.violating == 17
    assert len(figures.violations) == 18


def test_a_wholly_waived_violation_does_not_count_as_a_plain_one_but_is_kept(answer: Answer) -> None:
    first = answer.findings[0]
    waived = replace(first, waived_accesses=first.accesses)
    figures = Figures(replace(answer, findings=(waived, *answer.findings[1:])))
    assert figures.violating == 16
    assert waived in figures.waived


def test_what_is_only_advised_against_is_no_violation_even_when_it_is_waived(answer: Answer) -> None:
    advised = Figures(answer).advised[0]
    figures = Figures(replace(answer, findings=(replace(advised, waived_accesses=advised.accesses),)))
    assert (len(figures.advised), len(figures.waived), len(figures.violations)) == (1, 0, 0)


def test_who_has_a_violation_and_a_waiver_is_counted_under_both(answer: Answer) -> None:
    figures = Figures(answer)
    (mail, _) = figures.clauses
    assert [one.waived_accesses > 0 for one in figures.partly_waived] == [True]
    assert mail.waived == 4, "three wholly, one in part"
    assert also_waived(figures) == ("A waiver covers a part of what 1 person did who is named under the violations.")
    partly = replace(answer, findings=tuple(one for one in answer.findings if one not in figures.waived))
    shown = io.StringIO()
    REPORTS["html"].write(partly, shown)
    assert "No waiver covers" not in shown.getvalue()
    assert also_waived(figures) in shown.getvalue()


def test_by_clause_agrees_with_the_whole(answer: Answer) -> None:
    figures = Figures(answer)
    assert [row.clause.id for row in figures.clauses] == ["mail", "harbours"]
    assert sum(row.violating for row in figures.clauses) == figures.violating
    assert figures.clauses[0].last == figures.last_violation
    assert sum(row.accesses for row in figures.clauses) == sum(one.accesses - one.waived_accesses for one in figures.violations)


def test_lines_add_up_and_say_when_they_do_not(answer: Answer, broken_sums: Answer) -> None:
    assert Figures(answer).lines.missing == 0
    assert Figures(broken_sums).lines.missing == 7


def test_the_sentence_says_who_when_last_and_who_was_not_seen(answer: Answer) -> None:
    said = sentence(Figures(answer))
    assert said.startswith("17 people have used a banned device for work, ")
    assert "the last access was on 26 November 2026 at " in said
    assert "of 9 more people it can't be told" in said
    assert said.endswith("38 of 130 people were never seen.")


def test_who_is_counted_with_the_worst_is_counted_with_nothing_else(answer: Answer) -> None:
    figures = Figures(answer)
    groups = [figures.violations, figures.waived, figures.advised, figures.cannot_tell]
    worst, *others = [group[0] for group in groups]
    twice = tuple(replace(one, person=worst.person, id=f"{one.id} too") for one in others)
    waived_too = tuple(replace(one, person=groups[1][1].person, id=f"{one.id} as well") for one in others[1:])
    more = Figures(replace(answer, findings=(*answer.findings, *twice, *waived_too)))
    counts = (more.violating, more.people_waived, more.people_advised, more.people_untold)
    assert counts == (17, 3, 12, 9)
    assert sum(counts) == len({one.person.id for one in more.answer.findings})
    assert "of 9 more people it can't be told" in sentence(more)
    only = Figures(replace(answer, findings=(*figures.cannot_tell, *more.violations)))
    assert "it can't be told" in sentence(only)
    assert "of 9 people it can't be told" in sentence(Figures(replace(answer, findings=figures.cannot_tell)))
    assert "can't be told" not in sentence(Figures(replace(answer, findings=(worst, twice[-1]))))


def test_the_sentence_does_not_say_still_of_those_who_stopped(answer: Answer) -> None:
    long_ago = tuple(replace(one, last=one.last - timedelta(days=30)) for one in answer.findings)
    assert "nobody in the last seven days of the logs" in sentence(Figures(replace(answer, findings=long_ago)))


def test_the_sentence_without_violations_still_says_what_was_not_seen(answer: Answer, empty_answer: Answer) -> None:
    clean = replace(answer, findings=())
    assert sentence(Figures(clean)) == "Nobody was seen using a banned device for work; 38 of 130 people were never seen."
    assert sentence(Figures(empty_answer)) == "The logs show no access in the time asked for; 130 of 130 people were never seen."


def test_the_sentence_before_the_deadline_names_the_advised(answer: Answer) -> None:
    figures = Figures(replace(answer, findings=Figures(answer).advised))
    assert "12 people use for work a device that it advises against" in sentence(figures)


def test_accounts_that_are_no_members_own_are_not_called_people(answer: Answer) -> None:
    first, second, *rest = answer.findings
    login = answer.coverage.unknown_logins[0].login
    shared = replace(first, person=replace(first.person, kind=AccountKind.SHARED))
    stranger = replace(second, person=Person(login, login, kind=AccountKind.UNKNOWN))
    figures = Figures(replace(answer, findings=(shared, stranger, *rest)))
    assert figures.holders(figures.violations) == "15 people and 2 accounts"
    assert figures.holders([shared]) == "1 account"
    assert sentence(figures).startswith("15 people and 2 accounts have used a banned device")


def test_the_path_that_all_units_share_is_left_out(answer: Answer) -> None:
    figures = Figures(answer)
    assert figures.top == ("Ministry of Bridges and Harbours",)
    assert figures.short((*figures.top, "Finance", "Payroll")) == "Finance / Payroll"
    assert figures.short(figures.top) == "Ministry of Bridges and Harbours"
    assert figures.short(()) == "No unit"


def test_a_login_of_nobody_stands_under_no_unit(answer: Answer) -> None:
    login = answer.coverage.unknown_logins[0].login
    stranger = replace(answer.findings[0], person=Person(login, login, kind=AccountKind.UNKNOWN))
    assert Figures(answer).unit_of(stranger) == "Not on the staff list"


def test_people_of_one_name_are_told_apart_by_their_ids(answer: Answer) -> None:
    first, second, *rest = answer.findings
    namesake = replace(second, person=replace(second.person, name=first.person.name))
    figures = Figures(replace(answer, findings=(first, namesake, *rest)))
    assert figures.who(first.person) == f"{first.person.name} [{first.person.id}]"
    assert figures.who(namesake.person) == f"{first.person.name} [{second.person.id}]"
    assert figures.who(rest[-1].person) == rest[-1].person.name


def test_logins_are_shown_as_the_logs_spell_them(answer: Answer) -> None:
    login = answer.coverage.unknown_logins[0]
    assert spelt(login) == login.login
    assert spelt(replace(login, spelt=("EXAMPLE\\Eve",))) == "EXAMPLE\\Eve"
    several = replace(login, login="eve@example", spelt=("EXAMPLE\\Eve", "eve@EXAMPLE", "EXAMPLE/eve", "example%5Ceve"))
    assert spelt(several) == "eve@example (in the logs EXAMPLE\\Eve, eve@EXAMPLE, EXAMPLE/eve and 1 more)"
