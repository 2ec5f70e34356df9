"""The charts: what they count, and that drawing leaves nothing behind."""

import re
from datetime import date, timedelta

import matplotlib as mpl
import pytest
from msgspec.structs import replace

from phaseout.model.answer import Answer, DayCount
from phaseout.reporting.page import charts
from phaseout.reporting.page.time_axis import day_ticks


def days_of(count: int, seen: int = 10) -> list[DayCount]:
    first = date(2026, 1, 1)
    return [DayCount(first + timedelta(days=n), n % 7, 0, seen, {"ios": 1 + n % 7, "unknown": 2}) for n in range(count)]


def numbers_in(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)</text>", svg)


def test_drawing_leaves_the_plotting_librarys_settings_alone(answer: Answer) -> None:
    before = dict(mpl.rcParams)
    chart = charts.burn_down(answer.days, [])
    assert chart is not None
    assert dict(mpl.rcParams) == before


def test_drawing_does_not_depend_on_the_users_settings(answer: Answer) -> None:
    plain = charts.burn_down(answer.days, [])
    with mpl.rc_context({"font.size": 40, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert charts.burn_down(answer.days, []) == plain


def test_the_deadline_is_drawn_only_when_it_is_within_the_days(answer: Answer) -> None:
    within = charts.burn_down(answer.days, [date(2026, 10, 1)])
    without = charts.burn_down(answer.days, [date(2027, 10, 1)])
    assert within is not None
    assert without is not None
    assert any("deadline" in words for words in numbers_in(within.svgs[0]))
    assert not any("deadline" in words for words in numbers_in(without.svgs[0]))


@pytest.mark.parametrize("count", [1, 2, 31, 90, 400, 1000])
def test_any_number_of_days_can_be_drawn(count: int) -> None:
    days = days_of(count)
    assert charts.burn_down(days, [days[0].day, days[-1].day]) is not None
    drawn = charts.platforms(days)
    assert drawn is not None
    assert [key.word for key in drawn.keys] == ["iOS", "cannot tell"]
    assert len(charts.buckets(days)) <= 60


def test_several_deadlines_have_a_row_each() -> None:
    days = days_of(90)
    near = [days[30].day, days[34].day, days[40].day, days[88].day]
    chart = charts.burn_down(days, near)
    assert chart is not None
    assert sum("deadline" in words for words in numbers_in(chart.svgs[0])) == 4


def test_no_days_make_no_chart() -> None:
    assert charts.burn_down([], []) is None
    assert charts.platforms([]) is None
    assert charts.units([]) is None


def test_a_week_is_shown_by_its_busiest_day_so_that_a_cut_week_is_not_lower() -> None:
    days = [replace(day, seen=10 if day.day.weekday() < 5 else 1, platforms={"ios": 10 if day.day.weekday() < 5 else 1})
            for day in days_of(59)]  # fmt: skip
    assert {bucket.platforms["ios"] for bucket in charts.buckets(days)} == {10}


def test_the_ticks_are_in_order_and_few(answer: Answer) -> None:
    for span in (0, 1, 6, 30, 89, 400, 3000):
        ticks = day_ticks(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=span), 7)
        assert 1 <= len(ticks) <= 9
        assert ticks == sorted(set(ticks))
    assert answer.days


def test_each_unit_has_its_numbers_behind_its_bar(answer: Answer) -> None:
    chart = charts.units([(" / ".join(unit.unit[1:]), unit) for unit in answer.units])
    assert chart is not None
    for svg in chart.svgs:
        found = [words for words in numbers_in(svg) if " of " in words and words[0].isdecimal()]
        assert found == [f"{unit.violating} of {unit.people}" for unit in answer.units]
