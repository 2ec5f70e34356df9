"""A directive that has the right shape and whose meaning is being checked."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from phaseout.directive.collected import Collected
from phaseout.directive.fit import Fitted
from phaseout.directive.shape import DirectiveShape, TestShape
from phaseout.directive.tree import Step, Table, find, is_told, key_mark, mark_at

Path = tuple[Step, ...]


class Draft(Struct, frozen=True):
    """What the checks of meaning look at.

    Attributes:
        fitted: the values with their places; what did not fit is cut out.
        faults: where what is wrong is told.
    """

    fitted: Fitted[DirectiveShape]
    faults: Collected

    @property
    def shape(self) -> DirectiveShape:
        """The values."""
        return self.fitted.shape

    def tell(self, code: str, path: Path, message: str, way_out: str) -> None:
        """Tell a fault at the value that a path leads to, unless that is told already."""
        if is_told(self.fitted.tree, path):
            return
        self.faults.add(code, mark_at(self.fitted.tree, path), message, way_out)

    def tell_key(self, code: str, path: Path, message: str, way_out: str) -> None:
        """Tell a fault at the key that a path ends in."""
        self.faults.add(code, key_mark(self.fitted.tree, path), message, way_out)

    def was_cut(self, path: Path) -> bool:
        """Tell whether something was taken out of the table at the end of a path: it says more than is left of it."""
        node = find(self.fitted.tree, path)
        return isinstance(node, Table) and node.cut

    def tests(self) -> Iterator[tuple[Path, TestShape]]:
        """Give every device test with its path, the outer ones before those within them."""
        for name, device_class in self.shape.devices.items():
            yield from tests_in(device_class.is_, ("devices", name, "is"))


def tests_in(test: TestShape, path: Path) -> Iterator[tuple[Path, TestShape]]:
    """Give a test and all tests within it, each with its path."""
    yield path, test
    for key, parts in (("any", test.any_), ("all", test.all_)):
        for place, part in enumerate(parts):
            yield from tests_in(part, (*path, key, place))
    if test.not_ is not None:
        yield from tests_in(test.not_, (*path, "not"))
