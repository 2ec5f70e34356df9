"""The answer on a terminal and in a pipe."""

import io
import re

import pytest
from msgspec.structs import replace
from rich.console import Console

from phaseout.model.answer import Answer
from phaseout.reports.terminal import show, write


def printed(answer: Answer, width: int = 100, limit: int | None = None, *, terminal: bool = False) -> str:
    stream = io.StringIO()
    colours = "truecolor" if terminal else None
    show(answer, Console(file=stream, width=width, force_terminal=terminal, color_system=colours, _environ={}), limit)
    return stream.getvalue()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_coverage_comes_first_and_the_answer_last(answer: Answer) -> None:
    text = printed(answer)
    places = [
        text.index(title)
        for title in (
            "Coverage: what", "By clause", "By unit", "Violations: 17", "Advised against: 12 people", "Cannot tell: 9 people",
            "Waived, would be a violation: 3", "The answer",
        )
    ]  # fmt: skip
    assert places == sorted(places)
    assert squeezed(text).endswith("38of130peoplewereneverseen.")


def test_every_log_is_accounted_for_by_reason(answer: Answer) -> None:
    text = squeezed(printed(answer))
    for log in answer.coverage.logs:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(log.ignored.items()))
        ignored = f"{sum(log.ignored.values()):,} ignored" + (f" ({reasons})" if reasons else "")
        said = f"{log.lines:,} lines = {log.accesses:,} accesses + {ignored} + {log.rejected} rejected"
        assert squeezed(said) in text
    assert "1,026,963lines=563,534accesses+" in text


def test_many_logs_are_summed_by_format_and_the_odd_ones_stand_alone(answer: Answer) -> None:
    text = squeezed(printed(answer, limit=2))
    assert squeezed("dovecot, 1 log file 802,331 lines = 402,118 accesses") in text
    assert squeezed("logs/dovecot/maillog: 1 of 802,331 lines rejected. The file ends in the middle of a line.") in text
    assert "logs/nginx/access.log" not in text
    assert squeezed("--all prints each of the 3 logs") in text


def test_sums_that_do_not_add_up_are_cried_out(answer: Answer, broken_sums: Answer) -> None:
    assert "DOES NOT ADD UP" not in printed(answer)
    assert printed(broken_sums).count("DOES NOT ADD UP") == 2


def test_everything_unseen_is_told(answer: Answer) -> None:
    text = squeezed(printed(answer))
    coverage = answer.coverage
    told = [
        *(person.name for person in coverage.never_seen),
        *(login.login for login in coverage.unknown_logins),
        *(clue.value for one in coverage.unclear for clue in one.clues),
        "ews: no log shows it.", "3 days without any: 5 Sep 2026 to 6 Sep 2026, 18 Oct 2026", "press-desk: 920 accesses",
        "e1101: on 4 days", "5,220 accesses by 9 people", "The file ends in the middle of a line.",
    ]  # fmt: skip
    assert [words for words in told if squeezed(words) not in text] == []


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_name_is_lost_at_any_width(answer: Answer, width: int) -> None:
    text = printed(answer, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text
    cells = squeezed(" ".join(re.findall(r"\S+", text)))
    for finding in answer.findings:
        for word in finding.person.name.split():
            assert word in cells


def test_each_person_stands_with_days_device_and_grade(answer: Answer) -> None:
    row = next(line for line in printed(answer, 160).splitlines() if answer.findings[0].person.name in line)
    finding = answer.findings[0]
    for words in (finding.device.label, str(finding.days), f"{finding.accesses:,}", finding.device.grade.word):
        assert words in row


def test_a_limit_says_how_many_are_left_out_and_what_shows_them(answer: Answer) -> None:
    text = printed(answer, limit=5)
    assert "… and 12 more findings: --all prints all of them, --jsonl FILE writes them." in text
    assert "… and 33 more who were never seen: --all" in text
    assert "Violations: 17 people" in text
    assert "… and" not in printed(answer)


def test_waived_is_shown_as_such_and_until_when(answer: Answer) -> None:
    text = squeezed(printed(answer, 160))
    assert text.count(squeezed("waived until 1 Jan 2027, 00:00")) == 4
    assert re.search(r"\d+morewaiveduntil1Jan2027", text)


def test_cannot_tell_says_what_would_settle_it(answer: Answer) -> None:
    assert printed(answer, 160).count("would settle it: maker, system") == 9


def test_a_pipe_gets_no_colours_and_a_terminal_does(answer: Answer) -> None:
    assert "\x1b" not in printed(answer)
    assert "\x1b[1m" in printed(answer, terminal=True)


def test_names_are_not_taken_for_markup_nor_for_commands(hostile_answer: Answer) -> None:
    text = printed(hostile_answer, 200, terminal=True)
    assert "[bold]" in text
    assert "\\x1b[2J" in text
    assert "\x1b[2J" not in text
    assert "\u202e" not in text


def test_pseudonyms_are_announced(answer: Answer) -> None:
    assert "replaced by pseudonyms" in printed(replace(answer, pseudonymised=True))
    assert "pseudonyms" not in printed(answer)


def test_the_file_of_the_same_leaves_nothing_out(answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    write(answer, stream)
    assert stream.getvalue() == printed(answer)
