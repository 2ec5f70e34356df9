"""The answer in one sentence."""

from __future__ import annotations

from phaseout.model.answer import OUTSIDE_TIME
from phaseout.reporting.figures import Figures
from phaseout.reporting.words import long_day_and_time, number, people


def sentence(figures: Figures) -> str:
    """Return the answer in one sentence: who still breaks the order, when last, and how much was not seen.

    What was not seen is always part of it, for a number of violations alone says nothing about those whom no log showed.
    """
    parts = _found(figures), _last(figures), _untold(figures), _of_nobody(figures), _unseen(figures)
    return "; ".join(part for part in parts if part) + "."


def _found(figures: Figures) -> str:
    count = figures.violating
    if count:
        used = "have used" if count > 1 else "has used"
        return f"{figures.holders(figures.violations)} {used} a banned device for work{_recent(figures, count)}"
    advised = figures.people_advised
    if not figures.answer.coverage.accesses:
        outside = any(OUTSIDE_TIME in log.ignored for log in figures.answer.coverage.logs)
        asked = outside or figures.answer.since is not None or figures.answer.until is not None
        return f"The logs show no access {'in the time asked for' if asked else 'at all'}"
    if advised:
        uses = "use" if advised > 1 else "uses"
        holders = figures.holders(figures.worst["advised"])
        waived = f"; {_under_waiver(figures, 'a banned one')}" if figures.people_waived else ""
        return f"Nobody was seen breaking the order, but {holders} {uses} for work a device that it advises against{waived}"
    if figures.people_waived:
        return f"Nobody was seen using a banned device for work without a waiver, but {_under_waiver(figures, 'one')}"
    return "Nobody was seen using a banned device for work"


def _under_waiver(figures: Figures, what: str) -> str:
    used = "have used" if figures.people_waived > 1 else "has used"
    return f"{figures.holders(figures.worst['waived'])} {used} {what} under a waiver"


def _recent(figures: Figures, count: int) -> str:
    week = "in the last seven days of the logs"
    if figures.recent == 0:
        return f", nobody {week}"
    if figures.recent == count:
        return f", {'all of them' if count > 1 else 'also'} {week}"
    return f", {number(figures.recent)} of them {week}"


def _last(figures: Figures) -> str:
    if figures.last_violation is None:
        return ""
    return f"the last access was on {long_day_and_time(figures.last_violation, figures.zone)}"


def _untold(figures: Figures) -> str:
    """Say of how many it can't be told, without those of whom worse was found."""
    if not figures.people_untold:
        return ""
    more = "more " if figures.violating or figures.people_waived or figures.people_advised else ""
    return f"of {figures.holders(figures.worst['cannot tell'], more)} it can't be told"


def _of_nobody(figures: Figures) -> str:
    """Say how many logins that nobody has were used with a banned device, where whether the order reaches them isn't known."""
    found = {one.person.id for one in figures.answer.findings}
    count = sum(bool(login.banned) and login.login not in found for login in figures.answer.coverage.unknown_logins)
    logins, were = ("login", "was") if count == 1 else ("logins", "were")
    return f"{number(count)} {logins} of nobody on the staff list {were} used with a banned device" if count else ""


def _unseen(figures: Figures) -> str:
    reached = figures.answer.coverage.people_in_scope
    if not reached:
        return "the order reaches nobody on the staff list"
    if not figures.never_seen:
        return f"all {people(reached)} whom it reaches were seen" if reached > 1 else "the one person whom it reaches was seen"
    were = "were" if figures.never_seen > 1 else "was"
    return f"{number(figures.never_seen)} of {people(reached)} {were} never seen"
