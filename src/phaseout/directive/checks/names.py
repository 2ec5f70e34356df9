"""Names that refer to each other: ids are unique, every name leads somewhere, and nothing is named in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from phaseout.directive.draft import Draft
from phaseout.directive.makers import COMPANIES, MODELS, PROGRAMS, SHORTEST_COMPARED, SHORTEST_MEANT, WELL_KNOWN
from phaseout.directive.tree import child
from phaseout.directive.wording import nearest, quote
from phaseout.directive.written import Name, defined_in, ids_at, names_at, tables_in, tests_of


class _Kind(Struct, frozen=True):
    """One kind of thing that is defined in a section and named elsewhere."""

    section: str
    noun: str
    unknown: str | None
    unused: str | None


_CLASS = _Kind("devices", "device class", "PO141", "PO150")
_SOURCE = _Kind("sources", "source", "PO142", None)
_REPLACEMENT = _Kind("replacements", "replacement", "PO143", "PO152")
_MAKER = _Kind("makers", "maker", None, "PO151")

_COMPARED_AT_MOST: Final = 200
"""How many makers' names are held against the known ones; comparing is what costs most."""


def check_names(draft: Draft) -> None:
    """Tell ids that are given twice, names that lead nowhere, and definitions that nothing uses."""
    _ids_are_unique(draft)
    named = {kind: tuple(_named(draft, kind)) for kind in (_CLASS, _SOURCE, _REPLACEMENT, _MAKER)}
    for kind, names in named.items():
        known = defined_in(draft.fitted.original, kind.section)
        for name in names:
            if name.text not in known and kind.unknown is not None:
                way_out = draft.faults.instead(name.text, known, f'Write it under "{kind.section}" first.')
                draft.faults.add(kind.unknown, name.mark, f"There is no {kind.noun} {quote(name.text)}.", way_out)
        used = {name.text for name in names}
        for one in known.values():
            if one.text not in used and kind.unused is not None:
                message = f"Nothing uses the {kind.noun} {quote(one.text)}."
                draft.faults.add(kind.unused, one.mark, message, "Name it where it belongs, or take it out.")
    _readings_lead_to_clauses(draft)
    _makers_are_spelt_as_known(draft, named[_MAKER])
    _models_and_programs_are_spelt_as_known(draft)


def _named(draft: Draft, kind: _Kind) -> Iterator[Name]:
    """Give the places that name a kind of thing."""
    tree = draft.fitted.original
    if kind is _MAKER:
        for test in tests_of(tree):
            yield from names_at(test, "maker")
        return
    for clause in tables_in(tree, "clauses"):
        yield from ids_at(clause, kind.section)
    for test in tests_of(tree) if kind is _CLASS else ():
        yield from ids_at(test, "class")


def _ids_are_unique(draft: Draft) -> None:
    for section, key in (("clauses", "id"), ("sources", "id"), ("amendments", "version")):
        first: dict[str, Name] = {}
        for table in tables_in(draft.fitted.original, section):
            for name in names_at(table, key):
                before = first.setdefault(name.text, name)
                if before is not name:
                    message = f"{quote(name.text)} stands already on line {before.mark.line}."
                    draft.faults.add("PO140", name.mark, message, "Give each its own.")


def _readings_lead_to_clauses(draft: Draft) -> None:
    tree = draft.fitted.original
    known = defined_in(tree, "clauses")
    clauses = tables_in(tree, "clauses")
    readings = {name.text for clause in clauses if child(clause, "reading_of") is not None for name in names_at(clause, "id")}
    for clause in clauses:
        own = {name.text for name in names_at(clause, "id")}
        for name in ids_at(clause, "reading_of"):
            if name.text not in known:
                message = f"There is no clause {quote(name.text)} to be read otherwise."
                way_out = draft.faults.instead(name.text, known.keys() - own, "Write the clause first.")
                draft.faults.add("PO144", name.mark, message, way_out)
            elif name.text in readings:
                message = f"Clause {quote(name.text)} is itself only another reading, so it is never judged."
                draft.faults.add("PO144", name.mark, message, 'Name the clause that is judged, one without "reading_of".')


def _makers_are_spelt_as_known(draft: Draft, named: tuple[Name, ...]) -> None:
    """Tell a plain name that is almost the id or name of a maker with brands, which would then be left out unseen."""
    makers = draft.shape.makers
    known = defined_in(draft.fitted.original, "makers")
    spelt = {maker.name.casefold(): name for name, maker in makers.items()} | {name.casefold(): name for name in makers}
    plain = {name.casefold() for maker in makers.values() for name in (*maker.brands, *maker.affiliates)}
    odd = [name for name in named if name.text not in known and name.text.casefold() not in plain]
    for name in odd[:_COMPARED_AT_MOST]:
        near = nearest(name.text, spelt)
        if near is not None:
            message = (
                f"{quote(name.text)} is not an id under makers, so it stands for this one name, without brands or affiliates."
            )
            draft.faults.add("PO145", name.mark, message, f"Did you mean {quote(spelt[near])}?")
        elif (meant := _well_known(name.text)) is not None:
            message = f"No maker of that name is known: {quote(name.text)}."
            draft.faults.add("PO145", name.mark, message, f"Did you mean {quote(meant)}?")


def _models_and_programs_are_spelt_as_known(draft: Draft) -> None:
    """Tell a model or a program that is almost a well-known one, and would find nothing."""
    tests = tuple(tests_of(draft.fitted.original))
    models = [name for test in tests for name in names_at(test, "model")]
    programs = [name for test in tests for name in names_at(test, "app")]
    for name in models:
        why = _no_pattern(name.text)
        if why:
            way_out = "Write it as devices do: iPhone14,2 or iPhone 13*."
            draft.faults.add("PO149", name.mark, f"{quote(name.text)} {why}", way_out)
    firsts = [(name, found[0]) for name in models if (found := _WORD.match(name.text))]
    for noun, named, known in (("model", firsts, MODELS), ("program", [(name, name.text) for name in programs], PROGRAMS)):
        for name, word in named[:_COMPARED_AT_MOST]:
            meant = _almost(word, known, known, _ALIKE)
            if meant is not None:
                message = f"No {noun} of that name is known: {quote(name.text)}."
                way_out = f"Did you mean {quote(name.text.replace(word, meant, 1))}?"
                draft.faults.add("PO149", name.mark, message, way_out)


def _no_pattern(text: str) -> str:
    """Say why a text fits no model that there is; empty where some may."""
    if re.search(r"\.\*|\\|^\^|\$$|\(\?|\.\+", text):
        return "is a regular expression; here * stands for any letters and ? for one."
    if re.match(r"(?i)(?:iphone|ipad|ipod|watch|macbook(?:pro|air)?|macmini|imac)\d+\.\d", text):
        return "has a point where Apple's identifiers have a comma."
    return ""


_WORD: Final = re.compile(r"[A-Za-z]{4,}")
"""What a model's name begins with."""


def _almost(name: str, known: Sequence[str], compared: Sequence[str], cutoff: float) -> str | None:
    """Return which of the names that are compared a name is almost; None for one that is known."""
    if len(name) < SHORTEST_COMPARED or any(name.casefold() == each.casefold() for each in known):
        return None
    return nearest(name, compared, cutoff)


_ALIKE: Final = 0.8
"""How like a known model or program a name must be: ``ipohne`` is, ``phone`` and ``itab`` are not."""

_ALIKE_MAKER: Final = 0.7
"""The same of a maker, whose names are longer."""


def _well_known(name: str) -> str | None:
    """Return the well-known maker that a name is almost, and not quite: misspelt, or as the company is called."""
    first, _, more = name.partition(" ")
    if more and more.strip(" .,").casefold() in COMPANIES:
        return next((each for each in WELL_KNOWN if each.casefold() == first.strip(",").casefold()), None)
    return _almost(name, WELL_KNOWN, [each for each in WELL_KNOWN if len(each) >= SHORTEST_MEANT], _ALIKE_MAKER)
