"""What was seen and what was not, on a terminal."""

from __future__ import annotations

from phaseout.model.answer import Answer, DoorCoverage, LogAccount
from phaseout.reporting.figures import Figures, lines_of
from phaseout.reporting.screen.page import Page
from phaseout.reporting.words import (
    accesses,
    bounds,
    clues_text,
    counted,
    day_and_time,
    day_ranges,
    days,
    days_shown,
    lacks,
    not_counted,
    number,
    people,
    share,
    spelt,
    unread,
    used_with,
    without_names,
)


def show_coverage(page: Page, figures: Figures) -> None:
    """Print the coverage, the accounting of lines first."""
    page.heading("Coverage: what was seen, and what was not")
    _lines(page, figures)
    _places(page, figures.answer)
    _people(page, figures)
    _doors(page, figures.answer)
    _unknown(page, figures)
    _unclear(page, figures.answer)
    _accounts(page, figures)


def accounting(log: LogAccount) -> str:
    """Return the sum that a log's lines must make."""
    reasons = ", ".join(f"{reason} {number(count)}" for reason, count in sorted(log.ignored.items()))
    ignored = f"{number(sum(log.ignored.values()))} ignored" + (f" ({reasons})" if reasons else "")
    summed = f"{counted(log.lines, 'line', 'lines')} = {accesses(log.accesses)} + {ignored} + {number(log.rejected)} rejected"
    return summed if log.adds_up else f"{summed}. THIS DOES NOT ADD UP: please report it."


def _lines(page: Page, figures: Figures) -> None:
    logs, total = figures.answer.coverage.logs, figures.lines
    summed = LogAccount("", "", "", total.lines, total.accesses, total.ignored, total.rejected)
    page.line(f"Lines read, in {counted(len(logs), 'log file', 'log files')}", style="bold")
    page.line(accounting(summed), 2)
    if figures.answer.rejects_file is not None:
        page.line(f"Lines that could not be read are kept in {figures.answer.rejects_file}.", 2)
    if page.limit is not None and len(logs) > page.limit:
        _by_format(page, figures)
        return
    for log in logs:
        _log(page, log, figures)


def _by_format(page: Page, figures: Figures) -> None:
    """Print many logs by their formats, and one by one only those that ask for a look."""
    logs = figures.answer.coverage.logs
    for name in sorted({log.format for log in logs}):
        total = lines_of(log for log in logs if log.format == name)
        count = sum(log.format == name for log in logs)
        page.line(f"{name}, {counted(count, 'log file', 'log files')}", 2)
        page.line(accounting(LogAccount("", name, "", total.lines, total.accesses, total.ignored, total.rejected)), 4, "dim")
    odd = tuple(log for log in logs if log.rejected or log.note or not log.adds_up)
    for log in page.cut(odd):
        wrong = "" if log.adds_up else " Its lines do not add up."
        page.line(f"{log.file}: {number(log.rejected)} of {counted(log.lines, 'line', 'lines')} rejected.{wrong} {log.note}", 2)
    page.rest(odd, "logs with rejected lines or a note")
    page.line(f"--all prints each of the {number(len(logs))} logs, --jsonl FILE writes them.", 2, "dim")


def _log(page: Page, log: LogAccount, figures: Figures) -> None:
    times = "no time in it"
    if log.first is not None and log.last is not None:
        times = f"{day_and_time(log.first, figures.zone)} to {day_and_time(log.last, figures.zone)}"
    page.line(f"{log.file}: {log.format}, {times} (time zone: {log.times})", 2)
    page.line(accounting(log), 4, "dim")
    if log.note:
        page.line(log.note, 4)


def _places(page: Page, answer: Answer) -> None:
    coverage = answer.coverage
    page.line("Time that the logs show", style="bold")
    for sentence in bounds(answer):
        page.line(sentence, 2, "yellow")
    lacking = tuple(place for place in coverage.places if not place.is_whole)
    if shown := days_shown(answer):
        page.line(shown, 2)
    for place in page.cut(lacking):
        page.line(f"{place.name}: {place.format}, {lacks(place)}.", 2)
    page.rest(lacking, "such logs")
    if coverage.left_out:
        page.line("Lies there and was not read", style="bold")
        for each in page.cut(coverage.left_out):
            page.line(f"{each.path}: {each.why}", 2)
        page.rest(coverage.left_out, "such files")


def _people(page: Page, figures: Figures) -> None:
    coverage = figures.answer.coverage
    page.line("People", style="bold")
    page.line(
        f"{number(coverage.people_seen)} of {people(coverage.people_in_scope)} whom the order reaches were seen "
        f"({share(coverage.people_seen, coverage.people_in_scope)}); {number(figures.never_seen)} never"
        f"{':' if figures.never_seen else '.'}",
        2,
    )
    for person in page.cut(coverage.never_seen):
        page.line(f"{figures.who(person)}, {figures.short(person.unit)}", 4, "dim")
    page.rest(coverage.never_seen, "who were never seen", 4)
    if coverage.only_tried:
        told = "the logs show only requests that got nothing, or that prove nobody"
        page.line(f"Of {people(coverage.only_tried)} among these {told}.", 4)
    for left_out in not_counted(coverage):
        page.line(left_out, 2)
    if coverage.unread_columns:
        page.line(f"Columns of the staff list that were not looked at: {unread(coverage)}.", 2)


def door_line(door: DoorCoverage) -> str:
    """Return in a line what was seen of a door."""
    if not door.formats:
        return f"{door.door}: {without_names(door) or 'no log shows it'}."
    missing = f"; {days(len(door.missing_days))} without any: {day_ranges(door.missing_days)}" if door.missing_days else ""
    nameless = f"; {without_names(door)}" if door.nameless else ""
    return f"{door.door}: {accesses(door.accesses)} in {', '.join(door.formats)}{missing}{nameless}."


def _doors(page: Page, answer: Answer) -> None:
    page.line("Doors by which the order's services can be entered", style="bold")
    for door in answer.coverage.doors:
        page.line(door_line(door), 2, "" if door.formats else "yellow")


def _unknown(page: Page, figures: Figures) -> None:
    logins = figures.answer.coverage.unknown_logins
    if not logins:
        page.line("Every login belongs to somebody on the staff list.", style="bold")
        return
    total = sum(login.accesses for login in logins)
    banned = sum(bool(login.banned) for login in logins)
    with_them = f"; {number(banned)} with a device that the order forbids" if banned else ""
    page.line(
        f"{counted(len(logins), 'login', 'logins')} of nobody on the staff list, {accesses(total)}{with_them}", style="bold"
    )
    for login in page.cut(logins):
        told = f"{spelt(login)}: {accesses(login.accesses)}, last {day_and_time(login.last, figures.zone)}."
        page.line(" ".join(filter(None, (told, login.reason, used_with(login)))), 2)
    page.rest(logins, "such logins")


def _unclear(page: Page, answer: Answer) -> None:
    coverage = answer.coverage
    if not coverage.unclear:
        page.line("All evidence of devices was understood.", style="bold")
        return
    total = sum(clue.accesses for clue in coverage.unclear)
    page.line(
        f"Evidence that tells no device: {accesses(total)} ({share(total, coverage.accesses)} of all), "
        f"{number(coverage.accesses_without_clue)} of them with none in the log",
        style="bold",
    )
    for clue in page.cut(coverage.unclear):
        page.line(f"{accesses(clue.accesses)} by {people(clue.people)}: {clues_text(clue.clues)}. {clue.reason}", 2)
    page.rest(coverage.unclear, "kinds of such evidence")


def _accounts(page: Page, figures: Figures) -> None:
    answer = figures.answer
    shared = sorted(answer.coverage.shared_accounts.items(), key=lambda item: (-item[1], item[0]))
    if shared:
        page.line("Shared and service accounts, whose use can't be pinned on anybody", style="bold")
        for account, count in page.cut(shared):
            page.line(f"{figures.account(account)}: {accesses(count)}", 2)
        page.rest(shared, "such accounts")
    outside = sorted(answer.coverage.outside_service.items(), key=lambda item: (-item[1], item[0]))
    if outside:
        page.line("Used outside their days in the organisation", style="bold")
        for person, count in page.cut(outside):
            page.line(f"{figures.account(person)}: on {days(count)}", 2)
        page.rest(outside, "such people")
    if warnings := answer.coverage.warnings:
        page.line("In the order or the staff list, and mostly a mistake: they may mean less than they should", style="bold")
        for text in page.cut(warnings):
            page.line(text, 2, "yellow")
        page.rest(warnings, "such warnings")
    nobody = answer.coverage.reaches_nobody
    if nobody:
        page.line("Named by the order or its waivers, and not clear from the staff list: a spelling?", style="bold")
        for name in page.cut(nobody):
            page.line(name, 2)
        page.rest(nobody, "such names")
