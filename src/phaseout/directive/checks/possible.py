"""Tests that no device can pass: an iPhone that runs Android, version 17 below 16, Apple and not Apple."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from phaseout.directive.draft import Draft, Path
from phaseout.directive.shape import TestShape, VersionShape
from phaseout.model.device import APPLE_NAMES, APPLE_SYSTEMS, NEVER_APPLE, SYSTEM_FORMS

_MODELS: Final[dict[str, dict[str, frozenset[str]]]] = {
    "iphone": {"maker": frozenset({"apple"}), "platform": frozenset({"ios"}), "form_factor": frozenset({"phone"})},
    "ipad": {"maker": frozenset({"apple"}), "platform": frozenset({"ios", "ipados"}), "form_factor": frozenset({"tablet"})},
    "ipod": {"maker": frozenset({"apple"}), "platform": frozenset({"ios"}), "form_factor": frozenset({"phone"})},
    "macbook": {"maker": frozenset({"apple"}), "form_factor": frozenset({"desktop"})},
    "sm-": {"maker": frozenset({"samsung"})},
    "pixel": {"maker": frozenset({"google"}), "platform": frozenset({"android"})},
}
"""What is sure of models by how their names begin; another system can be put on a computer."""


def conjuncts(path: Path, test: TestShape) -> Iterator[tuple[Path, TestShape]]:
    """Give the tests that must all hold when this one does."""
    yield path, test
    for place, part in enumerate(test.all_):
        yield from conjuncts((*path, "all", place), part)


def check_possible(draft: Draft, path: Path, test: TestShape) -> None:
    """Tell tests that exclude each other.

    Args:
        draft: the directive.
        path: of the test.
        test: one that is no part of an ``all``.
    """
    together = [part for _, part in conjuncts(path, test)]
    left = {key: _left(draft, together, key) for key in ("maker", "platform", "form_factor")}
    message = next(_excluded(left), None)
    if message is not None:
        draft.tell("PO153", path, f"No device can pass: {message}.", "Put them under one key, or use any instead of all.")
    _versions(draft, path, test)


_NAMES: Final = {"maker": "makers", "platform": "platforms", "form_factor": "form factors"}


def _excluded(left: dict[str, frozenset[str] | None]) -> Iterator[str]:
    """Say what of the values that are left for each key excludes what."""
    for key, values in left.items():
        if values is not None and not values:
            yield f"the {_NAMES[key]} asked for exclude each other"
    makers, platforms, forms = left["maker"], left["platform"], left["form_factor"]
    if makers and platforms and "apple" not in makers and platforms <= APPLE_SYSTEMS:
        yield "the platforms asked for are Apple's, and the makers are not"
    if makers and makers <= APPLE_NAMES and platforms and platforms <= {*NEVER_APPLE, "chromeos"}:
        yield "none of the platforms asked for runs on Apple's devices"
    if platforms and forms and not any(forms & SYSTEM_FORMS.get(platform, forms) for platform in platforms):
        yield "the platforms asked for run on no device of such a form factor"


def _left(draft: Draft, together: list[TestShape], key: str) -> frozenset[str] | None:
    """Return the values that a key may have when all tests hold; None for any."""
    sets = [_values(draft, part, key) for part in together if getattr(part, key)]
    # An order that says itself what a maker's names are may name it otherwise than models do.
    if key != "maker" or not draft.shape.makers:
        sets += [values for part in together if (values := _of_models(part.model, key)) is not None]
    if not sets:
        return None
    left = frozenset.intersection(*sets)
    for part in together:
        if part.not_ is not None and part.not_.model_fields_set == {key}:
            left -= _values(draft, part.not_, key)
    return left


def _of_models(patterns: tuple[str, ...], key: str) -> frozenset[str] | None:
    """Return the values of a key that models of some patterns have; None for any."""
    told = [next((facts for begin, facts in _MODELS.items() if each.casefold().startswith(begin)), {}) for each in patterns]
    values = [facts.get(key) for facts in told]
    return frozenset().union(*(each for each in values if each)) if values and all(values) else None


def _values(draft: Draft, test: TestShape, key: str) -> frozenset[str]:
    """Return a key's values; a maker stands for all of its names."""
    values: tuple[str, ...] = getattr(test, key)
    if key != "maker":
        return frozenset(values)
    makers = draft.shape.makers
    names = [(makers[id_].name, *makers[id_].brands, *makers[id_].affiliates) if id_ in makers else (id_,) for id_ in values]
    return frozenset(name.casefold() for each in names for name in each)


def _versions(draft: Draft, path: Path, test: TestShape) -> None:
    """Tell ranges of versions that no version lies in."""
    together = list(conjuncts(path, test))
    ranges = [part.version for _, part in together if part.version is not None]
    at = next(((*part_path, "version") for part_path, part in together if part.version is not None), path)
    lowest = max((_padded(one.at_least) for one in ranges if one.at_least is not None), default=_padded(()))
    highest = min((_padded(one.below) for one in ranges if one.below is not None), default=None)
    if highest is not None and lowest >= highest:
        draft.tell("PO154", at, "No version lies in this range.", "Make at_least lower than below.")
    if any(_says_nothing(one) for one in ranges) and not draft.was_cut(at):
        draft.tell("PO154", at, "This range names no version.", "Write at_least, below, or both.")


def _says_nothing(version: VersionShape) -> bool:
    return version.at_least is None and version.below is None


def _padded(version: tuple[int, ...]) -> tuple[int, ...]:
    """Return a version in five parts: 16 and 16.0 are the same version."""
    return (*version, 0, 0, 0, 0, 0)[:5]
