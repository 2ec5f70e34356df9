"""The sentences of a directive laid out as plain text, for a terminal or a printer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from phaseout.directive.phrases import day_name
from phaseout.directive.words import CalendarRow, ClauseWords, SourceWords, Words


def page(words: Words, width: int = 100) -> str:
    """Lay a directive out as plain text.

    Args:
        words: its sentences.
        width: how many characters a line holds at most, names and addresses that are longer set aside.
    """
    lines = [words.headline, "=" * min(len(words.headline), width), ""]
    for paragraph in words.paragraphs:
        lines += [*_wrapped(paragraph, width), ""]
    lines += _heading("What it says")
    for clause in words.clauses:
        lines += [*_clause(clause, width, ""), ""]
    lines += [*_heading("Which devices"), *_points(words.devices, width), ""]
    lines += [*_heading(f"Calendar (each day begins at midnight, {words.time_zone})"), *_calendar(words.calendar, width), ""]
    if words.replacements:
        lines += [*_heading("Instead"), *_points(words.replacements, width), ""]
    lines += [*_heading("Waivers"), *_points(words.waivers, width), ""]
    if words.sources:
        lines += [*_heading("Sources"), *_points((_source(source) for source in words.sources), width), ""]
    return "\n".join(lines)


def _wrapped(text: str, width: int, first: str = "", further: str | None = None) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=first,
        subsequent_indent=further if further is not None else first,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _heading(text: str) -> list[str]:
    return [text, "-" * len(text)]


def _points(texts: Iterable[str], width: int) -> list[str]:
    return [line for text in texts for line in _wrapped(text, width, "- ", "  ")]


def _clause(clause: ClauseWords, width: int, indent: str) -> Iterator[str]:
    """Give a clause's lines, its other readings further in."""
    name = f"{indent}[{clause.id}] "
    yield from _wrapped(" ".join(clause.sentences), width, name, indent + "    ")
    if clause.summary:
        yield from _wrapped(f"In short: {clause.summary}", width, indent + "    ")
    if clause.verbatim:
        yield from _wrapped(f"In the order's words: “{clause.verbatim}”", width, indent + "    ")
    if clause.sources:
        yield from _wrapped(f"Stated by: {', '.join(clause.sources)}.", width, indent + "    ")
    for reading in clause.readings:
        yield from _wrapped("Read otherwise (shown here, never judged):", width, indent + "    ")
        yield from _clause(reading, width, indent + "    ")


def _calendar(rows: Iterable[CalendarRow], width: int) -> Iterator[str]:
    for row in rows:
        yield from _wrapped(row.what, width, f"{day_name(row.on):<19}", " " * 19)


def _source(source: SourceWords) -> str:
    on = f", {day_name(source.on)}" if source.on is not None else ""
    parts = (f"[{source.id}] {source.by}: {source.title}{on}. Status: {source.standing}.", source.note, source.url)
    return " ".join(part for part in parts if part)
