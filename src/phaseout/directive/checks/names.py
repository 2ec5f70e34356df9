"""Names that refer to each other: ids are unique, every name leads somewhere, and nothing is named in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from phaseout.directive.draft import Draft, Path
from phaseout.directive.wording import instead, nearest, quote


def check_names(draft: Draft) -> None:
    """Tell ids that are given twice, names that lead nowhere, and definitions that nothing uses."""
    _ids_are_unique(draft)
    _names_lead_somewhere(draft)
    _readings_lead_to_clauses(draft)
    _makers_are_spelt_as_known(draft)
    if draft.fitted.whole:  # what was cut out may be what uses them
        _everything_is_used(draft)


def _ids_are_unique(draft: Draft) -> None:
    lists: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("clauses", "id", (clause.id for clause in draft.shape.clauses)),
        ("sources", "id", (source.id for source in draft.shape.sources)),
        ("amendments", "version", (amendment.version for amendment in draft.shape.amendments)),
    )
    for section, key, names in lists:
        first: dict[str, int] = {}
        for place, name in enumerate(names):
            before = first.setdefault(name, place)
            if before != place:
                line = draft.line((section, before, key))
                message = f"{quote(name)} stands already on line {line}."
                draft.tell("PO140", (section, place, key), message, "Give each its own.")


def _references(draft: Draft) -> Iterator[tuple[str, str, Path, str]]:
    """Give each reference: its code, the section that must know it, its path, and the name."""
    for place, clause in enumerate(draft.shape.clauses):
        for key, code, section, names in (
            ("devices", "PO141", "devices", clause.devices),
            ("sources", "PO142", "sources", clause.sources),
            ("replacements", "PO143", "replacements", clause.replacements),
        ):
            for number, name in enumerate(names):
                yield code, section, ("clauses", place, key, number), name
    for path, test in draft.tests():
        for number, name in enumerate(test.class_):
            yield "PO141", "devices", (*path, "class", number), name


def _names_lead_somewhere(draft: Draft) -> None:
    what = {"devices": "device class", "sources": "source", "replacements": "replacement"}
    for code, section, path, name in _references(draft):
        known = draft.known(section)
        if name not in known:
            way_out = instead(name, known, f'Write it under "{section}" first.')
            draft.tell(code, path, f"There is no {what[section]} {quote(name)}.", way_out)


def _readings_lead_to_clauses(draft: Draft) -> None:
    known = draft.known("clauses")
    readings = {clause.id for clause in draft.shape.clauses if clause.reading_of is not None}
    for place, clause in enumerate(draft.shape.clauses):
        path: Path = ("clauses", place, "reading_of")
        if clause.reading_of is None:
            continue
        if clause.reading_of not in known:
            message = f"There is no clause {quote(clause.reading_of)} to be read otherwise."
            draft.tell("PO144", path, message, instead(clause.reading_of, known - {clause.id}, "Write the clause first."))
        elif clause.reading_of in readings:
            message = f"Clause {quote(clause.reading_of)} is itself only another reading, so it is never judged."
            draft.tell("PO144", path, message, 'Name the clause that is judged, one without "reading_of".')


def _makers_are_spelt_as_known(draft: Draft) -> None:
    """Tell a plain name that is almost the id or name of a maker with brands, which would then be left out unseen."""
    known = draft.known("makers")
    spelt = {name.casefold(): name for name in known}
    spelt |= {maker.name.casefold(): name for name, maker in draft.shape.makers.items()}
    plain = {name.casefold() for maker in draft.shape.makers.values() for name in (*maker.brands, *maker.affiliates)}
    for path, test in draft.tests():
        for number, name in enumerate(test.maker):
            if name in known or name.casefold() in plain:
                continue
            near = nearest(name, spelt)
            if near is not None:
                message = (
                    f"{quote(name)} is not an id under makers, so it stands for this one name, without brands or affiliates."
                )
                draft.tell("PO145", (*path, "maker", number), message, f"Did you mean {quote(spelt[near])}?")


def _everything_is_used(draft: Draft) -> None:
    used = {section: set[str]() for section in ("devices", "sources", "replacements")}
    for _, section, _, name in _references(draft):
        used[section].add(name)
    makers = {name for _, test in draft.tests() for name in test.maker}
    for code, section, what, names in (
        ("PO150", "devices", "device class", used["devices"]),
        ("PO151", "makers", "maker", makers),
        ("PO152", "replacements", "replacement", used["replacements"]),
    ):
        for name in getattr(draft.shape, section):
            if name not in names:
                message = f"Nothing uses the {what} {quote(name)}."
                draft.tell_key(code, (section, name), message, "Name it where it belongs, or take it out.")
