"""The findings, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from phaseout.model.answer import Finding
from phaseout.model.verdict import Verdict
from phaseout.reporting.figures import Figures, also_waived
from phaseout.reporting.screen.page import Column, Page
from phaseout.reporting.words import accesses, day_and_time, number, path, settles_text, short_day

_WIDE: Final = 110
"""From so many columns on, both days fit on one line."""

_GAPS: Final = 2 + 5 * 2
"""The margin, and the space between six columns."""


def show_findings(page: Page, figures: Figures) -> None:
    """Print the violations by clause and unit, then the people; advised, cannot tell and waived apart."""
    _by_clause(page, figures)
    _by_unit(page, figures)
    _people(page, figures, "Violations", figures.violations)
    _people(page, figures, "Advised against", figures.advised)
    _people(page, figures, "Cannot tell", figures.cannot_tell)
    _people(page, figures, "Waived, would be a violation", figures.waived)
    if figures.partly_waived:
        page.line(also_waived(figures), 2)


def _by_clause(page: Page, figures: Figures) -> None:
    page.heading("By clause")
    for row in figures.clauses:
        page.line(f"{row.clause.id}: {row.clause.headline}" if row.clause.headline else row.clause.id, style="bold")
        if row.last is not None:
            apart = ", those under a waiver left out" if row.waived_accesses else ""
            page.line(f"{row.holders} with a violation, {accesses(row.accesses)} in all{apart}.", 2)
            page.line(f"The last was on {day_and_time(row.last, figures.zone)}.", 2)
        else:
            page.line("Nobody with a violation.", 2)
        page.line(
            f"Waived: {number(row.waived)}. Advised against: {number(row.advised)}. Cannot tell: {number(row.cannot_tell)}.", 2
        )


_STATES: Final = {
    "people": "People", "violating": "Violating", "waived": "Waived", "advised": "Advised", "cannot_tell": "Can't\ntell",
    "clean": "Clean", "never_seen": "Never\nseen",
}  # fmt: skip
_UNCOUNTED: Final = {"not_reached": "Not\nreached", "not_there": "Not\nthere"}
"""Columns that are shown where anybody is in them."""


def _by_unit(page: Page, figures: Figures) -> None:
    page.heading("By unit (each person once, with the worst that was found)")
    if figures.top:
        page.line(f"All of these are below {path(figures.top)}.", 2)
    units = sorted(figures.answer.units, key=lambda unit: (-unit.violating, unit.unit))
    titles = _STATES | {state: title for state, title in _UNCOUNTED.items() if any(getattr(unit, state) for unit in units)}
    rows = [[figures.short(unit.unit), *(number(getattr(unit, state)) for state in titles)] for unit in page.cut(units)]
    page.table([Column("Unit"), *(Column(title, right=True) for title in titles.values())], rows)
    page.rest(units, "units")


def _people(page: Page, figures: Figures, title: str, findings: Sequence[Finding]) -> None:
    page.heading(f"{title}: {figures.holders(findings) if findings else 'nobody'}")
    if not findings:
        page.line("None.", 2)
        return
    order = {clause.id: place for place, clause in enumerate(figures.answer.directive.clauses)}
    ordered = sorted(findings, key=lambda one: (order.get(one.clause, len(order)), figures.unit_of(one)))
    columns = _columns(page.console.width)
    shown = groupby(page.cut(ordered), key=lambda one: (one.clause, figures.unit_of(one)))
    for place, ((clause, unit), group) in enumerate(shown):
        page.line(f"{unit} (clause {clause})", style="bold")
        page.table(columns, [_row(one, figures, page.console.width) for one in group], header=place == 0)
    page.rest(ordered, "findings")


def _columns(width: int) -> tuple[Column, ...]:
    """Lay the columns out, the same in every table of a section; what is left over goes to the person and the device."""
    fixed = (
        Column("Seen", 25 if width >= _WIDE else 13),
        Column("Days", 4, right=True),
        Column("Accesses", 8, right=True),
        Column("Grade", 7),
    )
    left = max(20, width - _GAPS - sum(one.width or 0 for one in fixed))
    person = left * 2 // 5
    return (Column("Person", person), Column("Device", left - person), *fixed)


def _row(finding: Finding, figures: Figures, width: int) -> list[str]:
    first, last = (short_day(at.astimezone(figures.zone).date()) for at in (finding.first, finding.last))
    parted = f"{first} \N{EN DASH}{' ' if width >= _WIDE else chr(10)}{last}"
    return [
        figures.who(finding.person),
        "\n".join((finding.device.label, *_notes(finding, figures))),
        first if first == last else parted,
        number(finding.days),
        number(finding.counted_accesses),
        finding.device.grade.word,
    ]


def _notes(finding: Finding, figures: Figures) -> Iterator[str]:
    """Give what must stand beside the device."""
    if finding.settles:
        yield f"would settle it: {settles_text(finding.settles)}"
    elif finding.verdict is Verdict.CANNOT_TELL:
        yield "whose it was is not proven"
    if finding.weaker_accesses:
        yield f"{number(finding.weaker_accesses)} of them by weaker evidence"
    if finding.device.contradictions:
        yield "the evidence contradicts itself"
    if finding.waived_accesses:
        until = max(waiver.ends for waiver in finding.waivers)
        part = "" if finding.waived else f"{number(finding.waived_accesses)} more "
        yield f"{part}waived until {day_and_time(until, figures.zone)}"
