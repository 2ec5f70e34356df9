"""Device classes: no circles, no test that says nothing, none that no device can pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from phaseout.directive.checks.possible import check_possible, conjuncts
from phaseout.directive.draft import Draft, Path, tests_in
from phaseout.directive.shape import DeviceClassShape, TestShape
from phaseout.directive.wording import quote

PARTS_AT_MOST: Final = 2_000
DEPTH_AT_MOST: Final = 64
"""How many tests a class may hold, and how deep, when every class that it names is written out: whoever walks it may recurse."""


def check_classes(draft: Draft) -> None:
    """Tell what is wrong with device classes."""
    _no_circles(draft)
    for path, test in draft.tests():
        if not test.model_fields_set and not draft.was_cut(path):
            draft.tell(
                "PO147",
                path,
                "This test says nothing, so every device would pass.",
                "Name a maker, a platform, or another field.",
            )
        if path[-2:-1] != ("all",):
            check_possible(draft, path, test)
        if any(part.not_ in test.any_ for part in test.any_ if part.not_ is not None and part.model_fields_set == {"not_"}):
            message = "One of these tests is the contrary of another, so every device passes."
            draft.tell("PO156", (*path, "any"), message, "Take one of the two out.")
    for name, device_class in draft.shape.devices.items():
        path = ("devices", name, "is")
        _versions_have_platforms(draft, path, device_class.is_, above=False)


def _uses(device_class: DeviceClassShape) -> Iterator[str]:
    """Give the names of the classes that a class is made of, as often as it names them."""
    for _, test in tests_in(device_class.is_, ()):
        yield from test.class_


class _Size(Struct, frozen=True):
    """How much a class holds when every class that it names is written out."""

    parts: int = 0
    depth: int = 0

    @property
    def too_large(self) -> bool:
        return self.parts > PARTS_AT_MOST or self.depth > DEPTH_AT_MOST


def _no_circles(draft: Draft) -> None:
    classes = draft.shape.devices
    uses = {name: tuple(used for used in _uses(one) if used in classes) for name, one in classes.items()}
    sizes: dict[str, _Size] = {}
    for name in classes:
        circle = _measure(name, classes, uses, sizes)
        if circle:
            way = " → ".join((*circle[:8], *(("…",) if len(circle) > 8 else ()), circle[0]))  # noqa: PLR2004 - enough to see it
            draft.tell_key(
                "PO146", ("devices", circle[0]), f"Device classes lead in a circle: {way}.", "Take one of the names out."
            )
    for name, size in sizes.items():
        if size.too_large and not any(sizes[used].too_large for used in uses[name]):
            message = (
                f"With every class that it names written out, {quote(name)} holds more than {PARTS_AT_MOST} tests, "
                f"or stands more than {DEPTH_AT_MOST} deep."
            )
            draft.tell_key("PO148", ("devices", name), message, "Name fewer classes in it.")


def _measure(
    start: str,
    classes: Mapping[str, DeviceClassShape],
    uses: Mapping[str, Sequence[str]],
    sizes: dict[str, _Size],
) -> tuple[str, ...]:
    """Count the tests of a class with every class that it names written out.

    Args:
        start: the class.
        classes: all of them.
        uses: for each the classes that it names, as often as it names them.
        sizes: what is counted already; counts are added here. What leads into a circle counts nothing.

    Returns:
        The circle that this class is the first to lead into, or nothing. Walked with a stack of our own: chains may be long.
    """
    way: dict[str, Iterator[str]] = {start: iter(uses[start])} if start not in sizes else {}
    circle: tuple[str, ...] = ()
    while way:
        name, rest = next(reversed(way.items()))
        waiting = next((used for used in rest if used not in sizes), None)
        if waiting is None:
            sizes[name] = _written_out(classes[name], [sizes.get(used, _Size()) for used in uses[name]])
            del way[name]
        elif waiting not in way:
            way[waiting] = iter(uses[waiting])
        elif not circle:
            whole = tuple(way)
            circle = whole[whole.index(waiting) :]
    return circle


def _written_out(device_class: DeviceClassShape, below: Sequence[_Size]) -> _Size:
    """Add up a class and those that it names; counting stops a little above the limit."""
    paths = [path for path, _ in tests_in(device_class.is_, ())]
    parts = len(paths) + sum(size.parts for size in below)
    depth = max(len(path) for path in paths) + 1 + max((size.depth for size in below), default=0)
    return _Size(min(parts, PARTS_AT_MOST + 1), min(depth, DEPTH_AT_MOST + 1))


def _versions_have_platforms(draft: Draft, path: Path, test: TestShape, *, above: bool) -> None:
    """Tell versions that would be held against every platform's: below 16 is old for iOS, and new for Android."""
    together = list(conjuncts(path, test))
    named = above or any(part.platform or part.class_ or part.app or draft.was_cut(at) for at, part in together)
    for part_path, part in together:
        if part.version is not None and not named:
            message = "This version is held against every platform's."
            draft.tell("PO155", (*part_path, "version"), message, "Name the platform beside it.")
        inner = [((*part_path, "any", place), one) for place, one in enumerate(part.any_)]
        inner += [((*part_path, "not"), part.not_)] if part.not_ is not None else []
        for inner_path, one in inner:
            _versions_have_platforms(draft, inner_path, one, above=named)
