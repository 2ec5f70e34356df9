"""What the page's template is given: the answer, what was counted and drawn, and how things are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Struct

from phaseout.directive.phrases import day_name, listed
from phaseout.directive.words import sentences
from phaseout.model.answer import Answer, Finding
from phaseout.model.clue import ClueKind
from phaseout.model.device import PLATFORM_NAMES
from phaseout.model.directive import Waiver
from phaseout.model.person import Person
from phaseout.reporting import words
from phaseout.reporting.figures import Figures, also_waived
from phaseout.reporting.page import charts
from phaseout.reporting.sentence import sentence


class Limits(Struct, frozen=True):
    """How much a page shows, so that it opens on a phone; what it leaves out is said, with where to find it.

    Attributes:
        cards: findings of one section with their evidence.
        rows: further findings of one section, in a table without it.
        evidence: pieces of evidence of one finding.
        names: people never seen, and logs.
        list: entries of any other list.
        open: findings of one section that lie open; more are folded by unit, and nothing of them is left out.
    """

    cards: int = 200
    rows: int = 2000
    evidence: int = 12
    names: int = 2000
    list: int = 50
    open: int = 30


_UNCOUNTED: Final = {"not_reached": "Not reached", "not_there": "Not there"}
"""Columns of the table of units that are shown where anybody is in them; no bar shows these people."""

LIMITS: Final = Limits()
"""What a page shows."""


def rendered(answer: Answer, limits: Limits = LIMITS) -> str:
    """Return the page."""
    return _environment(answer, limits).get_template("page.html.j2").render(_view(answer)).lstrip()


def _view(answer: Answer) -> dict[str, Any]:
    figures = Figures(answer)
    deadlines = [at.astimezone(figures.zone).date() for at in figures.deadlines]
    units = sorted(answer.units, key=lambda unit: (-unit.violating, unit.unit))
    named = [(figures.short(unit.unit), unit) for unit in units]
    buckets = charts.buckets(answer.days) if answer.days else []
    platforms, others = charts.ranked(buckets)
    return {
        "answer": answer,
        "figures": figures,
        "sentence": sentence(figures),
        "words": sentences(answer.directive, figures.waivers),
        "burn_down": charts.burn_down(answer.days, deadlines),
        "deadlines": listed(day_name(day) for day in deadlines) if deadlines else "none",
        "platforms": charts.platforms(answer.days),
        "platform_names": [*platforms, *others, *(["unknown"] if any("unknown" in one.platforms for one in buckets) else [])],
        "buckets": buckets,
        "units": named,
        "units_chart": charts.units(named),
        "units_caption": _units_caption(figures, len(named)),
        "states": charts.STATES,
        "uncounted": [(field, word) for field, word in _UNCOUNTED.items() if any(getattr(unit, field) for unit in units)],
        "grades": tuple(words.GRADE_MEANINGS.items()),
        "several_clauses": len(answer.directive.judged) > 1,
    }


def _units_caption(figures: Figures, count: int) -> str:
    """Return what must be known to read the bars."""
    below = f" All of them are below {words.path(figures.top)}." if figures.top else ""
    cut = ""
    if count > charts.UNITS_DRAWN:
        cut = f" Shown are the {charts.UNITS_DRAWN} units with most violations; all stand in the table."
    if any(unit.people > unit.counted for unit in figures.answer.units):
        cut = f"{cut} Who is not counted stands in the table alone."
    return f"Each person counts once, with the worst that was found; behind each bar, its people with a violation.{below}{cut}"


def _environment(answer: Answer, limits: Limits) -> Environment:
    """Set the template language up: everything that is not ours is escaped, and a misspelt name is an error."""
    environment = Environment(
        loader=PackageLoader("phaseout.reporting.page"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    figures = Figures(answer)
    environment.filters |= _FILTERS | _of_answer(figures, limits)
    environment.globals |= {"limits": limits, "share": words.share}
    return environment


def _shown(value: object) -> object:
    """Write control characters of a text as escapes; markup of our own is left as it is."""
    return words.plain_lines(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _of_answer(figures: Figures, limits: Limits) -> dict[str, Callable[..., Any]]:
    """Return the filters that depend on the answer: on its time zone, its units, its clauses."""
    order = {clause.id: place for place, clause in enumerate(figures.answer.directive.clauses)}

    def key(one: Finding) -> tuple[int, str, str]:
        return order.get(one.clause, len(order)), one.clause, figures.unit_of(one)

    def groups(findings: Iterable[Finding]) -> list[tuple[tuple[str, str], list[Finding]]]:
        return [((clause, unit), list(group)) for (_, clause, unit), group in groupby(sorted(findings, key=key), key=key)]

    def by_unit(people: Iterable[Person]) -> list[tuple[str, list[Person]]]:
        return [(figures.short(unit), list(group)) for unit, group in groupby(people, key=lambda one: one.unit)]

    def day(at: datetime) -> str:
        return words.short_day(at.astimezone(figures.zone).date())

    def most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: limits.list]

    return {
        "groups": groups,
        "by_unit": by_unit,
        "unit_of": figures.unit_of,
        "who": figures.who,
        "account": figures.account,
        "holders": figures.holders,
        "moment": partial(words.day_and_time, zone=figures.zone),
        "day": day,
        "most": most,
    }


def _ends(waivers: tuple[Waiver, ...]) -> datetime:
    """Return the end of the last of some waivers."""
    return max(waiver.ends for waiver in waivers)


def _is_link(url: str | None) -> bool:
    """Say whether an address may become a link: nothing but a page on the web."""
    return url is not None and url.startswith(("https://", "http://"))


def _clue_name(kind: ClueKind) -> str:
    return words.CLUE_NAMES[kind]


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "number": words.number,
    "people": words.people,
    "accesses": words.accesses,
    "days": words.days,
    "logins": partial(words.counted, one="login", many="logins"),
    "logs": partial(words.counted, one="log", many="logs"),
    "days_shown": words.days_shown,
    "lacks": words.lacks,
    "used_with": words.used_with,
    "also_waived": also_waived,
    "unread": words.unread,
    "without_names": words.without_names,
    "not_counted": words.not_counted,
    "bounds": words.bounds,
    "units": partial(words.counted, one="unit", many="units"),
    "findings": partial(words.counted, one="finding", many="findings"),
    "date": words.short_day,
    "ranges": words.day_ranges,
    "spelt": words.spelt,
    "settles": words.settles_text,
    "meaning": words.GRADE_MEANINGS.__getitem__,
    "platform": lambda name: "cannot tell" if name == "unknown" else PLATFORM_NAMES.get(name, name),
    "clue_name": _clue_name,
    "ends": _ends,
    "is_link": _is_link,
}
"""How the template writes things."""
