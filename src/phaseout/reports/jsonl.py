"""The whole answer as JSON lines: one object a line, each with its ``kind``.

Keys are only ever added; the number in ``schema`` changes when one changes its meaning. Times are ISO 8601 in UTC, days are local
days of the directive's time zone, and null stands for "cannot tell" or "open".

==================  ===========================================================================================================
``kind``            what the line holds
==================  ===========================================================================================================
``check``           the first line: the directive, the asked time, and the totals. ``totals``: lines = accesses + the sum of
                    ``ignored`` + rejected. ``findings``: how many lines of that kind follow, by verdict, the waived apart.
                    ``people``: the staff list's are ``in_scope`` (the order reaches them: ``seen`` + ``never_seen``) +
                    ``not_reached`` (no clause does) + ``not_there`` (not in the organisation on any day of the time)
``finding``         one person's standing under one clause with one device, with its evidence
``log``             what became of every line of one file; each adds up for itself, and all of them to ``totals``
``place``           a log and those that rotation has made of it, and the days of the asked time that no file of it reaches
``left_out``        what lies in the folders of logs and was not read
``door``            what was seen of one door, and the days on which nothing was
``never_seen``      one person whom the order reaches and no log shows
``unknown_login``   a login that belongs to nobody on the staff list, and why nobody was found
``unclear``         evidence that did not settle what the device is, with how much use it stands for
``shared_account``  accesses by an account that is nobody's own
``outside``         on how many days a person used work services outside their days in the organisation
``unread_column``   the name of a column of the staff list that was not looked at
``warning``         something in the order or the staff list that is mostly a mistake, with its place and the way out
``reaches_nobody``  a unit, role or person that the order names and nobody on the staff list is
``unit``            how one unit stands; each person counts once, with the worst that was found. ``people`` is the sum of the
                    rest; without ``not_reached`` and ``not_there`` all units add up to ``in_scope``
``day``             what one local day showed
==================  ===========================================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Final, TextIO

from phaseout.model.answer import Answer, Coverage, DayCount, LogAccount, LogPlace, UnitState
from phaseout.reporting.figures import Figures
from phaseout.reporting.flat import Record, clue_records, finding_record, person_record
from phaseout.reporting.report import Report
from phaseout.reporting.words import iso

SCHEMA: Final = 1
"""Changes when a key changes its meaning."""


def write(answer: Answer, stream: TextIO) -> None:
    """Write an answer as JSON lines."""
    stream.writelines(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for record in _records(answer))


def _records(answer: Answer) -> Iterator[Record]:
    yield _header(answer)
    for finding in answer.findings:
        yield {"kind": "finding"} | finding_record(finding)
    yield from _coverage(answer.coverage)
    for unit in answer.units:
        yield _unit(unit)
    for day in answer.days:
        yield _day(day)


def _header(answer: Answer) -> Record:
    figures = Figures(answer)
    directive, coverage, lines = answer.directive, answer.coverage, figures.lines
    return {
        "kind": "check",
        "schema": SCHEMA,
        "phaseout": answer.version,
        "directive": {
            "id": directive.id,
            "title": directive.title,
            "issuer": directive.issuer,
            "version": directive.version,
            "time_zone": directive.time_zone,
        },
        "at": iso(answer.at),
        "since": iso(answer.since),
        "until": iso(answer.until),
        "pseudonymised": answer.pseudonymised,
        "rejects_file": answer.rejects_file,
        "totals": {
            "lines": lines.lines,
            "accesses": lines.accesses,
            "ignored": dict(lines.ignored),
            "rejected": lines.rejected,
            "adds_up": lines.missing == 0,
        },
        "findings": {
            "violation": len(figures.violations),
            "waived": len(figures.waived),
            "advised": len(figures.advised),
            "cannot tell": len(figures.cannot_tell),
        },
        "people": {
            "in_scope": coverage.people_in_scope,
            "seen": coverage.people_seen,
            "never_seen": figures.never_seen,
            "only_tried": coverage.only_tried,
            "not_reached": coverage.not_reached,
            "not_there": coverage.not_there,
        },
        "time": {name: _date(getattr(coverage, name)) for name in ("asked_from", "asked_to", "first_day", "last_day")},
        "accesses": {"in_asked_time": coverage.accesses, "without_clue": coverage.accesses_without_clue},
    }


def _coverage(coverage: Coverage) -> Iterator[Record]:
    for log in coverage.logs:
        yield _log(log)
    yield from map(_place, coverage.places)
    for each in coverage.left_out:
        yield {"kind": "left_out", "path": each.path, "why": each.why}
    for door in coverage.doors:
        yield {
            "kind": "door",
            "door": door.door,
            "formats": list(door.formats),
            "accesses": door.accesses,
            "missing_days": [day.isoformat() for day in door.missing_days],
            "nameless": door.nameless,
        }
    for person in coverage.never_seen:
        yield {"kind": "never_seen", "person": person_record(person)}
    for login in coverage.unknown_logins:
        yield {
            "kind": "unknown_login",
            "login": login.login,
            "accesses": login.accesses,
            "first": iso(login.first),
            "last": iso(login.last),
            "reason": login.reason,
            "spelt": list(login.spelt),
            "devices": list(login.devices),
            "banned": list(login.banned),
        }
    for clue in coverage.unclear:
        yield {
            "kind": "unclear",
            "clues": clue_records(clue.clues),
            "accesses": clue.accesses,
            "people": clue.people,
            "reason": clue.reason,
        }
    for account, accesses in sorted(coverage.shared_accounts.items()):
        yield {"kind": "shared_account", "person_id": account, "accesses": accesses}
    for person_id, days in sorted(coverage.outside_service.items()):
        yield {"kind": "outside", "person_id": person_id, "days": days}
    yield from ({"kind": "unread_column", "name": name} for name in coverage.unread_columns)
    yield from ({"kind": "warning", "text": text} for text in coverage.warnings)
    yield from ({"kind": "reaches_nobody", "name": name} for name in coverage.reaches_nobody)


def _place(place: LogPlace) -> Record:
    return {
        "kind": "place",
        "name": place.name,
        "format": place.format,
        "files": place.files,
        "first": place.first.isoformat(),
        "last": place.last.isoformat(),
        "missing_days": [day.isoformat() for day in place.missing_days],
        "silent_days": [day.isoformat() for day in place.silent_days],
    }


def _date(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _log(log: LogAccount) -> Record:
    return {
        "kind": "log",
        "file": log.file,
        "format": log.format,
        "time_zone": log.time_zone,
        "latest": _date(log.latest),
        "lines": log.lines,
        "accesses": log.accesses,
        "ignored": dict(log.ignored),
        "rejected": log.rejected,
        "adds_up": log.adds_up,
        "first": iso(log.first),
        "last": iso(log.last),
        "note": log.note,
    }


def _unit(unit: UnitState) -> Record:
    return {
        "kind": "unit",
        "unit": list(unit.unit),
        "people": unit.people,
        "violating": unit.violating,
        "waived": unit.waived,
        "advised": unit.advised,
        "cannot_tell": unit.cannot_tell,
        "clean": unit.clean,
        "never_seen": unit.never_seen,
        "not_reached": unit.not_reached,
        "not_there": unit.not_there,
    }


def _day(day: DayCount) -> Record:
    return {
        "kind": "day",
        "day": day.day.isoformat(),
        "banned": day.banned,
        "violating": day.violating,
        "seen": day.seen,
        "platforms": dict(day.platforms),
    }


REPORT = Report(id="jsonl", title="the whole answer as JSON lines", suffix=".jsonl", write=write)
